"""A slice of the fuzzing of `benchmarks/fuzz.py`, and the inputs that are hostile by design."""

from __future__ import annotations

import os
import secrets
import stat
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

import lapt_dsl as lapt
from benchmarks.fuzz import check, run, time_limit
from lapt_dsl.compiler.analyses.lint import lint_text
from lapt_dsl.compiler.refined.refined_space import full
from lapt_dsl.diagnostics.diagnostic import LaptError
from tests.effort import either, is_thorough

SECONDS = 60.0  # of processor time; what is tested here takes about two at most on an idle machine


def nothing_breaks(text: str) -> None:
    """The text comes back with a result or with diagnostics, in bounded time."""
    with time_limit(SECONDS):
        check(text)


def identify(text: str) -> str:
    """A test name for a text."""
    return f"{zlib.crc32(text.encode('utf-8', 'surrogatepass')):08x}-{len(text)}"


def refused(action: Callable[[], object], *codes: str) -> None:
    """The action raises LaptError, with one of these codes where any are given."""
    with time_limit(SECONDS), pytest.raises(LaptError) as caught:
        action()
    assert caught.value.diagnostics
    if codes:
        assert {item.code for item in caught.value.diagnostics} & set(codes)


@pytest.mark.slow
def test_mutated_and_random_files() -> None:
    count = either(250, 5000)
    seed = secrets.randbits(32) if is_thorough() else 20241124
    findings = run(count, seed=seed, limit=SECONDS)
    assert not findings, f"seed {seed}\n" + "\n\n".join(f"{finding.what}\n{finding.text!r}" for finding in findings[:3])


# --- principle files ----------------------------------------------------------------------------------------------


def principle(body: str) -> str:
    """A file of one principle."""
    return f"principles p for nas201;\nprinciple a {{ {body} }}\n"


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [
        "",
        "principle{in atinto layers:at}",
        'principle pools"\nlayers:at;}',
        "// \ud800\nprinciples p for nas201;",
        "\x00",
        "\x00" * 10_000,
        "principles p for nas201;\x00principle a { layers: only skip; }",
        "\ufeffprinciples p for nas201; principle a { layers: only skip; }",
        "principles p for nas201; principle a { layers: only sk\u0456p; }",
        "{" * 100_000,
        "}" * 100_000,
        ";" * 100_000,
        '"' * 100_001,
        "/" * 100_000,
        "a" * 1_000_000,
        "principles " * 5_000,
        principle("one of { " * 5_000 + "layers: only skip;" + " }" * 5_000),
        principle("in main { " * 5_000 + "layers: only skip;" + " }" * 5_000),
        principle("if layers: only skip; then " * 5_000 + "layers: only skip;"),
        principle("one of { " * 5_000),
        principle("one of { " * 60 + "layers: only skip;" + " }" * 60),
        principle("layers 0..999999999999999999: only skip;"),
        principle("layers: at least 999999999999999999 skip;"),
        principle("network: params <= 999999999999999999.999999999G;"),
        principle("network: params <= 99999999999999999999999999999999999999;"),
        principle("layers: prefer skip by 999999999999999999;"),
        principle("layers: only " + "skip, " * 5_000 + "skip;"),
        principle("layers " + "0..5, " * 5_000 + "5: only skip;"),
        principle("some path: only skip" + " and at least 1 conv3x3" * 500 + ";"),
        principle("one of { " + "layer 0: only skip; " * 5_000 + "}"),
        principle("layers: only skip; " * 5_000),
    ],
    ids=identify,
)
def test_hostile_principle_texts(text: str) -> None:
    nothing_breaks(text)


@pytest.mark.slow
@pytest.mark.parametrize("character", ["a", " ", "\x00", "(", "é", '"', "9"])
def test_a_line_of_ten_megabytes(character: str) -> None:
    for text in (character * 10_000_000, principle("layers: only skip; // " + character * 10_000_000)):
        with time_limit(SECONDS):
            found = lint_text(text, "long.lp")
        assert len(found) < 1000
        assert all(len(item.message) < 1000 for item in found)


