"""The proposer that is a language model: asked, judged, sent its findings, mended, and else refused or replaced."""

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
from lapt_dsl.propose.model.decoding import Hold, file_in, hold, is_held, messages_for
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
"""How often a model gets its findings back unless it is told otherwise."""

FILE = "answer.lp"
"""What findings about an answer call it."""

ACCEPTED, AFTER_FIX, SENT_BACK = "accepted", "accepted after fix", "sent back"
REFUSED, FELL_BACK, FAILED = "refused", "fell back", "failed"


@dataclass(frozen=True, slots=True)
class WriterOptions:
    """How a model is asked.

    Attributes:
        rounds: How often its findings are sent back.
        digest: Whether prompts hold a digest of the architectures.
        prompt_tokens: What a prompt may take.
        keep_share: Share of the evidence that an answer must keep.
    """

    rounds: int = ROUNDS
    digest: bool = True
    prompt_tokens: int = BUDGET
    keep_share: float = KEEP_SHARE


@dataclass(frozen=True, slots=True)
class Written:
    """How a file came about.

    Attributes:
        task: What it was asked for.
        replies: How many replies there were.
        outcome: `accepted`, `accepted after fix`, or `fell back` for another proposer's text.
        why: What was wrong with the last reply, for one that fell back.
    """

    task: Task
    replies: int
    outcome: str
    why: str = ""


@dataclass
class _Tried:
    """A question under way: what was asked and how its answer is held, what came of each reply, and the exchange that
    nothing has been made of yet."""

    task: Task
    prompt: Prompt
    standard: AcceptanceCriteria
    mode: Mode
    hold: Hold
    replies: list[tuple[Exchange, ValidationResult]] = field(default_factory=list)
    open: Exchange | None = None

    @property
    def account(self) -> str:
        """Every reply with its first finding, in words."""
        said = []
        for number, (_, verdict) in enumerate(self.replies, 1):
            first = next(item for item in verdict.findings if item.severity == "error")
            said.append(f"reply {number}: {first.code} {first.message}")
        return "; ".join(said)


