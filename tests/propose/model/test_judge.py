"""Replies are judged by what they mean, in bounded time, whatever they are."""

from __future__ import annotations

import builtins
import io
import os
import tracemalloc

import pytest

from lapt_dsl.compiler.building.library import load_space
from lapt_dsl.compiler.refined.refined_space import full
from lapt_dsl.compiler.space.model import Space
from lapt_dsl.diagnostics.render import render
from lapt_dsl.propose.archive import Archive, Scored
from lapt_dsl.propose.model.validation import (
    MAX_CHARACTERS,
    MAX_RULES,
    AcceptanceCriteria,
    to_follow,
    to_learn,
    validate,
)
from lapt_dsl.propose.proposer import SearchState
from lapt_dsl.propose.revisions import compile_revision
from tests.bounds import little_work
from tests.places import ROOT

SPACE = load_space("nas201")


def archive(count: int = 20) -> Archive:
    """The best by a score that likes 3x3 convolutions."""
    archs = list(full(SPACE))
    scored = [(arch, float(sum(label == 3 for label in arch.encoding))) for arch in archs]
    return Archive(SPACE, "made up", scored).top(count)


LEARN = to_learn(archive())
IN_FORCE = "principles base for nas201;\nprinciple early { layers: at least 4 conv3x3; }\n"


def following(opens: bool, found: int = 6, text: str = IN_FORCE, space: Space = SPACE) -> AcceptanceCriteria:
    link = compile_revision(text, "00-learn.lp", {}, space)
    entries = tuple(Scored(entry.arch, entry.score) for entry in list(archive())[:found])
    state = SearchState("00-learn.lp", link.names, link.refined, entries, True, 5, 5, 10)
    return to_follow(link.flat, state, opens)


def codes(reply: str, criteria: AcceptanceCriteria = LEARN) -> list[str]:
    result = validate(reply, criteria)
    assert (result.text is None) == any(item.severity == "error" for item in result.diagnostics)
    return [item.code for item in result.diagnostics]


def rules(body: str) -> str:
    return f"principles p for nas201;\nprinciple a {{ {body} }}\n"


def follows(body: str) -> str:
    return f'principles next for nas201;\nextends "00-learn.lp";\n{body}\n'


def test_a_good_reply_is_taken_out_of_its_prose() -> None:
    file = rules("layers: at least 3 conv3x3;")
    result = validate(f"<think>Hm.</think>\nThe best convolve.\n\n```lapt\n{file}```\nDone.\n", LEARN)
    assert result.text == file
    assert result.diagnostics == ()
    numbers = result.numbers
    assert numbers is not None
    assert numbers.whole == numbers.before == 15_625
    assert (numbers.left, numbers.kept, numbers.shown, numbers.least) == (1_545, 20, 20, 5)
    assert str(numbers) == "1,545 of 15,625 left, 20 of 20 kept"


def test_places_are_those_of_the_reply() -> None:
    reply = "Here it is:\n\n```\n" + rules("layers: only conv4x4;") + "```\n"
    finding = validate(reply, LEARN, "reply.md").diagnostics[0]
    assert str(finding.span) == "reply.md:5:28"
    assert reply[finding.span.start : finding.span.end] == "conv4x4"


def test_a_reply_that_leaves_nothing_says_which_rules_conflict() -> None:
    result = validate(rules("layers: only skip; layers: never skip;"), LEARN)
    assert [item.code for item in result.diagnostics] == ["E861", "E501"]
    assert "none of the 15,625" in result.diagnostics[0].message
    assert result.numbers is not None
    assert result.numbers.left == 0


@pytest.mark.parametrize("body", ["layers: at most 6 skip;", "early layers: prefer conv3x3 over skip;", ""])
def test_a_reply_that_removes_nothing_is_refused(body: str) -> None:
    text = rules(body) if body else "principles p for nas201;\n"
    result = validate(text, LEARN)
    assert [item.code for item in result.diagnostics] == ["E862"]
    assert "all 15,625 architectures" in result.diagnostics[0].message


def test_a_reply_that_loses_the_evidence_names_what_loses_it() -> None:
    text = rules("layer 0: never none;") + "principle few { layers: at most 1 conv3x3; }\n"
    finding = validate(text, LEARN).diagnostics[0]
    assert finding.code == "E863"
    assert "keeps 0 of the 20 best of the archive, fewer than the required 5" in finding.message
    assert finding.notes[0].message == "`few` alone excludes 20 of the 20"


def test_the_share_that_must_be_kept_is_an_option() -> None:
    text = rules("layer 0: only conv3x3; layer 1: only conv3x3; layer 2: only conv3x3;")
    kept = validate(text, LEARN).numbers
    assert kept is not None
    assert validate(text, to_learn(archive(), kept.kept / 20)).text
    assert codes(text, to_learn(archive(), kept.kept / 20 + 0.01)) == ["E863"]
    assert validate(rules("layers: only skip;"), to_learn(archive(), 0)).text


