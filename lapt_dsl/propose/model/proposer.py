"""A language model as a proposer. Replies are validated, sent back, fixed, or replaced by a fallback."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lapt_dsl.compiler.space.model import Space
from lapt_dsl.diagnostics.diagnostic import Diagnostic, LaptError, ModelSetupError, UnusableReplyError
from lapt_dsl.language.replies.reply import answer
from lapt_dsl.propose.archive import Archive
from lapt_dsl.propose.exchange import Exchange, Mode, Task, Transcript
from lapt_dsl.propose.model.autofix import autofixed
from lapt_dsl.propose.model.decoding import ReplyConstraint, constraint_for, file_in, is_constrained, messages_for
from lapt_dsl.propose.model.failures import raised_again
from lapt_dsl.propose.model.mirrored_transcript import MirroredTranscript
from lapt_dsl.propose.model.transcripts import FileTranscript
from lapt_dsl.propose.model.validation import (
    KEEP_SHARE,
    AcceptanceCriteria,
    ValidationResult,
    to_follow,
    to_learn,
    validate,
)
from lapt_dsl.propose.prompts.prompt import Prompt
from lapt_dsl.propose.prompts.question import PromptParts
from lapt_dsl.propose.prompts.repair import repair_prompt
from lapt_dsl.propose.prompts.tasks import adapt_prompt, explore_prompt, learn_prompt
from lapt_dsl.propose.prompts.tokens import BUDGET
from lapt_dsl.propose.proposer import Proposer, SearchState

if TYPE_CHECKING:
    from lapt_dsl.propose.model.client import Client

ROUNDS = 2
"""Default number of times that diagnostics are sent back."""

FILE = "answer.lp"
"""Name of an answer in diagnostics."""

ACCEPTED, AFTER_FIX, SENT_BACK = "accepted", "accepted after fix", "sent back"
REFUSED, FELL_BACK, FAILED = "refused", "fell back", "failed"


@dataclass(frozen=True, slots=True)
class WriterOptions:
    """Options of a model proposer.

    Attributes:
        rounds: Number of times that diagnostics are sent back.
        digest: Whether prompts contain a digest of the architectures.
        prompt_tokens: Maximum tokens of a prompt.
        keep_share: Minimum share of the evidence that an answer must keep.
    """

    rounds: int = ROUNDS
    digest: bool = True
    prompt_tokens: int = BUDGET
    keep_share: float = KEEP_SHARE


@dataclass(frozen=True, slots=True)
class Written:
    """How a file was obtained.

    Attributes:
        task: Purpose of the file.
        replies: Number of replies.
        outcome: `accepted`, `accepted after fix`, or `fell back` if the fallback wrote the file.
        why: Why the fallback was used.
    """

    task: Task
    replies: int
    outcome: str
    why: str = ""


@dataclass
class _Tried:
    """The attempts at one question: the prompt, the constraint on replies, the result of each reply, and the exchange
    that is not settled yet."""

    task: Task
    prompt: Prompt
    criteria: AcceptanceCriteria
    mode: Mode
    constraint: ReplyConstraint
    replies: list[tuple[Exchange, ValidationResult]] = field(default_factory=list)
    open: Exchange | None = None

    @property
    def account(self) -> str:
        """Every reply with its first error, in words."""
        parts = []
        for number, (_, result) in enumerate(self.replies, 1):
            first = next(item for item in result.diagnostics if item.severity == "error")
            parts.append(f"reply {number}: {first.code} {first.message}")
        return "; ".join(parts)


class ModelProposer:
    """A language model as a proposer.

    Each answer is validated. Diagnostics are sent back to the model up to `rounds` times. Then the fixes of
    `lapt lint --fix` are tried on its answers, the last one first. If none becomes acceptable, the `fallback` writes
    the file, or E860 is raised. The transcript of the client records the outcome of each reply.
    """

    def __init__(
        self,
        space: Space,
        archive: Archive | None,
        top: int,
        client: Client,
        options: WriterOptions | None = None,
        *,
        fallback: Proposer | None = None,
        watch: Callable[[Written], None] = lambda written: None,
        validated: Callable[[Exchange, ValidationResult], None] = lambda exchange, result: None,
    ) -> None:
        """Create a proposer without asking anything.

        Args:
            space: The space.
            archive: All known scores of the source task, as contrast; None without transfer.
            top: Number of best architectures that principles are learned from.
            client: Asks the model and records its replies.
            options: The options.
            fallback: Writes a file if the model cannot; None raises.
            watch: Called after each file.
            validated: Called after the validation of each reply.
        """
        self.space, self.archive, self.top, self.client = space, archive, top, client
        self.options = options if options is not None else WriterOptions()
        self.fallback, self.watch, self.validated = fallback, watch, validated

    def record_in(self, transcript: Transcript) -> None:
        """Record in `transcript` from now on, and charge the exchanges that it holds to the budget of the client.

        A transcript file of the client is continued too. Raises LaptError (E854) if it belongs to another run.
        """
        written, known = self.client.transcript, transcript.exchanges()
        if isinstance(written, FileTranscript):
            # The exchanges in the file were charged when the client was created.
            known = known[len(written.exchanges()) :]
            transcript = MirroredTranscript(transcript, written)
        self.client.transcript = transcript
        self.client.budget.restore(known)

    def learn(self, archive: Archive) -> str:
        """Principles learned from the `top` best of an archive.

        Raises:
            LaptError: E860, no answer was accepted; E84x and E85x, the model did not answer.
        """
        best = archive.top(self.top)
        everything = self._contrast(best) or archive
        return self._written(
            "learn",
            lambda: learn_prompt(self.space, everything, len(best), **self._choices()),
            lambda: to_learn(best, self.options.keep_share),
            lambda proposer: proposer.learn(archive),
        )

    def adapt(self, principles: str, state: SearchState) -> str:
        """Principles adapted to the best found. Errors as for `learn`."""
        return self._written(
            "adapt",
            lambda: adapt_prompt(self.space, principles, state, **self._choices()),
            lambda: to_follow(principles, state, False, self.options.keep_share),
            lambda proposer: proposer.adapt(principles, state),
        )

    def explore(self, principles: str, state: SearchState) -> str:
        """Principles opened to excluded choices. Errors as for `learn`."""
        return self._written(
            "explore",
            lambda: explore_prompt(self.space, principles, state, **self._choices()),
            lambda: to_follow(principles, state, True, self.options.keep_share),
            lambda proposer: proposer.explore(principles, state),
        )

    def _contrast(self, best: Archive) -> Archive | None:
        """The whole archive, if `best` are its best entries."""
        known = self.archive
        return known if known is not None and list(known.top(len(best))) == list(best) else None

    def _choices(self) -> PromptParts:
        return {
            "digest": self.options.digest,
            "budget_tokens": self.options.prompt_tokens,
            "constrained": is_constrained(self.client.mode),
        }

    def _written(
        self,
        task: Task,
        prompt: Callable[[], Prompt],
        criteria: Callable[[], AcceptanceCriteria],
        otherwise: Callable[[Proposer], str],
    ) -> str:
        tried: _Tried | None = None
        try:
            asked, mode = prompt(), self.client.mode
            tried = _Tried(task, asked, criteria(), mode, constraint_for(self.space, asked, mode))
            text, outcome = self._asked(tried), ACCEPTED
            if text is None:
                text, outcome = self._fixed(tried), AFTER_FIX
            if text is None:
                raise _refusal(tried, self.options.rounds)
        except LaptError as error:
            return self._given_up(error, task, tried, otherwise)
        self.watch(Written(task, len(tried.replies), outcome))
        return text

    def _asked(self, tried: _Tried) -> str | None:
        """The first accepted answer, with diagnostics sent back between replies; None after the last round."""
        prompt = tried.prompt
        for turn in range(self.options.rounds + 1):
            exchange, result = self._reply(tried, prompt, "repair" if turn else tried.task)
            tried.replies.append((exchange, result))
            self.validated(exchange, result)
            if result.text is not None:
                self._settle(exchange, ACCEPTED)
                return result.text
            if turn < self.options.rounds:
                prompt = self._repair(tried, exchange, result)
                self._settle(exchange, SENT_BACK)
                tried.open = None
        return None

    def _reply(self, tried: _Tried, prompt: Prompt, task: Task) -> tuple[Exchange, ValidationResult]:
        """Ask once. Raises LaptError if there is nothing to validate."""
        client, constraint = self.client, tried.constraint
        request = client.request(
            task, messages_for(prompt, tried.mode), constraint.grammar, constraint.schema, mode=tried.mode
        )
        exchange = tried.open = client.exchange(request)
        if exchange.failure is not None:
            error = raised_again(exchange.failure)
            if not isinstance(error, UnusableReplyError):
                raise error
            # A reply that was cut off may hold a file without its end, which fixes can close.
            cut = answer(exchange.reply.text) if exchange.reply is not None else None
            return exchange, ValidationResult(None, tuple(error.diagnostics), None, cut)
        assert exchange.reply is not None
        try:
            text = file_in(exchange.reply.text, self.space, tried.prompt, tried.mode)
        except LaptError as error:
            return exchange, ValidationResult(None, tuple(error.diagnostics), None, None)
        return exchange, validate(text, tried.criteria, FILE)

    def _repair(self, tried: _Tried, exchange: Exchange, result: ValidationResult) -> Prompt:
        words, numbers = _sorted(result)
        said = exchange.reply.text if exchange.reply is not None else ""
        text = result.answer.text if result.answer is not None else said
        return repair_prompt(
            self.space,
            tried.prompt,
            text,
            words,
            file=FILE,
            numbers=numbers,
            constrained=is_constrained(tried.mode),
            budget_tokens=self.options.prompt_tokens,
        )

    def _fixed(self, tried: _Tried) -> str | None:
        """The last answer that mechanical fixes make acceptable, or None."""
        for exchange, result in reversed(tried.replies):
            better, _ = autofixed(result, tried.criteria, FILE)
            if better is not None and better.text is not None:
                if tried.open is not None:
                    self._settle(tried.open, REFUSED)
                self._settle(exchange, AFTER_FIX)
                return better.text
        return None

    def _given_up(
        self, error: LaptError, task: Task, tried: _Tried | None, otherwise: Callable[[Proposer], str]
    ) -> str:
        """The text of the fallback if it may be used, else raise the error. The open exchange is settled."""
        last = tried.open if tried is not None else None
        use_fallback = self.fallback is not None and not isinstance(error, ModelSetupError)
        if last is not None:
            self._settle(last, FELL_BACK if use_fallback else FAILED if last.failure is not None else REFUSED)
        if self.fallback is None or not use_fallback:
            raise error
        text = otherwise(self.fallback)
        self.watch(Written(task, len(tried.replies) if tried is not None else 0, FELL_BACK, str(error)))
        return text

    def _settle(self, exchange: Exchange, outcome: str) -> None:
        self.client.transcript.settle(exchange.number, outcome)


def _sorted(result: ValidationResult) -> tuple[list[Diagnostic], list[str]]:
    """Diagnostics with a place in the text, and sentences about the answer as a whole."""
    words: list[Diagnostic] = []
    whole: list[str] = []
    for item in result.inside:
        if item.code.startswith(("E84", "E86")):
            notes = "".join(f"; {note.message}" for note in item.notes)
            whole.append(f"{item.message}{notes}: {item.hint}")
        else:
            words.append(item)
    return words, whole


def _refusal(tried: _Tried, rounds: int) -> LaptError:
    sent = f"{rounds} time{'' if rounds == 1 else 's'}"
    message = (
        f"no reply to `{tried.task}` was accepted: diagnostics were sent back {sent}, then fixes were tried; "
        f"{tried.account}"
    )
    hint = "use a larger model, more --rounds, a smaller --keep-share, or --fallback induction"
    if any(item.code == "E847" for _, result in tried.replies for item in result.diagnostics):
        hint = (
            "use a larger --max-tokens, a larger model, more --rounds, a smaller --keep-share, or --fallback induction"
        )
    return LaptError.of("E860", message, "<model>", hint=hint)
