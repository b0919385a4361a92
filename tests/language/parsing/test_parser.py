"""Errors: all of them in one run, what is read in spite of them, and limits on hostile text."""

from __future__ import annotations

import pytest

from lapt_dsl.diagnostics.diagnostic import LaptError
from lapt_dsl.language import tree as t
from lapt_dsl.language.forms.vocabulary import MAX_CHARACTERS, MAX_ERRORS, MAX_NESTING
from lapt_dsl.language.parsing.parser import parse, parse_or_raise
from tests.bounds import calls, little_work

HEAD = "principles p for s;\n"


def codes(text: str, file: str = "<text>") -> list[str]:
    return [finding.code for finding in parse(text, file)[1]]


def names(text: str) -> list[str]:
    tree, _ = parse(text)
    assert isinstance(tree, t.PrincipleFile)
    return [item.name.text for item in tree.items if isinstance(item, t.Principle)]


def test_what_is_right_is_kept_around_what_is_wrong() -> None:
    text = HEAD + (
        "principle a { layers: only x; layers: at least y; layers: only z; }\n"
        "principle b evidence 3 { layers: only x; }\n"
        "principle c { layers: only x; }\n"
    )
    tree, findings = parse(text)
    assert [finding.code for finding in findings] == ["E001", "E001"]
    assert isinstance(tree, t.PrincipleFile)
    assert names(text) == ["a", "b", "c"]
    first = tree.items[0]
    assert isinstance(first, t.Principle)
    assert len(first.statements) == 2


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("layers only x;", ["E025"]),
        ("layers: only x", ["E002"]),
        ("layers: onyl x;", ["E011"]),
        ("layers: only x,;", ["E029"]),
        ("layers: at least x; layers: at most y;", ["E001", "E001"]),
        ("in a b { layers: only x; layer: only y; }", ["E001", "E001"]),
        ("one of { layers: only x; prefer; layers: only y; }", ["E001"]),
        ("if layers: only x; layers: only y;", ["E001"]),
        ("layers: reads only;", ["E001"]),
        ("some path from a: only x;", ["E001"]),
        ("network: parms <= 3;", ["E011"]),
        ("network: params = 3;", ["E005", "E001"]),
        ("layers: only for;", ["E010"]),
    ],
)
def test_one_mistake_is_one_finding(body: str, expected: list[str]) -> None:
    assert codes(f"{HEAD}principle q {{ {body} }}\nprinciple r {{ layers: only x; }}\n") == expected


def test_findings_come_in_the_order_of_the_text() -> None:
    _, findings = parse(HEAD + "drop §;\nextends 'a';\ndrop only;\nprinciple q { layers: onyl x; }\n")
    starts = [finding.span.start for finding in findings]
    assert starts == sorted(starts)


def test_a_missing_semicolon_can_be_fixed() -> None:
    text = HEAD + "drop a\ndrop b;\n"
    _, (finding,) = parse(text)
    assert finding.fix is not None
    where = finding.fix.span
    fixed = text[: where.start] + finding.fix.text + text[where.end :]
    assert parse(fixed)[1] == []


@pytest.mark.parametrize("word", ["depth", "stage", "input", "output", "network", "evidence", "early"])
def test_words_of_the_language_may_be_names(word: str) -> None:
    file = parse_or_raise(f"principles {word} for {word};\nprinciple {word} {{ layers: only {word}; }}\n")
    assert file.name.text == word


def test_the_file_ending_decides_where_the_first_word_does_not() -> None:
    assert codes("prinicple p { layers: only x; }", "a.lp")[0] == "E015"
    assert codes("cell c { input x; }", "a.space")[0] == "E015"
    assert codes("principels p for s;\n") == ["E011"]
    assert codes("hello") == ["E015"]
    assert codes("") == ["E015"]


def test_parse_or_raise_says_why() -> None:
    with pytest.raises(LaptError, match=r"a\.lp:1:15: E0") as caught:
        parse_or_raise("principles p  only;", "a.lp")
    assert caught.value.diagnostics


def test_a_block_of_a_larger_text_is_located_in_it() -> None:
    _, (finding,) = parse("principles p for s;\ndrop only;\n", "reply.md", offset=100, line=7)
    assert (finding.span.start, finding.span.line, finding.span.column) == (125, 8, 6)


def nested(opening: str, closing: str, depth: int) -> str:
    return f"{HEAD}principle q {{ {opening * depth}layers: only x;{closing * depth} }}"


@pytest.mark.parametrize(
    ("opening", "closing"), [("in a { ", " }"), ("one of { ", " }"), ("if ", " then layers: only y;")]
)
def test_nesting_has_a_limit(opening: str, closing: str) -> None:
    assert codes(nested(opening, closing, MAX_NESTING - 1)) == []
    assert codes(nested(opening, closing, MAX_NESTING)) == ["E012"]
    assert codes(nested(opening, closing, 10_000)) == ["E012"]


def test_errors_have_a_limit() -> None:
    _, findings = parse(HEAD + "drop only;\n" * 1000)
    assert len(findings) == MAX_ERRORS + 1
    assert findings[-1].code == "E014"


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [
        " " * (MAX_CHARACTERS + 1),
        HEAD + "x" * 10_000_000,
        HEAD + 'extends "' + "a" * 10_000_000 + '";',
        HEAD + 'extends "' + "\\" * 1_000_000,
        '"' * 1_000_000,
        HEAD + "\x00" * 1_000_000,
        HEAD + "\x00 " * 500_000,
        HEAD + "{" * 500_000,
        HEAD + "}" * 500_000,
        HEAD + "principle q { " + "if " * 300_000,
        HEAD + "9" * 1_000_000,
        HEAD + "/* " * 300_000,
        HEAD + "// c\n" * 1_100_000,
        HEAD + "“" * 500_000,
        "space s { cell c { node a = " + "layer 0 (x) + " * 50_000,
    ],
    ids=range(15),
)
def test_hostile_text_takes_little_time(text: str) -> None:
    with little_work():
        _, findings = parse(text)
    assert findings
    assert len(findings) <= MAX_ERRORS + 1


def test_work_grows_linearly() -> None:
    def parsed(count: int) -> int:
        text = HEAD + "".join(f"principle p{i} {{ layers: at most 1 pooling; }}\n" for i in range(count))
        with little_work():
            return calls(lambda: parse(text))

    parsed(10)  # what is done once, on first use
    few, many = parsed(500), parsed(2000)
    assert 3 * few < many < 5 * few


def test_tokens_have_a_limit() -> None:
    def text(rules: int) -> str:
        return f"{HEAD}principle q {{ {'layers: only x; ' * rules} }}"

    assert codes(text(19_900)) == []
    assert codes(text(20_100)) == ["E013"]
