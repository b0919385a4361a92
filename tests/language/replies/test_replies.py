"""Which part of a reply is the answer, and what a hostile reply costs."""

from __future__ import annotations

import tracemalloc

import pytest

from lapt_dsl.compiler.analyses.autofix import fix_text
from lapt_dsl.compiler.analyses.lint import lint_text
from lapt_dsl.diagnostics.diagnostic import Diagnostic
from lapt_dsl.diagnostics.render import FORMATS, render
from lapt_dsl.language.replies.reply import MAX_REPLY, answer, fenced, read_reply
from tests.bounds import little_work

FILE = "principles a for nas201;\nprinciple p {\n  layer 3: only skip, conv1x1;\n}\n"
DRAFT = FILE.replace("principles a", "principles draft")
BROKEN = FILE.replace("only", "maybe")


def fence(text: str, info: str = "lapt", marks: str = "```") -> str:
    return f"{marks}{info}\n{text}{marks}\n"


ANSWERED = {
    "a fence with prose around": f"Here it is:\n\n{fence(FILE)}\nHope it helps; bye.\n",
    "another info string": fence(FILE, "text"),
    "tildes": fence(FILE, "", "~~~"),
    "a check in Python beside it": fence("print('principles')\n", "python")
    + fence(FILE)
    + fence("lapt lint a.lp\n", "sh"),
    "the last of several": fence(DRAFT) + "better:\n" + fence(FILE),
    "the last that parses": fence(FILE) + "or perhaps\n" + fence(BROKEN),
    "drafts in a preamble": f"<think>\n{fence(DRAFT)}</think>\n{fence(FILE)}",
    "a preamble that begins in the prompt": f"so:\n{fence(DRAFT)}fine.\n</think>\n\n{fence(FILE)}",
    "an unclosed fence inside the preamble": f"<think>\n```lapt\n{DRAFT}</think>\n{fence(FILE)}",
    "thoughts after the answer": f"{fence(FILE)}<think>\n{fence(DRAFT)}",
    "a fence in Markdown": fence(fence(FILE), "markdown", "````"),
    "a fence in Markdown of the same length": fence(fence(FILE), "md"),
    "an unclosed fence": f"```lapt\n{FILE}",
    "an unclosed fence and prose": f"```lapt\n{FILE}\nThese principles follow from the archive.\n",
    "no fence": FILE,
    "no fence and prose around": f"Sure!\n\n{FILE}\nThis says: a light shortcut; and little else.\n",
    "no fence beside a fence of Python": f"{fence('x = 1', 'python')}\n{FILE}",
    "one line in backticks": f"Use `{FILE.replace(chr(10), ' ')}`",
}


@pytest.mark.parametrize("name", ANSWERED)
def test_the_answer_in_a_reply(name: str) -> None:
    reply = ANSWERED[name]
    if name == "one line in backticks":
        reply = reply.removeprefix("Use ")
    block = answer(reply)
    assert block is not None
    assert block.text.split() == FILE.split()
    assert reply[block.offset : block.offset + len(block.text)] == block.text
    assert reply.count("\n", 0, block.offset) + 1 == block.line
    assert read_reply(reply).diagnostics == ()


def test_line_ends_and_marks_of_windows_and_indented_fences() -> None:
    for reply in (
        "\ufeff" + fence(FILE).replace("\n", "\r\n"),
        "- first\n" + "".join(f"    {line}\n" for line in fence(FILE).splitlines()),
        "\ufeff" + FILE.replace("\n", "\r\n"),
    ):
        block = answer(reply)
        assert block is not None
        assert block.text.split() == FILE.split()
        assert lint_text(block.text, offset=block.offset, line=block.line) == []


def test_an_answer_with_errors_is_an_answer() -> None:
    block = answer(fence(BROKEN))
    assert block is not None
    assert block.text == BROKEN
    headless = "principle p { layer 3: only skip; }\n"
    block = answer(fence(headless))
    assert block is not None
    assert block.text == headless


@pytest.mark.parametrize(("mistake", "code"), [(' extends "base.lp";', "E002"), (" {", "E001")])
def test_a_first_line_with_a_mistake_is_found_without_a_fence(mistake: str, code: str) -> None:
    text = f"Here is the file.\n\nprinciples a for nas201{mistake}\nprinciple p {{ layer 0: never none; }}\n"
    block = answer(text)
    assert block is not None
    assert (block.line, block.text.rstrip("\n")) == (3, text[text.index("principles") :].rstrip("\n"))
    assert (lint_text(block.text)[0].code, lint_text(block.text)[0].span.line) == (code, 1)


def test_escaped_text_is_left_alone() -> None:
    escaped = FILE.replace("\n", "\\n")
    assert answer(fence('{"principles": "' + escaped + '"}\n', "json")) is None
    block = answer(fence(escaped + "\n", "lp"))
    assert block is not None
    assert block.text == escaped + "\n"


