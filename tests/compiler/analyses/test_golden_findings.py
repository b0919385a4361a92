"""What is said about a text, to the letter: each file under golden/ holds inputs and the findings they must give.

A case is `== NAME`, optionally `[space NAME]`, the text, `--`, and the findings. After a wanted change of wording run
the tests with LAPT_WRITE_GOLDEN=1 and read the difference.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from lapt_dsl.compiler.analyses.lint import lint_text
from lapt_dsl.diagnostics.codes import CODES
from lapt_dsl.diagnostics.diagnostic import Diagnostic

GOLDEN = Path(__file__).parent / "golden"
FILES = sorted(GOLDEN.glob("*.txt"))


class Case(NamedTuple):
    name: str
    space: str | None
    text: str
    findings: str

    def written(self, findings: str) -> str:
        space = f"[space {self.space}]\n" if self.space else ""
        return f"== {self.name}\n{space}{self.text}--\n{findings}"


def cases(path: Path) -> Iterator[Case]:
    for part in re.split(r"^== ", path.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
        name, _, rest = part.partition("\n")
        space = re.match(r"\[space (\w+)\]\n", rest)
        text, _, findings = rest[space.end() if space else 0 :].partition("--\n")
        yield Case(name, space.group(1) if space else None, text, findings)


def shown(findings: list[Diagnostic]) -> str:
    lines = []
    for item in findings:
        lines.append(f"{item.span.line}:{item.span.column} {item.code} {item.message}")
        lines += [f"    hint: {item.hint}"] if item.hint else []
        lines += [f"    at {note.span.line}:{note.span.column}: {note.message}" for note in item.notes if note.span]
    return "".join(f"{line}\n" for line in lines) or "nothing\n"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_findings_are_worded_as_agreed(path: Path) -> None:
    everything = list(cases(path))
    found = [shown(lint_text(case.text, "case.lp", space_hint=case.space)) + "\n" for case in everything]
    if os.environ.get("LAPT_WRITE_GOLDEN"):
        written = [case.written(findings) for case, findings in zip(everything, found, strict=True)]
        path.write_text("".join(written).rstrip() + "\n", encoding="utf-8")
    for case, findings in zip(everything, found, strict=True):
        assert findings.strip() == case.findings.strip(), f"{path.stem}: {case.name}"


def test_every_code_of_names_and_meaning_is_shown_once() -> None:
    """Codes that need files, trees made by hand, other spaces or limits have tests of their own."""
    elsewhere = {"E210", "E216", "E218", "E219", "E224", "W408", "E503", "E541", "E221", "E222"}
    wanted = {code for code in CODES if re.match(r"E2|W40|E50", code)} - elsewhere
    said = set(
        re.findall(r"^\d+:\d+ (\w+) ", "".join(path.read_text(encoding="utf-8") for path in FILES), re.MULTILINE)
    )
    assert wanted <= said, sorted(wanted - said)
