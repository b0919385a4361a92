"""The client: asks a model within a budget and records every exchange before its reply is used."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from lapt_dsl.diagnostics.diagnostic import LaptError, ModelLibraryMissingError
from lapt_dsl.propose.exchange import (
    JSON,
    Exchange,
    MemoryTranscript,
    Message,
    Mode,
    Reply,
    Request,
    Task,
    Transcript,
)
from lapt_dsl.propose.model.budget import ModelBudget
from lapt_dsl.propose.model.detect import detect
from lapt_dsl.propose.model.failures import failure, raised_again, recorded
from lapt_dsl.propose.model.modes import error_in, needs_tool, shape
from lapt_dsl.propose.model.options import ClientOptions, missing_library, takes_grammar
from lapt_dsl.propose.model.replay import ReplayTranscript, recorded_mode

if TYPE_CHECKING:
    from lapt_dsl.propose.model.answers import ServerAnswer
    from lapt_dsl.propose.model.transport import Wire


QUICK = 10.0
"""Time-out in seconds for requests that do not involve the model."""


class Client:
    """A language model behind an OpenAI-compatible interface.

    Requests that the transcript holds are not sent again, so a resumed run continues where it stopped. The cost of
    recorded exchanges counts towards the budget. With a replay, no request is sent.
    """

    def __init__(
        self,
        options: ClientOptions,
        budget: ModelBudget | None = None,
        transcript: Transcript | None = None,
        *,
        replay: ReplayTranscript | None = None,
        wait: Callable[[float], None] = time.sleep,
        say: Callable[[str], None] | None = None,
    ) -> None:
        """Create a client without sending anything.

        Args:
            options: Address, model and decoding options.
            budget: The budget; None means no limit.
            transcript: Where exchanges are recorded; None keeps them in memory.
            replay: A recorded run whose replies are returned instead of asking a server.
            wait: Waits between attempts, in seconds.
            say: Called with notices for the user, such as the chosen mode.
        """
        self.options = options
        self.budget = ModelBudget() if budget is None else budget
        self.transcript: Transcript = MemoryTranscript() if transcript is None else transcript
        self.last: Exchange | None = None
        self._replay = replay
        self._wait = wait
        self._say = say
        self._wire: Wire | None = None
        self._mode: Mode | None = None if options.mode == "auto" else options.mode
        self._asked: Counter[str] = Counter()
        self.budget.restore(self.transcript.exchanges())

    @property
    def mode(self) -> Mode:
        """How the grammar constrains replies. With `auto`, this sends requests to the server.

        Raises:
            LaptError: The server does not answer (see `exchange`), or E851, the replay holds no exchange.
        """
        if self._mode is None:
            known = self.transcript.exchanges() or (self._replay.exchanges() if self._replay is not None else ())
            before = recorded_mode(known)
            if before is not None:
                self._mode = before[1]
                self._tell(f"mode {self._mode}, as recorded")
            elif self._replay is not None:
                raise failure("E851", f"`{self._replay.path}` holds no exchange to replay", where=self._replay.path)
            else:
                found = detect(self)
                self._mode = found.mode
                self._tell(f"mode {found.mode}: {found.why}")
        return self._mode

    def request(
        self,
        task: Task,
        messages: Sequence[Message],
        grammar: str | None = None,
        schema: Mapping[str, JSON] | None = None,
        *,
        mode: Mode | None = None,
        parameters: Mapping[str, JSON] | None = None,
    ) -> Request:
        """A request with the settings of this client. Grammar and schema are kept only in modes that send them.

        Args:
            task: Purpose of the answer.
            messages: The conversation.
            grammar: The Lark grammar of an answer.
            schema: The JSON schema of an answer.
            mode: Overrides the mode of the client.
            parameters: Decoding parameters that override those of the client.
        """
        how = mode or self.mode
        return Request(
            task,
            tuple(messages),
            self.options.model,
            how,
            grammar if takes_grammar(how) else None,
            schema if how == "json_schema" else None,
            {**self.options.parameters(how), **(parameters or {})},
        )

    def ask(self, request: Request) -> Reply:
        """The answer of the model: recorded, replayed, or new and recorded before it is returned.

        Raises:
            LaptError: E841 to E849, E852, E856, E857, there is no usable answer (recorded as well); E850, the budget is
                exhausted; E851, the replay lacks the request; E853, the grammar is invalid; E854, the exchange cannot
                be recorded; E855, the SDK is not installed.
        """
        exchange = self.exchange(request)
        if exchange.failure is not None:
            raise raised_again(exchange.failure)
        assert exchange.reply is not None
        return exchange.reply

    def exchange(self, request: Request, *, unchecked: bool = False) -> Exchange:
        """As `ask`, but a failure of the model or server is returned in the exchange instead of raised.

        `unchecked` also sends an invalid grammar, to test the server.
        """
        occurrence = self._asked[request.digest]
        known = self.transcript.find(request.digest, occurrence)
        if known is None:
            known = self._new(request, occurrence, unchecked)
        self._asked[request.digest] += 1
        self.last = known
        return known

    def look(self, path: str) -> str:
        """Get a path outside the OpenAI interface, or with `/models` the list of models.

        Raises:
            LaptError: As for `exchange`, and E850 if the budget has no seconds left.
        """
        seconds = min(QUICK, self.options.timeout, self.budget.seconds_left)
        if seconds <= 0:
            raise failure("E850", "the budget for the model is exhausted: no seconds are left")
        begun = time.monotonic()
        try:
            return (self.wire.models(seconds) if path == "/models" else self.wire.get(path, seconds)).text
        finally:
            self.budget.wait(time.monotonic() - begun)

    def settle(self, outcome: str) -> None:
        """Record the outcome of the last reply."""
        if self.last is not None:
            self.transcript.settle(self.last.number, outcome)

    def skip(self, count: int) -> None:
        """Skip the first `count` recorded exchanges, whose results are known already."""
        self._asked = Counter(exchange.request.digest for exchange in self.transcript.exchanges()[:count])

    @property
    def wire(self) -> Wire:
        """The connection. Raises LaptError (E855) if the SDK is not installed."""
        if self._wire is None:
            try:
                from lapt_dsl.propose.model.transport import Wire
            except ImportError as error:
                raise missing_library("the openai library") from error
            self._wire = Wire(self.options, self._wait)
        return self._wire

    def close(self) -> None:
        """Close the connections."""
        if self._wire is not None:
            self._wire.close()
            self._wire = None

    def __repr__(self) -> str:
        return f"Client({self.options!r})"

    def _new(self, request: Request, occurrence: int, unchecked: bool) -> Exchange:
        """An exchange that is not in the transcript: replayed or new."""
        number = len(self.transcript.exchanges())
        if self._replay is not None:
            self.budget.check(request)
            found = self._replay.find(request.digest, occurrence)
            if found is None:
                raise self._replay.miss(request, number, occurrence)
            exchange = Exchange(number, found.request, found.reply, found.failure, seconds=found.seconds)
        else:
            if request.grammar is not None and not unchecked:
                check_grammar(request.grammar)
            self.budget.check(request)
            exchange = self._call(number, request)
        self.transcript.add(exchange)
        self.budget.charge(exchange)
        return exchange

    def _call(self, number: int, request: Request) -> Exchange:
        begun = time.monotonic()
        reply: Reply | None = None
        problem: LaptError | None
        try:
            reply, problem = self._answer(request)
        except ModelLibraryMissingError:
            raise
        except LaptError as error:
            problem = error
        seconds = round(time.monotonic() - begun, 3)
        return Exchange(number, request, reply, None if problem is None else recorded(problem), seconds=seconds)

    def _answer(self, request: Request) -> tuple[Reply | None, LaptError | None]:
        interface, arguments = shape(request)
        seconds = min(self.options.timeout, self.budget.seconds_left)
        body = self.wire.post(interface, arguments, seconds)
        from lapt_dsl.propose.model.answers import read

        if not body.text.strip():
            return None, failure("E846", "the server sent an empty response")
        try:
            value = json.loads(body.text)
        except RecursionError:
            return None, failure("E848", "the reply is nested too deeply")
        except ValueError:
            return None, failure("E848", f"the reply is {_kind(body.text)}, not JSON")
        words = error_in(value)
        if words is not None:
            return None, failure("E845", f"the server failed: {self.wire.shown(words)}")
        try:
            answer = read(interface, value)
            # JSON escapes can hide the key, or half a surrogate pair, from checks on the raw body.
            text = self.wire.redact(answer.text)
            text.encode("utf-8")
        except UnicodeEncodeError:
            return None, failure("E848", "the reply holds half a surrogate pair")
        except ValueError as error:
            return None, failure("E848", f"the reply has an unknown format: {error}")
        reply = Reply(text, answer.usage, round(body.seconds, 3), self.wire.shown(answer.finish))
        return reply, self._complaint(request, answer)

    def _complaint(self, request: Request, answer: ServerAnswer) -> LaptError | None:
        """Why an answer cannot be used, or None."""
        if answer.refusal is not None:
            return failure("E849", f"the model refused: {self.wire.shown(answer.refusal)}")
        if answer.finish == "length":
            most = request.parameters.get("max_tokens")
            return failure("E847", f"the reply did not end within {most} tokens ({len(answer.text):,} characters)")
        if needs_tool(request) and not answer.called:
            return failure("E852", "the reply did not use the tool that applies the grammar")
        if not answer.text.strip():
            beside = f" except for {answer.reasoning:,} characters of reasoning" if answer.reasoning else ""
            return failure("E846", f"the reply is empty{beside}")
        return None

    def _tell(self, words: str) -> None:
        if self._say is not None:
            self._say(words)


def _kind(text: str) -> str:
    start = text.lstrip()[:15].lower()
    return "a web page" if start.startswith(("<!doctype html", "<html")) else "text"


def check_grammar(grammar: str) -> None:
    """Reject a grammar that decoders do not accept. Raises LaptError (E853) with the problems."""
    problems = _problems(grammar)
    if problems:
        raise failure("E853", f"the grammar of the replies is invalid, so nothing was sent: {'; '.join(problems[:3])}")


@lru_cache(maxsize=8)
def _problems(grammar: str) -> tuple[str, ...]:
    from lapt_dsl.compiler.targets.decoder.grammar import validate

    return tuple(validate(grammar))
