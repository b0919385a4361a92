"""A language model as a proposer: first replies, repairs, fixed replies, refused ones, and the fallback."""

from __future__ import annotations

import json

import pytest

from lapt_dsl.compiler.building.library import load_space
from lapt_dsl.compiler.refined.refined_space import full
from lapt_dsl.diagnostics.diagnostic import LaptError
from lapt_dsl.propose.archive import Archive, Scored
from lapt_dsl.propose.conformance import check_proposer
from lapt_dsl.propose.exchange import Request
from lapt_dsl.propose.induction import Induction
from lapt_dsl.propose.model.budget import ModelBudget
from lapt_dsl.propose.model.proposer import ModelProposer, WriterOptions, Written
from lapt_dsl.propose.proposer import SearchState
from lapt_dsl.propose.revisions import compile_revision
from tests.propose.model.scripted_client import ScriptedClient, in_turn

pytest.importorskip("scipy", reason="needs SciPy: pip install 'lapt-dsl[learn]'")

SPACE = load_space("nas201")
EVERYTHING = Archive(
    SPACE, "made up", [(arch, float(sum(label == 3 for label in arch.encoding))) for arch in full(SPACE)]
)
BEST = EVERYTHING.top(20)

GOOD = "principles p for nas201;\n\nprinciple a { layers: at least 3 conv3x3; }\n"
EMPTY = "principles p for nas201;\nprinciple a { layers: only skip; layers: never skip; }\n"
MISSPELT = "principles p for nas201;\nprinciple a { layers: at least 3 Conv3x3; }\n"
PROSE = "I would suggest using more convolutions."


def fenced(text: str) -> str:
    return f"Here is what I found.\n\n```lapt\n{text}```\n"


class Told:
    """A proposer with these answers, and what it said about them."""

    def __init__(
        self, *answers: str, fallback: bool = False, budget: ModelBudget | None = None, rounds: int = 2
    ) -> None:
        self.client = ScriptedClient(in_turn(answers), budget=budget)
        self.written: list[Written] = []
        self.proposer = ModelProposer(
            SPACE,
            EVERYTHING,
            20,
            self.client,
            WriterOptions(rounds=rounds),
            fallback=Induction(SPACE, EVERYTHING, 20) if fallback else None,
            watch=self.written.append,
        )

    def learn(self) -> str:
        return self.proposer.learn(BEST)

    def refused(self) -> str:
        with pytest.raises(LaptError) as caught:
            self.learn()
        return caught.value.diagnostics[0].message

    @property
    def outcomes(self) -> list[str]:
        return [exchange.outcome for exchange in self.client.transcript.exchanges()]


def search_state(text: str) -> SearchState:
    link = compile_revision(text, "00-learn.lp", {}, SPACE)
    found = tuple(Scored(entry.arch, entry.score) for entry in list(BEST)[:6])
    return SearchState("00-learn.lp", link.names, link.refined, found, True, 5, 5, 10)


def test_a_good_answer_is_taken_at_once() -> None:
    told = Told(fenced(GOOD))
    assert told.learn() == GOOD
    assert told.outcomes == ["accepted"]
    assert told.written == [Written("learn", 1, "accepted")]
    request = told.client.asked[0]
    assert request.task == "learn"
    assert "20 best of 15,625 scored" in request.messages[1].content


def test_findings_go_back_with_their_places_and_numbers() -> None:
    told = Told(fenced(EMPTY), PROSE, fenced(MISSPELT.replace("Conv", "cnv")), fenced(GOOD), rounds=3)
    assert told.learn() == GOOD
    assert told.outcomes == ["sent back", "sent back", "sent back", "accepted"]
    assert [request.task for request in told.client.asked] == ["learn", "repair", "repair", "repair"]
    empty, prose, misspelt = (request.messages[-1].content for request in told.client.asked[1:])
    assert "allows none of the 15,625 architectures" in empty
    assert "answer.lp:2:" in empty
    assert "holds no principle file" in prose
    assert PROSE in prose
    assert "cnv3x3" in misspelt
    assert "answer.lp:2:34" in misspelt
    assert told.written == [Written("learn", 4, "accepted")]


def test_mechanical_fixes_come_after_the_rounds_and_before_refusal() -> None:
    told = Told(fenced(MISSPELT))
    assert told.learn() == GOOD.replace("\n\n", "\n")
    assert told.outcomes == ["sent back", "sent back", "accepted after fix"]
    assert told.written == [Written("learn", 3, "accepted after fix")]
    earlier = Told(fenced(MISSPELT), PROSE, rounds=1)
    assert earlier.learn() == GOOD.replace("\n\n", "\n")
    assert earlier.outcomes == ["accepted after fix", "refused"]


def test_a_refusal_says_all_that_was_tried() -> None:
    told = Told(fenced(EMPTY), PROSE, rounds=1)
    said = told.refused()
    assert "sent back 1 time, then fixes" in said
    assert "reply 1: E861" in said
    assert "reply 2: E036" in said
    assert told.outcomes == ["sent back", "refused"]
    assert told.written == []