def test_the_number_of_findings_is_bounded() -> None:
    with time_limit(SECONDS):
        found = lint_text(principle("layer 99: only nothing; " * 3_000), "many.lp")
    assert found


# --- space files --------------------------------------------------------------------------------------------------


def space(cell: str, network: str = "stem conv_bn(channels=4); main(); head pool_linear();", extra: str = "") -> str:
    """A space of one cell."""
    return f"""space s {{
      operator none = zero() : absent; operator skip = identity() : shortcut; {extra}
      cell main {{ {cell} }}
      network {{ {network} }}
    }}"""


SMALL = "input x; output y = layer 0 (x); layers choose none, skip;"
MANY_NODES = " ".join(f"node n{i} = layer {i} ({'x' if i == 0 else f'n{i - 1}'});" for i in range(5_000))
WIDE = ", ".join(f"n{i}" for i in range(40))


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [
        space(SMALL),
        space(f"input x; {MANY_NODES} output y = layer 5000 (n4999); layers choose none, skip;"),
        space(f"input {WIDE}; output y = layer 0 (any of {{{WIDE}}}); layers choose none, skip;"),
        space(f"input {WIDE}; output y = layer 0 (one of {{{WIDE}}}); layers choose none, skip;"),
        space("input x; output y = layer 999999999999999999 (x); layers choose none, skip;"),
        space("input x; output y = 999999999999999999 x layer 0 (x); layers choose none, skip;"),
        space(SMALL, "stem conv_bn(channels=4); 999999999999999999 x main(); head pool_linear();"),
        space(SMALL, "stem conv_bn(channels=999999999999999999); main(); head pool_linear();"),
        space(SMALL, "image (channels=3, size=999999999999999999); main(); head pool_linear();"),
        space(SMALL, "stem conv_bn(channels=4, stride=0); main(); head pool_linear(classes=0);"),
        space(SMALL, "stem conv_bn(kernel=999999999999999999, channels=4); main(); head pool_linear();"),
        space(SMALL + " layers 0..999999999999999999 choose skip;"),
        space(SMALL + " at most 999999999999999999 sources;"),
        space(SMALL + " at most 0 sources;"),
        space("input x; node a = layer 0 (b); node b = layer 1 (a); output y = layer 2 (b); layers choose skip;"),
        space("input x; output y = concat(y); layers choose skip;"),
        space("input x; output y = concat(" + "x, " * 3_000 + "x);"),
        space(SMALL, "main(" + "channels=4, " * 3_000 + "stride=1);"),
        space(SMALL, extra=" ".join(f"operator o{i} = identity();" for i in range(3_000))),
        space(SMALL, extra='operator own = torch_module("os:system", argument=1);'),
        space(SMALL, extra='operator own = torch_module("../../etc/passwd:x");'),
        "space s { " + "cell c { input x; } " * 3_000 + "}",
        "space s { " + "network { " * 3_000 + "}",
        'space s { notation "' + "{0}" * 1_000 + '"; }',
        'space s { notation "' + "{" * 3_999 + '"; }',
    ],
    ids=identify,
)
def test_hostile_space_texts(text: str) -> None:
    nothing_breaks(text)


def test_a_hostile_size_costs_no_time() -> None:
    # Forty layers that each read any of forty nodes and choose among two operators: far beyond enumeration.
    nodes = ", ".join(f"n{i}" for i in range(8))
    layers = " + ".join(f"layer {i} (any of {{{nodes}}})" for i in range(40))
    text = space(f"input {nodes} preprocess conv_bn(kernel=1); output y = {layers}; layers choose none, skip;")
    with time_limit(SECONDS):
        findings = [item for item in lint_text(text, "wide.space") if item.severity == "error"]
    assert not findings