@pytest.mark.parametrize(
    ("reply", "code", "words"),
    [
        ("", "E036", "holds no principle file"),
        ("Use principles for nas201 that convolve early.", "E036", "holds no principle file"),
        (f"<think>\n{fence(FILE)}", "E036", "ends inside its reasoning"),
        (f"<Thinking>\n{FILE}", "E036", "ends inside its reasoning"),
        (fence("space s { cell c { input x; } }\n", "space"), "E037", "is a space"),
        ("space s {\n  cell c { input x; }\n}\n", "E037", "is a space"),
        (fence(FILE) + " " * MAX_REPLY, "E035", "more than the 1,048,576"),
    ],
)
def test_what_is_refused(reply: str, code: str, words: str) -> None:
    read = read_reply(reply)
    assert read.block is None
    assert [item.code for item in read.diagnostics] == [code]
    assert words in read.diagnostics[0].message
    assert answer(reply) is None


def test_blocks_of_a_text_of_any_size() -> None:
    text = "x" * MAX_REPLY + "\n" + fence(FILE) + f"<think>\n{fence(DRAFT)}"
    assert [block.text for block in fenced(text)] == [FILE]


BODY = "principles a for nas201;\nprinciple p {{ {} }}\n"
HOSTILE = {
    "one line of 50 MB": "a" * 50_000_000,
    "a fence with one line of 50 MB": fence("principles a for nas201;" + "x" * 50_000_000 + "\n"),
    "ten thousand braces": fence(BODY.format("{" * 10_000)),
    "ten thousand blocks": fence(BODY.format("in main { " * 10_000)),
    "conditions in conditions": fence(BODY.format("if layer 0: only skip; then " * 10_000)),
    "a million principles": fence("principles a for nas201;\n" + "principle p{layer 0:only skip;}" * 1_000_000),
    "four thousand principles": fence(
        "principles a for nas201;\n" + "".join(f"principle p{n}{{layer 0:only skip;}}\n" for n in range(4_000))
    ),
    "huge numbers": fence(
        BODY.format("layers: at least " + "9" * 100_000 + " skip; layer " + "9" * 18 + ": only skip;")
    ),
    "null bytes": fence("principles a for nas201;\x00" * 30_000),
    "headers only": "principles a for b;\n" * 50_000,
    "fences only": "```\n" * 250_000,
    "backticks only": "`" * 1_000_000,
    "thoughts only": "<think>\n" * 100_000 + "</think>" * 10_000,
    "quotes only": FILE + '"' * 1_000_000,
    "joined lists": fence(BODY.format("layers: only skip" + " and skip" * 20_000 + ";")),
    "one mistake after another": fence(BODY.format("layer_0 only [skip]" * 20_000)),
    "blanks": "principles" + " " * 1_000_000,
}


def judged(reply: str) -> list[Diagnostic]:
    """What is found in a reply after its fixes."""
    read = read_reply(reply)
    if read.block is None:
        return list(read.diagnostics)
    return fix_text(read.block.text, "reply", offset=read.block.offset, line=read.block.line, meaning=False).remaining


@pytest.mark.slow
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_reply_costs_bounded_time(name: str) -> None:
    with little_work():
        diagnostics = judged(HOSTILE[name])
    assert len(diagnostics) <= 500
    assert all(len(render([item], {})) < 10_000 for item in diagnostics[:20])


@pytest.mark.slow
@pytest.mark.parametrize("name", ["one line of 50 MB", "ten thousand braces", "headers only"])
def test_a_hostile_reply_costs_bounded_memory(name: str) -> None:
    reply = HOSTILE[name]
    tracemalloc.start()
    judged(reply)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 100 * 2**20


SIGNS = "\x1b[31m\x1b]0;title\x07\u202eevil\u2066\x9b\x00\u200b"


@pytest.mark.parametrize("output_format", FORMATS)
def test_what_could_act_on_a_terminal_is_shown_escaped(output_format: str) -> None:
    text = f'principles a for nas201;\nextends "{SIGNS}.lp";\nprinciple {SIGNS} "{SIGNS}" {{ layers: only {SIGNS}; }}\n'
    diagnostics = lint_text(text, f"re{SIGNS}ply.md")
    assert {"E304", "E005"} <= {item.code for item in diagnostics}
    said = render(diagnostics, {f"re{SIGNS}ply.md": text}, output_format)
    assert not [sign for sign in SIGNS if not sign.isprintable() and sign in said]


def test_a_reply_reads_no_file() -> None:
    for path in ("../../etc/passwd", "/etc/passwd", "chain.lp"):
        text = FILE.replace(";", f';\nextends "{path}";', 1)
        (found,) = [item for item in lint_text(text) if item.severity == "error"]
        assert found.code == "E304"
    kept = {"chain.lp": FILE.replace("principle p", "principle q").replace("layer 3", "layer 5")}
    assert [item.code for item in lint_text(text, texts=kept) if item.severity == "error"] == []
    assert fix_text(text.replace("layer 3", "layer_3"), texts=kept).text == text
