from __future__ import annotations

import json

import pytest

from lapt_dsl.diagnostics.diagnostic import Diagnostic, Fix, Note
from lapt_dsl.diagnostics.render import render
from lapt_dsl.diagnostics.span import Span

TEXT = "one\n\ttwo \x1b[31m three\n" + "x" * 300 + "MARK" + "y" * 300 + "\n宽字 here\n"
AT = Span(9, 14, 2, 6, "a,b.lp")
ITEM = Diagnostic(
    "E001", "error", "100% wrong: this", AT, "do that", (Note("and here", Span(0, 3, 1, 1, "a,b.lp")),), Fix(AT, "z")
)


def test_text_marks_the_place_and_disarms_the_source() -> None:
    said = render([ITEM], {"a,b.lp": TEXT})
    assert said == (
        "a,b.lp:2:6: error[E001]: 100% wrong: this [fixable]\n"
        "  2 |  two \\x1b[31m three\n"
        "    |      ^^^^^^^^\n"
        "  hint: do that\n"
        "  note: a,b.lp:1:1: and here\n"
        "  1 | one\n"
        "    | ^^^\n"
    )


def test_long_lines_are_cut_around_the_mark() -> None:
    start = TEXT.index("MARK")
    lines = render([Diagnostic("E001", "error", "m", Span(start, start + 4, 3, 301, "f"))], {"f": TEXT}).split("\n")
    assert len(lines[1]) < 130
    assert lines[1][lines[2].index("^") : lines[2].rindex("^") + 1] == "MARK"


def test_wide_characters_move_the_mark() -> None:
    start = TEXT.index("here")
    lines = render([Diagnostic("E001", "error", "m", Span(start, start + 4, 4, 4, "f"))], {"f": TEXT}).split("\n")
    assert lines[2].index("^") == len("  4 | ") + 5


@pytest.mark.parametrize("span", [Span(0, 0, 99, 1, "f"), Span(10**9, 10**9, 1, 10**9, "f"), Span(0, 5, 1, 1, "gone")])
def test_places_outside_the_text_do_no_harm(span: Span) -> None:
    assert "error[E001]" in render([Diagnostic("E001", "error", "m", span)], {"f": TEXT})


def test_colour_is_only_on_request() -> None:
    assert "\x1b" not in render([ITEM], {"a,b.lp": TEXT})
    assert "\x1b[1;31m" in render([ITEM], {"a,b.lp": TEXT}, colour=True)


def test_json() -> None:
    (item,) = json.loads(render([ITEM], {}, "json"))
    assert item["code"] == "E001"
    assert item["span"] == {"file": "a,b.lp", "line": 2, "column": 6, "start": 9, "end": 14}
    assert item["fix"]["text"] == "z"


def test_github_escapes_properties() -> None:
    assert render([ITEM], {}, "github") == (
        "::error file=a%2Cb.lp,line=2,col=6,title=E001::100%25 wrong: this%0Ado that\n"
    )


def test_sarif() -> None:
    log = json.loads(render([ITEM, ITEM], {}, "sarif"))
    (run,) = log["runs"]
    assert log["version"] == "2.1.0"
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["E001"]
    place = run["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "a%2Cb.lp"
    assert place["region"]["startLine"] == 2
    assert json.loads(render([], {}, "sarif"))["runs"][0]["results"] == []


def test_no_findings_are_no_text() -> None:
    assert render([], {}) == ""
    with pytest.raises(ValueError, match="format"):
        render([], {}, "xml")
