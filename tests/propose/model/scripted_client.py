"""A client whose model is a function: everything else about it, transcript and budget included, is the real one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from lapt_dsl.diagnostics.diagnostic import LaptError
from lapt_dsl.propose.exchange import Mode, Reply, Request, Transcript, Usage
from lapt_dsl.propose.model.budget import ModelBudget
from lapt_dsl.propose.model.client import Client
from lapt_dsl.propose.model.failures import failure
from lapt_dsl.propose.model.options import ClientOptions

Model = Callable[[Request], str]
"""What is answered to a request; `E84x` in front stands for that failure, with what follows it as all that came."""


class ScriptedClient(Client):
    """Asks `model` in place of a server. `asked` holds what really was asked, replays and records left out."""

    def __init__(
        self,
        model: Model,
        *,
        mode: Mode = "plain",
        budget: ModelBudget | None = None,
        transcript: Transcript | None = None,
    ) -> None:
        super().__init__(ClientOptions("http://127.0.0.1:9/v1", "scripted", mode=mode), budget, transcript)
        self._model = model
        self.asked: list[Request] = []

    def _answer(self, request: Request) -> tuple[Reply | None, LaptError | None]:
        self.asked.append(request)
        text = self._model(request)
        if text.startswith("E84"):
            came = Reply(text[4:], None, 0.5, "length") if text[4:] else None
            return came, failure(text[:4], "the script says so")
        return Reply(text, Usage(100, 10), 0.5, "stop"), None


def in_turn(answers: Iterable[str]) -> Model:
    """These answers one after another, the last one for ever."""
    left: Sequence[str] = list(answers)
    count = iter(range(1_000_000))
    return lambda request: left[min(next(count), len(left) - 1)]
