"""The front door: `import lapt_dsl as lapt`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import lapt_dsl as lapt
from tests.places import ROOT

EXAMPLES = ROOT / "examples"


def test_every_name_is_there() -> None:
    for name in lapt.__all__:
        assert getattr(lapt, name) is not None
    assert set(lapt.__all__) <= set(dir(lapt))
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = lapt.nothing  # type: ignore[attr-defined]


def test_importing_loads_next_to_nothing() -> None:
    heavy = "('lapt_dsl', 'lark', 'numpy')"
    code = f"import sys, lapt_dsl; print(sorted(m for m in sys.modules if m.split('.')[0] in {heavy}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['lapt_dsl']"


def test_compile_takes_a_path_or_a_tree() -> None:
    path = EXAMPLES / "nas201_imagenet.lp"
    from_path = lapt.compile(path)
    tree = lapt.parse(path.read_text(encoding="utf-8"))
    assert isinstance(tree, lapt.PrincipleFile)
    assert lapt.compile(str(path)) == lapt.compile(tree) == lapt.compile(tree, "nas201") == from_path
    assert lapt.compile(tree, lapt.load_space("nas201")) == from_path
    assert 0 < from_path.size < 15_625


def test_a_file_for_any_space_needs_one() -> None:
    path = EXAMPLES / "any_transfer.lp"
    sizes = {name: lapt.compile(path, name).size for name in ("nas201", "trans101", "darts")}
    assert all(sizes.values())
    with pytest.raises(lapt.LaptError, match="E222"):
        lapt.compile(path)


def test_extended_files_are_part_of_what_is_compiled() -> None:
    result = lapt.compile_principles(EXAMPLES / "darts_cifar100.lp")
    assert [Path(file.name).name for file in result.program.files] == ["darts_cifar100.lp", "chain.lp"]
    assert [effect.name for effect in result.effects] == ["chain", "few_pools", "growing_cells"]
    assert 0 < result.refined.size < lapt.compile(EXAMPLES / "chain.lp").size


def test_a_space_beside_the_file_is_found_by_name(tmp_path: Path) -> None:
    space = (
        "space tiny { operator skip = identity() : shortcut; operator conv = relu_conv_bn(kernel=3) : convolution;"
        " cell main { input x; output y = layer 0 (x); layers choose skip, conv; }"
        " network { stem conv_bn(kernel=3, channels=4); main; head bn_relu_pool_linear(); } }"
    )
    (tmp_path / "tiny.space").write_text(space, encoding="utf-8")
    (tmp_path / "own.lp").write_text("principles own for tiny; principle a { layer 0: only conv; }", encoding="utf-8")
    refined = lapt.compile(tmp_path / "own.lp")
    assert refined.size == 1
    assert lapt.load_space(tmp_path / "tiny.space") == refined.space


def test_lint_reads_no_other_file() -> None:
    text = (EXAMPLES / "darts_cifar100.lp").read_text(encoding="utf-8")
    assert [item.code for item in lapt.lint(text) if item.severity == "error"] == ["E304"]
    assert lapt.lint("principles p for nas201; principle a { layers: at most 1 pooling; }") == []


@pytest.mark.parametrize(
    "text", ["", "\0", "principles", "space", "}" * 99, "principles p for nas201; principle a { in"]
)
def test_bad_text_is_a_finding(text: str) -> None:
    assert any(item.severity == "error" for item in lapt.lint(text))
    with pytest.raises(lapt.LaptError):
        lapt.parse(text)


def test_errors_say_where() -> None:
    with pytest.raises(lapt.LaptError, match=r"<text>:1:\d+: E201 .*`conv33`"):
        lapt.compile(lapt.parse("principles p for nas201; principle a { layers: only conv33; }"))  # type: ignore[arg-type]
    with pytest.raises(lapt.LaptError, match="E901"):
        lapt.compile("no/such/file.lp")


@pytest.mark.slow
def test_a_network_is_built() -> None:
    pytest.importorskip("torch")
    space = lapt.load_space("nas201")
    arch = space.parse_arch(
        "|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|skip_connect~0|nor_conv_3x3~1|nor_conv_3x3~2|"
    )
    module = lapt.build_module(space, arch)
    assert sum(parameter.numel() for parameter in module.parameters()) == 1_288_506


def test_values_show_themselves_briefly() -> None:
    refined = lapt.compile(EXAMPLES / "nas201_imagenet.lp")
    space = refined.space
    assert repr(space) == "<Space nas201: NAS-Bench-201: one cell, six layers, five operators>"
    assert repr(space.cells[0]) == "<Cell main: 6 layers>"
    assert repr(refined.candidates[3].layer) == "<Layer 3 of main>"
    assert repr(refined.candidates[3].operators) == "(<Operator skip>, <Operator conv1x1>)"


def test_a_notebook_shows_tables() -> None:
    refined = lapt.compile(EXAMPLES / "nas201_imagenet.lp")
    assert "<td>main 3</td><td><s>none</s> skip conv1x1 <s>conv3x3</s>" in refined._repr_html_()
    assert "<b>nas201</b>: 15,625 architectures" in refined.space._repr_html_()
    arch = refined.space.parse_arch("|none~0|+|none~0|none~1|+|skip_connect~0|none~1|nor_conv_1x1~2|")
    assert "<tr><td>main 5</td><td>conv1x1</td><td>b</td></tr>" in arch._repr_html_()
    sizes = lapt.RefinedSpace.full(lapt.load_space("mobilenet"))
    assert "<td>stage1 width</td><td>16 24 32</td><td></td>" in sizes._repr_html_()


def test_a_score_of_an_unknown_name_is_refused() -> None:
    with pytest.raises(ValueError, match="not 'latency'"):
        lapt.compile(EXAMPLES / "nas201_imagenet.lp").best("latency")  # type: ignore[arg-type]


def test_a_tree_of_a_space_is_no_principle_file() -> None:
    from lapt_dsl import spaces

    with pytest.raises(lapt.LaptError, match="E301"):
        lapt.compile(lapt.parse(spaces.text("nas201")))


def test_texts_and_seeds_are_what_people_pass() -> None:
    refined = lapt.compile(lapt.parse("principles p for nas201; principle a { layer 3: only skip; }"))
    arch = refined.sample(1, 0)[0]
    assert arch == refined.sample(1, np.random.default_rng(0))[0]
    assert refined.mutate(arch, 3) == refined.mutate(arch, np.random.default_rng(3))
    with pytest.raises(TypeError, match="parse_arch"):
        assert str(arch) in refined
    assert refined.space.parse_arch(str(arch)) in refined