class ModelProposer:
    """A language model as a proposer.

    Each answer is judged. What is found goes back to the model, `rounds` times; then the mechanical fixes of
    `lapt lint --fix` are tried on what it wrote, the last answer first; then the answer is refused (E860), or the
    `fallback` writes the file. What became of each reply stands in the client's transcript.
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
        judged: Callable[[Exchange, ValidationResult], None] = lambda exchange, verdict: None,
    ) -> None:
        """Nothing is asked yet.

        Args:
            space: The space.
            archive: All that is known of the source task, for contrast; None where nothing is transferred.
            top: How many of an archive's best principles are learned from.
            client: Asks the model and records what it answers.
            options: How it is asked.
            fallback: Writes a file where the model cannot; None raises.
            watch: Told how each file came about.
            judged: Told what each reply was worth.
        """
        self.space, self.archive, self.top, self.client = space, archive, top, client
        self.options = options if options is not None else WriterOptions()
        self.fallback, self.watch, self.judged = fallback, watch, judged

    def record_in(self, transcript: Transcript) -> None:
        """Record in `transcript` from now on, and count what is recorded there against the client's budget.

        Where the client wrote a file so far, it goes on with that too. Raises LaptError (E854) for one of another run.
        """
        written, known = self.client.transcript, transcript.exchanges()
        if isinstance(written, FileTranscript):
            # What stood in the file was counted when the client was made.
            known = known[len(written.exchanges()) :]
            transcript = MirroredTranscript(transcript, written)
        self.client.transcript = transcript
        self.client.budget.restore(known)

    def learn(self, archive: Archive) -> str:
        """Principles behind the `top` best of an archive.

        Raises:
            LaptError: E860, no answer was accepted; E84x and E85x, the model could not be asked.
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
        """Principles updated by the best found. Errors as for `learn`."""
        return self._written(
            "adapt",
            lambda: adapt_prompt(self.space, principles, state, **self._choices()),
            lambda: to_follow(principles, state, False, self.options.keep_share),
            lambda proposer: proposer.adapt(principles, state),
        )

    def explore(self, principles: str, state: SearchState) -> str:
        """Principles opened to what those in force shut out. Errors as for `learn`."""
        return self._written(
            "explore",
            lambda: explore_prompt(self.space, principles, state, **self._choices()),
            lambda: to_follow(principles, state, True, self.options.keep_share),
            lambda proposer: proposer.explore(principles, state),
        )

    def _contrast(self, best: Archive) -> Archive | None:
        """The whole archive, where `best` are its best."""
        known = self.archive
        return known if known is not None and list(known.top(len(best))) == list(best) else None

    def _choices(self) -> PromptParts:
        return {
            "digest": self.options.digest,
            "budget_tokens": self.options.prompt_tokens,
            "constrained": is_held(self.client.mode),
        }

    def _written(
        self,
        task: Task,
        prompt: Callable[[], Prompt],
        standard: Callable[[], AcceptanceCriteria],
        otherwise: Callable[[Proposer], str],
    ) -> str:
        tried: _Tried | None = None
        try:
            asked, mode = prompt(), self.client.mode
            tried = _Tried(task, asked, standard(), mode, hold(self.space, asked, mode))
            text, outcome = self._asked(tried), ACCEPTED
            if text is None:
                text, outcome = self._mended(tried), AFTER_FIX
            if text is None:
                raise _refusal(tried, self.options.rounds)
        except LaptError as error:
            return self._given_up(error, task, tried, otherwise)
        self.watch(Written(task, len(tried.replies), outcome))
        return text

    def _asked(self, tried: _Tried) -> str | None:
        """The text of the first answer that is accepted, findings sent back in between; None after the last round."""
        prompt = tried.prompt
        for turn in range(self.options.rounds + 1):
            exchange, verdict = self._reply(tried, prompt, "repair" if turn else tried.task)
            tried.replies.append((exchange, verdict))
            self.judged(exchange, verdict)
            if verdict.text is not None:
                self._settle(exchange, ACCEPTED)
                return verdict.text
            if turn < self.options.rounds:
                prompt = self._repair(tried, exchange, verdict)
                self._settle(exchange, SENT_BACK)
                tried.open = None
        return None

    def _reply(self, tried: _Tried, prompt: Prompt, task: Task) -> tuple[Exchange, ValidationResult]:
        """Ask once. Raises LaptError where there is nothing that could be judged."""
        client, held = self.client, tried.hold
        request = client.request(task, messages_for(prompt, tried.mode), held.grammar, held.schema, mode=tried.mode)
        exchange = tried.open = client.exchange(request)
        if exchange.failure is not None:
            error = raised_again(exchange.failure)
            if not isinstance(error, UnusableReplyError):
                raise error
            # What was written until the limit may be a file that lacks its end: the fixes know how to close one.
            cut = answer(exchange.reply.text) if exchange.reply is not None else None
            return exchange, ValidationResult(None, tuple(error.diagnostics), None, cut)
        assert exchange.reply is not None
        try:
            text = file_in(exchange.reply.text, self.space, tried.prompt, tried.mode)
        except LaptError as error:
            return exchange, ValidationResult(None, tuple(error.diagnostics), None, None)
        return exchange, validate(text, tried.standard, FILE)

    def _repair(self, tried: _Tried, exchange: Exchange, verdict: ValidationResult) -> Prompt:
        words, numbers = _sorted(verdict)
        said = exchange.reply.text if exchange.reply is not None else ""
        text = verdict.answer.text if verdict.answer is not None else said
        return repair_prompt(
            self.space,
            tried.prompt,
            text,
            words,
            file=FILE,
            numbers=numbers,
            constrained=is_held(tried.mode),
            budget_tokens=self.options.prompt_tokens,
        )

    def _mended(self, tried: _Tried) -> str | None:
        """The first answer, from the last to the first, that the mechanical fixes make acceptable."""
        for exchange, verdict in reversed(tried.replies):
            better, _ = autofixed(verdict, tried.standard, FILE)
            if better is not None and better.text is not None:
                if tried.open is not None:
                    self._settle(tried.open, REFUSED)
                self._settle(exchange, AFTER_FIX)
                return better.text
        return None

    def _given_up(
        self, error: LaptError, task: Task, tried: _Tried | None, otherwise: Callable[[Proposer], str]
    ) -> str:
        """Another proposer's text where there is one; else the error, with what was asked settled."""
        last = tried.open if tried is not None else None
        goes_on = self.fallback is not None and not isinstance(error, ModelSetupError)
        if last is not None:
            self._settle(last, FELL_BACK if goes_on else FAILED if last.failure is not None else REFUSED)
        if self.fallback is None or not goes_on:
            raise error
        text = otherwise(self.fallback)
        self.watch(Written(task, len(tried.replies) if tried is not None else 0, FELL_BACK, str(error)))
        return text

    def _settle(self, exchange: Exchange, outcome: str) -> None:
        self.client.transcript.settle(exchange.number, outcome)


def _sorted(verdict: ValidationResult) -> tuple[list[Diagnostic], list[str]]:
    """What is wrong with words at a place, and sentences about what an answer is as a whole."""
    words: list[Diagnostic] = []
    whole: list[str] = []
    for item in verdict.inside:
        if item.code.startswith(("E84", "E86")):
            notes = "".join(f"; {note.message}" for note in item.notes)
            whole.append(f"{item.message}{notes}: {item.hint}")
        else:
            words.append(item)
    return words, whole


def _refusal(tried: _Tried, rounds: int) -> LaptError:
    sent = f"{rounds} time{'' if rounds == 1 else 's'}"
    message = (
        f"no reply to `{tried.task}` was accepted: findings were sent back {sent}, then mechanical fixes were tried; "
        f"{tried.account}"
    )
    hint = "a larger model, more --rounds, a smaller --keep-share, or --fallback induction"
    if any(item.code == "E847" for _, verdict in tried.replies for item in verdict.findings):
        hint = f"more --max-tokens, {hint}"
    return LaptError.of("E860", message, "<model>", hint=hint)
