"""What the README and the documentation show is so: examples are clean, snippets run, commands exist."""

from __future__ import annotations

import doctest
import re
from pathlib import Path
from typing import Any

import pytest

from lapt_dsl.commands.main import VERBS
from lapt_dsl.compiler.analyses.lint import lint_text
from lapt_dsl.compiler.building.library import load_space
from lapt_dsl.evaluate.conformance import check_evaluator, draw
from lapt_dsl.language.parsing.parser import parse_or_raise
from lapt_dsl.language.printing.formatter import format_text
from tests.commands.script import lapt
from tests.places import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", sorted((ROOT / "examples").glob("*.lp")), ids=lambda path: path.stem)
def test_examples_are_clean_and_tidy(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert format_text(text, str(path)) == text
    hints = ["nas201", "trans101", "darts"] if " for any;" in text else [None]
    for hint in hints:
        found = lint_text(text, str(path), space_hint=hint, base=path.parent)
        assert [finding for finding in found if finding.severity != "note"] == []


def test_the_reply_is_clean() -> None:
    assert lapt(["lint", "--extract", str(ROOT / "examples" / "reply.md")])[0] == 0


def test_the_principle_files_of_the_readme_are_clean() -> None:
    blocks = [block for block in re.findall(r"```\n(.*?)```", README, re.DOTALL) if "principles " in block]
    blocks += [re.sub(r"(?m)^   ", "", block) for block in re.findall(r"   ```\n(.*?)   ```", README, re.DOTALL)]
    files = [block for block in blocks if block.lstrip().startswith("principles ")]
    assert len(files) >= 2
    for text in files:
        parse_or_raise(text)
        assert [finding for finding in lint_text(text) if finding.severity != "note"] == []


def test_the_readme_draws_what_show_draws() -> None:
    drawing = lapt(["show", "nas201"])[1]
    rows = re.findall(r"(?m)^ +(layer \d .*)$", README)
    assert len(rows) == 6
    assert rows == [line.strip() for line in drawing.splitlines() if line.strip().startswith("layer")]


def test_the_readme_lists_every_verb() -> None:
    assert set(VERBS) == set(re.findall(r"(?m)^\| `lapt (\w+)", README))


def test_the_python_page_is_true(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    text = (ROOT / "docs" / "python.md").read_text(encoding="utf-8").replace("```", "")
    test = doctest.DocTestParser().get_doctest(text, {}, "python.md", "docs/python.md", 0)
    failures = doctest.DocTestRunner().run(test).failed
    assert failures == 0


def test_the_documented_evaluator_class_conforms_and_can_be_searched_with() -> None:
    text = (ROOT / "docs" / "own-evaluators.md").read_text(encoding="utf-8")
    section = text.partition("## An evaluator class")[2].partition("\n## ")[0]
    blocks = [part.partition("```")[0] for part in section.split("```python\n")[1:]]
    assert len(blocks) == 2
    names: dict[str, Any] = {"__name__": "documented"}
    exec("\n".join(blocks), names)
    evaluator = names["DepthEvaluator"](load_space("nas201"))
    check_evaluator(evaluator)
    foreign = evaluator.evaluate(draw(load_space("darts"), 1)[0])
    assert (foreign.kind, foreign.message) == ("foreign", "an architecture of `darts`, not of `nas201`")
    assert names["result"].best.outcome.metrics["layers"] == 6.0
