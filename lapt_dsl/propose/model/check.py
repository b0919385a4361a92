"""`lapt models check`: a short conversation that determines what an endpoint really supports."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from lapt_dsl.diagnostics.diagnostic import (
    BudgetSpentError,
    KeyRefusedError,
    LaptError,
    ModelLibraryMissingError,
    ServerUnreachableError,
)
from lapt_dsl.propose.exchange import JSON, MODES, Exchange, Message, Mode
from lapt_dsl.propose.model.client import Client
from lapt_dsl.propose.model.detect import candidates, server_of
from lapt_dsl.propose.model.options import takes_grammar
from lapt_dsl.propose.model.probes import BROKEN_GRAMMAR, Probe, probe

Finding = Literal["yes", "no", "unknown"]

_LIST = "Name twenty rivers, one on each line, in any order you like."
_LIST_TOKENS = 40
_FEW_TOKENS = 8
_NOT_ASKED = "there was no time left to ask"


@dataclass(frozen=True, slots=True)
class ModeReport:
    """Whether a mode is honoured (`Probe.status`, or `not asked`), the reason, and the speed."""

    mode: Mode
    status: str
    why: str
    seconds: float | None = None
    tokens_per_second: float | None = None


@dataclass(frozen=True, slots=True)
class Fact:
    """One question about the endpoint, the answer, and the observation."""

    question: str
    finding: Finding
    seen: str


@dataclass
class CheckReport:
    """The report on an endpoint."""

    base_url: str
    model: str
    server: str | None = None
    modes: list[ModeReport] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)

    @property
    def best(self) -> Mode | None:
        """The mode to use: the first constrained one that is honoured, else `plain` if the model answers, else None."""
        for row in self.modes:
            if row.status == "honoured" and row.mode != "plain":
                return row.mode
        # A model that ignored a grammar answered as in mode `plain`.
        return "plain" if any(row.status in ("honoured", "ignored") for row in self.modes) else None


def check(client: Client, say: Callable[[str], None] | None = None) -> CheckReport:
    """Check the endpoint of a client, within the seconds of its budget.

    Args:
        client: The client. All modes are tried, whatever its own.
        say: Called with the next question.

    Raises:
        LaptError: The endpoint does not answer: E841, E842, E843, E844, E845, E848, E856.
    """
    notify = say or (lambda words: None)
    report = CheckReport(client.options.base_url, client.options.model)
    notify("which server and which models")
    report.server = server_of(client)
    report.facts.append(_is_listed(client))
    order = candidates(report.server)
    probes: list[Probe] = []
    _try_modes(client, report, order, probes, notify)
    report.facts.append(_usage(probes))
    for question, ask in (
        ("longest reply kept", _length),
        ("invalid grammar refused", lambda client: _refuses_broken(client, report.best)),
        ("same reply at temperature 0", _repeats),
        ("seed honoured at temperature 1", _seed),
    ):
        notify(question)
        finding, seen = _within_budget(ask, client)
        report.facts.append(Fact(question, finding, seen))
    # Modes that such a server usually lacks come last, since a slow server may use up the time before.
    _try_modes(client, report, [mode for mode in MODES if mode not in order], probes, notify)
    return report


def _try_modes(
    client: Client, report: CheckReport, modes: Sequence[Mode], probes: list[Probe], notify: Callable[[str], None]
) -> None:
    for mode in modes:
        notify(f"mode {mode}")
        report.modes.append(_mode(client, mode, probes))
    _raise_if_none_answered(probes)


def _mode(client: Client, mode: Mode, probes: list[Probe]) -> ModeReport:
    try:
        found = probe(client, mode)
    except BudgetSpentError:
        return ModeReport(mode, "not asked", _NOT_ASKED)
    probes.append(found)
    return ModeReport(mode, found.status, found.why, found.exchange.seconds, _speed(found.exchange))


def _raise_if_none_answered(probes: list[Probe]) -> None:
    """If every probe failed, raise the failure of mode `plain`."""
    if probes and all(found.status in ("failed", "refused") for found in probes):
        from lapt_dsl.propose.model.failures import raised_again

        last = next((found for found in probes if found.mode == "plain"), probes[-1])
        raise raised_again(last.exchange.failure or "E846: the reply is empty")


def _is_listed(client: Client) -> Fact:
    question, name = "model listed", client.options.model
    try:
        value = json.loads(client.look("/models"))
        names = [entry["id"] for entry in value["data"] if isinstance(entry["id"], str)]
    except (ServerUnreachableError, KeyRefusedError, ModelLibraryMissingError):
        raise
    except LaptError as error:
        return Fact(question, "unknown", error.diagnostics[0].message)
    except (ValueError, RecursionError, KeyError, TypeError):
        return Fact(question, "unknown", "the list of models has an unknown format")
    if name in names:
        return Fact(question, "yes", f"one of {len(names):,} in the list")
    shown = ", ".join(client.wire.shown(one) for one in names[:5])
    return Fact(question, "no", f"the list holds: {shown or 'nothing'}")


def _usage(probes: list[Probe]) -> Fact:
    replies = [found.exchange.reply for found in probes if found.exchange.reply is not None]
    reported = sum(reply.usage is not None for reply in replies)
    finding: Finding = "unknown" if not replies else "yes" if reported == len(replies) else "no"
    return Fact("tokens reported", finding, f"in {reported} of {len(replies)} replies")


def _within_budget(ask: Callable[[Client], tuple[Finding, str]], client: Client) -> tuple[Finding, str]:
    try:
        return ask(client)
    except BudgetSpentError:
        return "unknown", _NOT_ASKED
    except LaptError as error:
        return "unknown", error.diagnostics[0].message


def _plain(client: Client, **parameters: JSON) -> Exchange:
    asked = {"max_tokens": _LIST_TOKENS, **parameters}
    return client.exchange(client.request("check", (Message("user", _LIST),), mode="plain", parameters=asked))


def _text(exchange: Exchange) -> str | None:
    """The text of a reply, even if it was cut off; None for an empty one."""
    return exchange.reply.text if exchange.reply is not None and exchange.reply.text.strip() else None


def _length(client: Client) -> tuple[Finding, str]:
    exchange = _plain(client, max_tokens=_FEW_TOKENS)
    text, reply = _text(exchange), exchange.reply
    if text is None or reply is None:
        return "unknown", (exchange.failure or "")[6:]
    if reply.usage is not None:
        tokens = reply.usage.completion_tokens
        return "yes" if tokens <= _FEW_TOKENS else "no", f"{tokens} tokens where {_FEW_TOKENS} were allowed"
    # No token of a plain word is longer than this.
    short = len(text) <= 20 * _FEW_TOKENS
    return "yes" if short else "no", f"{len(text):,} characters where {_FEW_TOKENS} tokens were allowed"


def _repeats(client: Client) -> tuple[Finding, str]:
    one, other = (_text(_plain(client, temperature=0.0)) for _ in range(2))
    if one is None or other is None:
        return "unknown", "no answer to compare"
    return ("yes", "two equal replies") if one == other else ("no", "two different replies")


def _seed(client: Client) -> tuple[Finding, str]:
    texts = [_text(_plain(client, temperature=1.0, seed=seed)) for seed in (7, 7, 8)]
    if any(text is None for text in texts):
        return "unknown", "no answer to compare"
    if texts[0] != texts[1]:
        return "no", "two different replies with one seed"
    if texts[0] == texts[2]:
        return "unknown", "the same reply with another seed"
    return "yes", "equal replies with one seed, another reply with another seed"


def _refuses_broken(client: Client, mode: Mode | None) -> tuple[Finding, str]:
    if mode is None or not takes_grammar(mode):
        return "unknown", "the mode takes no grammar"
    messages = (Message("user", _LIST),)
    request = client.request("check", messages, BROKEN_GRAMMAR, mode=mode, parameters={"max_tokens": _LIST_TOKENS})
    exchange = client.exchange(request, unchecked=True)
    if _text(exchange) is not None:
        return "no", "the grammar was ignored without an error; lapt checks grammars before sending them"
    words = (exchange.failure or "")[6:]
    return "yes" if (exchange.failure or "").startswith("E845") else "unknown", words


def _speed(exchange: Exchange) -> float | None:
    reply = exchange.reply
    if reply is None or reply.usage is None or reply.latency <= 0:
        return None
    return reply.usage.completion_tokens / reply.latency