def test_a_reply_that_follows_must_change_something() -> None:
    for opens in (False, True):
        criteria = following(opens)
        assert codes(follows("principle late { layers: at most 6 skip; }"), criteria) == ["E862"]
        assert validate(follows("drop early;\nprinciple late { layers: at least 2 conv3x3; }"), criteria).text
    narrower = follows("principle late { layer 5: never none; }")
    assert validate(narrower, following(False)).text
    # Where nothing was left out there is nothing to let in.
    assert codes(narrower, following(True)) == ["E862"]
    assert validate(narrower, following(True, text="principles unconstrained for nas201;\n")).text


def test_an_adaptation_keeps_some_of_the_best_found_and_leaves_something_new() -> None:
    finding = validate(follows("drop early;\nprinciple late { layers: only skip; }"), following(False)).diagnostics[0]
    assert finding.code == "E863"
    assert "0 of the 5 best found" in finding.message
    only = follows("principle single { layers: only conv3x3; }")
    assert codes(only, following(False)) == ["E863", "E864"]


def test_a_reply_that_follows_must_extend_what_is_in_force() -> None:
    criteria = following(False)
    finding = validate(rules("layers: at least 2 conv3x3;"), criteria).diagnostics[0]
    assert finding.code == "E865"
    assert 'extends "00-learn.lp";' in (finding.hint or "")
    other = 'principles n for nas201;\nextends "other.lp";\nprinciple a { layers: at least 2 conv3x3; }'
    assert codes(other, criteria) == ["E865", "E304"]
    assert "can extend `00-learn.lp` and nothing else" in validate(other, criteria).diagnostics[1].message


HOSTILE = {
    "a 50 MB line": "x" * 50_000_000,
    "ten thousand braces": rules("{" * 10_000),
    "ten thousand conditions": rules("if " + "not " * 10_000 + "layer 0: skip"),
    "escape codes": rules("layers: only \x1b[31mred\x1b[0m;"),
    "a space": "space mine { operator a = identity(): shortcut; cell c { input x; output y = layer 0 (x); } }",
    "another file": 'principles p for nas201;\nextends "../../etc/passwd";\n',
    "a file by its whole name": 'principles p for nas201;\nextends "/etc/passwd";\n',
    "a file that is there": f'principles p for nas201;\nextends "{ROOT}/examples/nas201_imagenet.lp";\n',
    "half a character": rules("layers: only \ud800;"),
    "nothing": "",
    "blanks": " \n" * 20_000,
    "fences": "```\n" * 10_000,
    "another space": "principles p for darts;\nprinciple a { layers: at most 1 pooling; }\n",
    "many rules": rules("layers: at most 1 skip; " * (MAX_RULES + 1)),
    "NUL": "principles p for nas201;\0",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_reply_costs_little_reads_nothing_and_is_shown_escaped(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    reply = HOSTILE[name]
    for module, attribute in ((builtins, "open"), (io, "open"), (os, "open")):
        monkeypatch.setattr(module, attribute, _refuse)
    tracemalloc.start()
    try:
        with little_work():
            result = validate(reply, LEARN, "reply.md")
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert most < 60_000_000
    assert result.text is None
    monkeypatch.undo()
    shown = render(result.diagnostics, {"reply.md": reply[:100_000]})
    assert "\x1b" not in shown
    assert "root:" not in shown
    assert len(shown) < 100_000


def _refuse(*arguments: object, **options: object) -> None:
    raise AssertionError(f"a reply made something be read: {arguments}")


@pytest.mark.parametrize("character", ["\x9b", "\u202e", "\u2066", "\u2028"])
@pytest.mark.parametrize("where", ['principle a "{}" {{', "// {}\nprinciple a {{"])
def test_a_character_that_acts_on_what_shows_it_is_refused(character: str, where: str) -> None:
    body = where.format(f"ab{character}c") + " layers: at least 3 conv3x3; }\n"
    assert codes(f"principles p for nas201;\n{body}") == ["E005"]
    result = validate(f"Well:\n\nprinciples p for nas201;\n{body}", LEARN, "reply.md")
    span = result.diagnostics[0].span
    assert (span.line, span.end - span.start) == (4, 1)
    assert codes(f"principles p for nas201;\n{body}".replace(character, "\u00e9 \u2014 \u6f22")) == []


def test_a_rule_too_hard_for_a_reply_is_said() -> None:
    space = load_space("mobilenet")
    scored = Archive(space, "none", [])
    text = "principles p for mobilenet;\nprinciple a {\n" + "".join(
        f"network: params <= {2_000_000 + 77_777 * number}; network: flops <= {10**8 + 12_345_678 * number};\n"
        for number in range(8)
    )
    result = validate(text + "}\n", to_learn(scored))
    assert [item.code for item in result.diagnostics] == ["E503"]


def test_the_longest_reply_is_still_read() -> None:
    text = rules("layers: at least 3 conv3x3;")
    assert validate(text + " " * (MAX_CHARACTERS - len(text)), LEARN).text == text
    assert codes(text + " " * (MAX_CHARACTERS - len(text) + 1)) == ["E866"]