# --- files --------------------------------------------------------------------------------------------------------


def test_a_missing_file_and_a_directory(tmp_path: Path) -> None:
    refused(lambda: lapt.compile(tmp_path / "missing.lp"), "E901")
    refused(lambda: lapt.compile(tmp_path), "E901")
    refused(lambda: lapt.load_space(tmp_path / "missing.space"), "E901")
    refused(lambda: lapt.load_space(tmp_path))
    refused(lambda: lapt.compile("a\x00b.lp"), "E901")
    refused(lambda: lapt.compile("x" * 5000 + ".lp"), "E901")


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    for name, content in (("a.lp", b"\xff\xfe\x00"), ("b.lp", bytes(range(256))), ("c.lp", b"principles \xc3\x28")):
        path = tmp_path / name
        path.write_bytes(content)
        refused(lambda path=path: lapt.compile(path), "E902")  # type: ignore[misc]


def test_a_pipe_without_a_writer_does_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.lp")
    refused(lambda: lapt.compile(tmp_path / "pipe.lp"), "E901")


def test_an_unreadable_file(tmp_path: Path) -> None:
    path = tmp_path / "secret.lp"
    path.write_text(principle("layers: only skip;"), encoding="utf-8")
    path.chmod(0)
    if os.geteuid() == 0:  # root reads everything, so there is nothing to refuse
        assert lapt.compile(path).size == 1
    else:
        refused(lambda: lapt.compile(path), "E901")
    path.chmod(stat.S_IRUSR | stat.S_IWUSR)


def test_files_that_extend_each_other_in_a_circle(tmp_path: Path) -> None:
    for name, other in (("a", "b"), ("b", "c"), ("c", "a"), ("self", "self")):
        text = f'principles {name} for nas201;\nextends "{other}.lp";\n'
        (tmp_path / f"{name}.lp").write_text(text, encoding="utf-8")
    refused(lambda: lapt.compile(tmp_path / "a.lp"), "E302")
    refused(lambda: lapt.compile(tmp_path / "self.lp"), "E302")


def test_a_long_chain_and_a_wide_fan_of_files(tmp_path: Path) -> None:
    for number in range(600):
        text = f'principles p for nas201;\nextends "{number + 1}.lp";\n'
        (tmp_path / f"{number}.lp").write_text(text, encoding="utf-8")
    refused(lambda: lapt.compile(tmp_path / "0.lp"), "E303")
    # Every file extends the next twice: 2^20 ways to the last one, which is read once.
    for number in range(20):
        text = "principles p for nas201;\n" + f'extends "d{number + 1}.lp";\n' * 2
        (tmp_path / f"d{number}.lp").write_text(text, encoding="utf-8")
    (tmp_path / "d20.lp").write_text(principle("layers: only skip;"), encoding="utf-8")
    with time_limit(SECONDS):
        assert lapt.compile(tmp_path / "d0.lp").size == 1


@pytest.mark.parametrize("target", ["/dev/zero", "/dev/stdin", "/proc/self/environ", "..", ".", "", "\\", "~"])
def test_extending_what_is_no_principle_file(tmp_path: Path, target: str) -> None:
    path = tmp_path / "a.lp"
    escaped = target.replace("\\", "\\\\")
    path.write_text(f'principles a for nas201;\nextends "{escaped}";\n', encoding="utf-8")
    refused(lambda: lapt.compile(path))


def test_the_node_limit_holds() -> None:
    # A budget to the last weight of a large space explores many states; a small limit refuses it quickly.
    text = "principles p for darts; principle a { network: flops <= 512345678; some path: exactly 3 separable; }"
    space_of = lapt.load_space("darts")
    refused(lambda: lapt.compile(lapt.parse(text), space_of, max_nodes=500), "E503")  # type: ignore[arg-type]
    with time_limit(SECONDS):
        assert full(space_of).size > 0