def test_another_proposer_writes_where_it_may() -> None:
    told = Told(PROSE, fallback=True, rounds=1)
    assert told.learn() == Induction(SPACE, EVERYTHING, 20).learn(BEST)
    assert told.outcomes == ["sent back", "fell back"]
    assert told.written[0].outcome == "fell back"
    assert "E860" in told.written[0].why


def test_a_failure_of_the_server_stops_or_falls_back() -> None:
    assert "the script says so" in (stopped := Told("E841")).refused()
    assert stopped.outcomes == ["failed"]
    told = Told("E843", fallback=True)
    assert told.learn() == Induction(SPACE, EVERYTHING, 20).learn(BEST)
    assert told.outcomes == ["fell back"]


def test_an_endless_or_empty_answer_is_sent_back() -> None:
    told = Told("E847", "E846", fenced(GOOD))
    assert told.learn() == GOOD
    assert told.outcomes == ["sent back", "sent back", "accepted"]
    assert "the script says so" in told.client.asked[1].messages[-1].content


def test_a_file_that_was_cut_behind_a_rule_is_closed() -> None:
    told = Told(f"E847{GOOD[:-3]}", rounds=1)
    assert told.learn().split() == GOOD.split()
    assert told.outcomes == ["sent back", "accepted after fix"]


def test_a_budget_ends_a_question_before_it_is_exceeded() -> None:
    told = Told(PROSE, budget=ModelBudget(calls=1))
    assert "1 of 1 calls" in told.refused()
    assert told.outcomes == ["sent back"]
    told = Told(PROSE, budget=ModelBudget(calls=1), fallback=True)
    assert told.learn() == told.learn() == Induction(SPACE, EVERYTHING, 20).learn(BEST)
    assert told.outcomes == ["sent back"]
    assert [written.outcome for written in told.written] == ["fell back", "fell back"]


def test_adapting_and_exploring_are_judged_by_what_is_in_force() -> None:
    text = "principles base for nas201;\nprinciple early { layers: at least 4 conv3x3; }\n"
    narrower = 'principles n for nas201;\nextends "00-learn.lp";\nprinciple late { layer 5: never none; }\n'
    wider = 'principles n for nas201;\nextends "00-learn.lp";\nprinciple early { layers: at least 3 conv3x3; }\n'
    told = Told(fenced(text), fenced(narrower))
    assert told.proposer.adapt(text, search_state(text)) == narrower
    assert told.outcomes == ["sent back", "accepted"]
    told = Told(fenced(narrower), fenced(wider))
    assert told.proposer.explore(text, search_state(text)) == wider
    assert [request.task for request in told.client.asked] == ["explore", "repair"]
    assert "allows no architecture that the principles in force exclude" in told.client.asked[1].messages[-1].content


@pytest.mark.parametrize("mode", ["plain", "llamacpp", "openai"])
def test_the_grammar_goes_where_the_mode_takes_one(mode: str) -> None:
    client = ScriptedClient(in_turn([GOOD]), mode=mode)  # type: ignore[arg-type]
    assert ModelProposer(SPACE, EVERYTHING, 20, client).learn(BEST) == GOOD
    request = client.asked[0]
    assert (request.grammar is None) == (mode == "plain")
    assert ("in one block" in request.messages[-1].content) == (mode == "plain")


def test_json_is_turned_into_a_file_and_what_is_no_json_is_sent_back() -> None:
    statement = {"say": "layers", "cells": [], "layers": "layers", "rule": "at least", "count": 3}
    statement |= {"operators": ["conv3x3"], "except": []}
    value = {"principles": [{"name": "more_conv", "sentence": "It computes.", "statements": [statement]}]}
    client = ScriptedClient(in_turn(["{}", PROSE, json.dumps(value)]), mode="json_schema")
    text = ModelProposer(SPACE, EVERYTHING, 20, client).learn(BEST)
    assert "layers: at least 3 conv3x3;" in text
    assert client.asked[0].schema is not None
    assert "JSON that follows the given schema" in client.asked[0].messages[-1].content
    assert "does not keep to its JSON schema" in client.asked[1].messages[-1].content
    assert (
        ModelProposer(SPACE, EVERYTHING, 20, ScriptedClient(in_turn([fenced(GOOD)]), mode="json_schema")).learn(BEST)
        == GOOD
    )


def conforming(request: Request) -> str:
    """What a model that does as it is told would say, whatever is asked."""
    said = request.messages[-1].content
    if 'extends "' not in said:
        return fenced("principles p for trans101;\nprinciple a { layer 0: never none; }\n")
    body = "drop a;\nprinciple b { layer 1: never skip; }\n"
    return fenced(f'principles p for trans101;\nextends "00-learn.lp";\n{body}')


def test_it_conforms() -> None:
    import numpy as np

    space = load_space("trans101")
    archs = dict.fromkeys(full(space).sample(60, np.random.default_rng(0)))
    archive = Archive(space, "made", [(arch, float(sum(arch.encoding))) for arch in archs])
    check_proposer(lambda: ModelProposer(space, archive, 20, ScriptedClient(conforming)), archive)
