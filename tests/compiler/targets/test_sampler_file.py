"""`sampler.py` stands alone and gives the library's own stream."""

from __future__ import annotations

import ast
import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from lapt_dsl.compiler.building.library import load_space
from lapt_dsl.compiler.lowering.constraints import Allowed, CountConstraint, Weight
from lapt_dsl.compiler.refined.refined_space import RefinedSpace, full
from lapt_dsl.compiler.space.model import Architecture
from lapt_dsl.compiler.targets.evolution import RegularizedEvolution
from lapt_dsl.compiler.targets.sampler import write_sampler

INPUTS = [("my.lp", "0" * 64)]


def load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


def refined(name: str) -> RefinedSpace:
    space = load_space(name)
    whole = full(space)
    few = whole.restrict(CountConstraint(tuple((layer.decision, frozenset({1})) for layer in space.layers), 0, 3))
    rows = tuple(
        (layer.decision, tuple(0.1 * number for number in range(len(layer.choices)))) for layer in space.layers
    )
    return few.weighted(Weight(rows[::2]))


@pytest.mark.parametrize("name", ["nas201", "trans101", "darts", "nb101", "mobilenet"])
def test_the_stream_is_the_librarys(name: str, tmp_path: Path) -> None:
    space = refined(name)
    path = tmp_path / f"sampler_{name}.py"
    path.write_text(write_sampler(space, INPUTS), encoding="utf-8")
    module = load(path)
    theirs, ours = module.sampler(8, 3, seed=5), RegularizedEvolution(space.encoded, 8, 3, seed=5)
    for _ in range(60):
        word = ours.ask()
        assert word is not None
        assert theirs.ask() == word
        arch = Architecture(space.space, word)
        assert arch in space
        assert module.text(word) == str(arch)
        score = float(sum(word) % 7)
        ours.tell(word, score)
        theirs.tell(word, score)


def test_it_runs_by_itself_and_imports_numpy_alone(tmp_path: Path) -> None:
    path = tmp_path / "sampler.py"
    path.write_text(write_sampler(full(load_space("nas201")), INPUTS), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-I", str(path), "3", "1"], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    lines = done.stdout.splitlines()
    assert len(lines) == len(set(lines)) == 3
    assert all(load_space("nas201").parse_arch(line) for line in lines)
    imported = {
        (node.module or "").split(".")[0] if isinstance(node, ast.ImportFrom) else node.names[0].name.split(".")[0]
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    assert imported - set(sys.stdlib_module_names) == {"numpy"}


def test_the_bytes_depend_on_the_set_alone() -> None:
    space = load_space("darts")
    whole = full(space)
    one = Allowed(((0, frozenset({1, 2})),))
    other = CountConstraint(((3, frozenset({0})),), 0, 0)
    assert write_sampler(whole.restrict(one).restrict(other), INPUTS) == write_sampler(
        whole.restrict(other).restrict(one), INPUTS
    )


def test_a_space_of_one_architecture_ends_after_it(tmp_path: Path) -> None:
    space = load_space("nas201")
    single = full(space).restrict(Allowed(tuple((layer.decision, frozenset({3})) for layer in space.layers)))
    path = tmp_path / "sampler_single.py"
    path.write_text(write_sampler(single, INPUTS), encoding="utf-8")
    search = load(path).sampler()
    word = search.ask()
    search.tell(word, 1.0)
    assert search.ask() is None
    assert search.best == (word, 1.0)


def test_a_hostile_file_name_stays_a_comment() -> None:
    whole = full(load_space("nas201"))
    hostile = write_sampler(whole, [('"""\nimport os\n"""\\', "0" * 64)])
    assert ast.dump(ast.parse(hostile)) == ast.dump(ast.parse(write_sampler(whole, INPUTS)))


@pytest.mark.parametrize("options", [[], ["--line-length", "120"]])
def test_a_formatter_leaves_it_alone(options: list[str], tmp_path: Path) -> None:
    pytest.importorskip("ruff", reason="ruff is not installed")
    path = tmp_path / "sampler.py"
    path.write_text(write_sampler(refined("darts"), INPUTS), encoding="utf-8")
    ruff = [sys.executable, "-m", "ruff"]
    subprocess.run([*ruff, "format", "--isolated", "--check", *options, str(path)], check=True)
    subprocess.run([*ruff, "check", "--isolated", "--select", "E4,E7,E9,F,I,B,UP", str(path)], check=True)


def test_an_empty_space_has_no_sampler() -> None:
    whole = full(load_space("nas201"))
    with pytest.raises(ValueError, match="empty"):
        write_sampler(whole - whole, INPUTS)
