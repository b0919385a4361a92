"""Budgets: never exceeded by a call that could have been reckoned, never in the way of one that fits."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lapt_dsl.diagnostics.diagnostic import LaptError
from lapt_dsl.propose.exchange import Exchange, MemoryTranscript, Message, Reply, Request, Usage
from lapt_dsl.propose.model.budget import ModelBudget, prompt_bytes
from lapt_dsl.propose.model.client import Client
from lapt_dsl.propose.model.options import ClientOptions
from tests.effort import examples
from tests.propose.model.scripted_server import MODEL, ScriptedServer


def request(text: str = "x" * 84, longest: int = 100) -> Request:
    return Request("learn", (Message("user", text),), "m", "plain", parameters={"max_tokens": longest})


def exchange(asked: Request, usage: Usage | None, text: str = "ok", failed: str | None = None) -> Exchange:
    return Exchange(0, asked, Reply(text, usage, 1.0, "stop"), failed, seconds=2.0)


def test_calls_are_counted() -> None:
    budget = ModelBudget(calls=2)
    for _ in range(2):
        budget.check(request())
        budget.charge(exchange(request(), Usage(50, 10)))
    with pytest.raises(LaptError, match=r"E850 .*2 of 2 calls are used"):
        budget.check(request())


def test_the_worst_case_of_the_next_call_must_fit() -> None:
    # 84 bytes and 2 * 16 around them, and a reply of 100.
    assert prompt_bytes(request()) == 116
    ModelBudget(tokens=216).check(request())
    with pytest.raises(LaptError, match=r"0 of 215 tokens are used, the next call may use 216 tokens \(prompt 116"):
        ModelBudget(tokens=215).check(request())
    ModelBudget(money=0.000516, price_in=1, price_out=4).check(request())
    with pytest.raises(LaptError, match=r"0\.0000 of 0\.000515 are spent, the next call may cost 0\.0005"):
        ModelBudget(money=0.000515, price_in=1, price_out=4).check(request())


def test_what_the_server_reports_replaces_the_worst_case() -> None:
    budget = ModelBudget(tokens=300)
    budget.charge(exchange(request(), Usage(29, 11)))
    # A token for four bytes was seen, a quarter more is allowed for.
    assert budget.prompt_estimate(request()) == 37
    assert budget.spent.tokens == 40
    budget.check(request())


def test_what_is_not_reported_is_reckoned() -> None:
    budget = ModelBudget(price_in=1, price_out=2)
    budget.charge(exchange(request(), None, text="12345"))
    assert (budget.spent.prompt_tokens, budget.spent.completion_tokens) == (116, 6)
    assert budget.spent.money == pytest.approx(128e-6)
    cut = ModelBudget()
    cut.charge(exchange(request(), None, failed="E847: too long"))
    assert cut.spent.completion_tokens == 100
    timed_out = ModelBudget()
    timed_out.charge(Exchange(0, request(), None, "E844: late", seconds=9.0))
    assert (timed_out.spent.tokens, timed_out.spent.seconds) == (216, 9.0)
    turned_away = ModelBudget()
    turned_away.charge(Exchange(0, request(), None, "E843: later", seconds=3.0))
    assert (turned_away.spent.tokens, turned_away.spent.calls) == (0, 1)


def test_a_grammar_that_is_part_of_the_prompt_is_counted() -> None:
    asked = replace(request(), grammar="g" * 50)
    assert prompt_bytes(replace(asked, mode="openai")) == prompt_bytes(replace(asked, mode="llamacpp")) + 50


usages = st.none() | st.builds(Usage, st.integers(0, 400), st.integers(0, 100))


@given(st.lists(usages, max_size=20), st.integers(0, 3000))
@examples(100)
def test_no_honest_server_makes_a_run_exceed_its_tokens(counts: list[Usage | None], limit: int) -> None:
    budget = ModelBudget(tokens=limit)
    highest = 0.0
    for usage in counts:
        try:
            budget.check(request())
        except LaptError:
            break
        if usage is not None:
            # Honest: not more than a token for a byte, and not a quarter more at once than ever before.
            prompt = min(usage.prompt_tokens, budget.prompt_estimate(request()), 116)
            usage = Usage(prompt, usage.completion_tokens)
            highest = max(highest, prompt / 116)
        budget.charge(exchange(request(), usage, text="y" * 90))
        assert budget.spent.tokens <= limit


@pytest.mark.parametrize(
    "limits",
    [{"calls": -1}, {"tokens": -1}, {"seconds": float("nan")}, {"money": 1.0}, {"money": 1.0, "price_in": 1.0}],
)
def test_budgets_that_mean_nothing_are_refused(limits: dict[str, Any]) -> None:
    with pytest.raises(LaptError, match="E840"):
        ModelBudget(**limits)


def test_a_run_stops_before_the_call_and_a_resumed_one_at_the_same_place() -> None:
    pytest.importorskip("openai", reason="openai is not installed")
    transcript = MemoryTranscript()
    with ScriptedServer("plain") as server:
        options = ClientOptions(server.url, MODEL, mode="plain", max_tokens=50)

        def run(budget: ModelBudget) -> int:
            client = Client(options, budget, transcript)
            with pytest.raises(LaptError, match="E850"):
                _ask_nine(client)
            assert client.last is not None
            return client.last.number + 1

        assert run(ModelBudget(calls=3)) == 3
        assert len(server.completions) == 3
        assert run(ModelBudget(calls=3)) == 3
        assert len(server.completions) == 3
        assert run(ModelBudget(calls=5)) == 5
    assert len(server.completions) == 5
    assert len(transcript.exchanges()) == 5


def _ask_nine(client: Client) -> None:
    for number in range(9):
        client.ask(client.request("learn", (Message("user", f"question {number}"),)))


def test_the_time_out_is_cut_to_what_is_left() -> None:
    pytest.importorskip("openai", reason="openai is not installed")
    with ScriptedServer("plain", fault="timeout") as server:
        client = Client(ClientOptions(server.url, MODEL, mode="plain"), ModelBudget(seconds=0.2))
        asked = client.request("learn", (Message("user", "hello"),))
        with pytest.raises(LaptError, match=r"E844 .*within 0\.2 seconds"):
            client.ask(asked)
        with pytest.raises(LaptError, match=r"E850 .*of 0\.2 seconds are used"):
            client.ask(asked)
    assert len(server.completions) == 1
