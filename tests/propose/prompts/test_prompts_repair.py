"""A repair says what was written, what is wrong with it and where, and asks for the whole file again."""

from __future__ import annotations

import pytest

from lapt_dsl.compiler.analyses.lint import lint_text
from lapt_dsl.compiler.building.library import load_space
from lapt_dsl.diagnostics.diagnostic import LaptError
from lapt_dsl.language.replies.extract import extract
from lapt_dsl.propose.prompts import adapt_prompt, learn_prompt, repair_prompt
from tests.propose.prompts.prompt_cases import archive, search_state

pytest.importorskip("scipy", reason="learned prompts need SciPy: pip install 'lapt-dsl[learn]'")

SPACE = load_space("nas201")
ASKED = learn_prompt(SPACE, archive(SPACE), 20)
WRONG = "principles learned_made_up for nas201;\nprinciple p1 { layer 9: only conv_3x3 }\n"
FINDINGS = lint_text(WRONG, "answer.lp", space_hint="nas201")


def test_findings_come_with_places_lines_and_remedies() -> None:
    prompt = repair_prompt(SPACE, ASKED, WRONG, FINDINGS, numbers=["It leaves 0 of 15,625 architectures."])
    text = prompt.messages[1].content
    assert prompt.task == "repair"
    assert prompt.messages[0] == ASKED.messages[0]
    assert "answer.lp:2:" in text
    assert "hint:" in text
    assert "^" in text
    assert "- It leaves 0 of 15,625 architectures." in text
    assert ASKED.evidence in text
    assert extract(text)[-1].text.startswith(f"principles {ASKED.name} for nas201;\n\nprinciple ")
    assert extract(text)[0].text.strip() == WRONG.strip()


def test_what_is_extended_is_said_again() -> None:
    principles, state = search_state(SPACE)
    asked = adapt_prompt(SPACE, principles, state)
    text = repair_prompt(SPACE, asked, WRONG, FINDINGS).text
    assert 'extends "00-learn.lp";' in text
    assert f"`drop {state.names[0]};`" in text


@pytest.mark.parametrize("text", ["x" * 5_000_000, "{" * 10_000, "```\n" * 5_000, "\x1b[2J\x00" * 1_000, "`" * 20_000])
def test_a_hostile_answer_is_cut_and_escaped(text: str) -> None:
    prompt = repair_prompt(SPACE, ASKED, text, lint_text(text[:1_000], "answer.lp", space_hint="nas201"))
    assert prompt.tokens <= 6_000
    assert not set("\x1b\x00") & set(prompt.text)
    said = extract(prompt.messages[1].content)
    assert said[-1].text.startswith(f"principles {ASKED.name} for nas201;\n\nprinciple ")
    assert len(said) <= 3


def test_a_small_budget_cuts_the_digest_then_the_rest_and_at_last_refuses() -> None:
    whole = repair_prompt(SPACE, ASKED, WRONG * 200, FINDINGS, budget_tokens=50_000)
    less = repair_prompt(SPACE, ASKED, WRONG * 200, FINDINGS, budget_tokens=whole.tokens - 1)
    assert ASKED.evidence in whole.text
    assert ASKED.evidence not in less.text
    least = repair_prompt(SPACE, ASKED, WRONG * 200, FINDINGS, budget_tokens=less.tokens - 1_000)
    assert least.text.count(WRONG) < less.text.count(WRONG)
    assert "more characters" in least.text
    with pytest.raises(LaptError) as caught:
        repair_prompt(SPACE, ASKED, WRONG, FINDINGS, budget_tokens=500)
    assert caught.value.diagnostics[0].code == "E891"
