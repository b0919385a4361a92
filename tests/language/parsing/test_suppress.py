from __future__ import annotations

import pytest

from lapt_dsl.diagnostics.codes import CODES
from lapt_dsl.diagnostics.diagnostic import Diagnostic
from lapt_dsl.diagnostics.span import Span
from lapt_dsl.language.parsing.parser import parse
from lapt_dsl.language.parsing.suppression import suppress
from lapt_dsl.language.printing.formatter import format_text

WARNING = next(code for code, known in sorted(CODES.items()) if known.severity == "warning" and code < "W490")


def left(text: str, *words: str, code: str = WARNING, complete: bool = True) -> list[str]:
    """The codes left when a finding stands at each of the words."""
    findings = []
    for word in words:
        start = text.index(word)
        line = text.count("\n", 0, start) + 1
        span = Span(start, start + len(word), line, start - text.rfind("\n", 0, start), "f.lp")
        findings.append(Diagnostic(code, CODES[code].severity, "m", span))
    return [finding.code for finding in suppress(text, findings, "f.lp", complete=complete)]


def lp(body: str) -> str:
    return f"principles p for s;\nprinciple q {{\n{body}\n}}\nprinciple r {{ layers: only other; }}\n"


@pytest.mark.parametrize(
    "body",
    [
        "layers: only here; // lapt: allow CODE",
        "layers: only here; // lapt: allow W491, CODE -- because",
        "// lapt: allow CODE\nlayers: only here;",
        "layers: only a,\n  here,\n  b; // lapt: allow CODE",
        "// lapt: allow CODE\nlayers: only a,\n  here;",
        "if layers: only here;\nthen layers: only b; // lapt: allow CODE",
        "in a { layers: only here; } // lapt: allow CODE",
        "in a { // lapt: allow CODE\n layers: only here; }",
        "// lapt: allow CODE\nin a {\n layers: only here;\n }",
    ],
)
def test_a_comment_silences_its_statement_before_and_after_formatting(body: str) -> None:
    text = lp(body.replace("CODE", WARNING))
    assert parse(text)[1] == []
    for version in (text, format_text(text)):
        rest = left(version, "here", "other")
        assert [code for code in rest if code != "W490"] == [WARNING]


def test_other_statements_and_codes_are_not_silenced() -> None:
    text = lp(f"layers: only a; // lapt: allow {WARNING}\nlayers: only here;")
    assert left(text, "here") == [WARNING, "W490"]
    assert left(text, "here", complete=False) == [WARNING]


def test_unknown_codes_and_errors_are_said() -> None:
    assert left(lp("layers: only here; // lapt: allow W999"), "other") == [WARNING, "W491"]
    assert left(lp("layers: only here; // lapt: allow E001"), "here", code="E001") == ["E001", "W491"]


def test_findings_of_other_files_stay() -> None:
    text = lp(f"layers: only here; // lapt: allow {WARNING}")
    line = text.count("\n", 0, text.index("here")) + 1
    other = Diagnostic(WARNING, "warning", "m", Span(0, 1, line, 1, "other.lp"))
    assert suppress(text, [other], "f.lp", complete=False) == [other]


def test_a_header_comment_does_not_silence_the_file() -> None:
    text = f"// lapt: allow {WARNING}\nspace s {{\n  operator here = zero();\n}}\n"
    assert left(text, "here") == [WARNING, "W490"]
