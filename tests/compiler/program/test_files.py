"""`extends`, `drop`, replacement and conflicts, and what files may be read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import lapt_dsl as lapt
from lapt_dsl.compiler.analyses.lint import lint_text
from lapt_dsl.compiler.program.inheritance import ImportScope, Program, assemble, check_program, load_program
from lapt_dsl.compiler.program.source_files import read_source, source_of_text


def write(base: Path, /, **files: str) -> None:
    for name, text in files.items():
        (base / f"{name}.lp").write_text(text, encoding="utf-8")


def principle(name: str, rule: str = "layer 0: only skip;") -> str:
    return f"principle {name} {{ {rule} }}\n"


def names(program: Program) -> list[str]:
    return [each.tree.name.text for each in program.principles]


def refusal(path: Path, root: Path | None = None) -> list[lapt.Diagnostic]:
    with pytest.raises(lapt.LaptError) as caught:
        load_program(path, root)
    return caught.value.diagnostics


def test_a_child_drops_replaces_and_adds(tmp_path: Path) -> None:
    write(
        tmp_path,
        base="principles base for any;"
        + principle("first", "late layers: only shortcut;")
        + principle("two")
        + principle("three"),
        child='principles child for nas201; extends "base.lp"; drop first;'
        + principle("four")
        + principle("two", "layer 1: only skip;"),
    )
    # `two` keeps its place, so that the reader of a difference finds it where it was.
    program = load_program(tmp_path / "child.lp")
    assert names(program) == ["two", "three", "four"]
    assert [each.general for each in program.principles] == [False, True, False]
    assert [Path(file.name).name for file in program.files] == ["child.lp", "base.lp"]
    assert all(len(file.sha256) == 64 for file in program.files)


def test_parents_that_agree_and_parents_that_do_not(tmp_path: Path) -> None:
    head = "principles p for nas201;"
    write(
        tmp_path,
        a=head + principle("first"),
        b=head + "// the same\n" + principle("first"),
        c=head + principle("first", "layer 1: only skip;"),
        agree=head + 'extends "a.lp"; extends "b.lp";',
        differ=head + 'extends "a.lp"; extends "c.lp";',
        dropped=head + 'extends "a.lp"; extends "c.lp"; drop first;' + principle("two"),
        decided=head + 'extends "a.lp"; extends "c.lp";' + principle("first", "layer 2: only skip;"),
    )
    assert names(load_program(tmp_path / "agree.lp")) == ["first"]
    assert names(load_program(tmp_path / "dropped.lp")) == ["two"]
    assert names(load_program(tmp_path / "decided.lp")) == ["first"]
    (found,) = refusal(tmp_path / "differ.lp")
    assert found.code == "E305"
    assert [Path(note.span.file).name for note in found.notes if note.span] == ["a.lp", "c.lp"]


def test_a_diamond_is_read_once(tmp_path: Path) -> None:
    head = "principles p for nas201;"
    write(tmp_path, top=head + principle("first"), left=head + 'extends "top.lp";', right=head + 'extends "top.lp";')
    write(tmp_path, bottom=head + 'extends "left.lp"; extends "right.lp";')
    program = load_program(tmp_path / "bottom.lp")
    assert names(program) == ["first"]
    assert len(program.files) == 4


def test_circles_chains_and_wrong_parents(tmp_path: Path) -> None:
    head = "principles p for nas201;"
    write(tmp_path, a=head + 'extends "b.lp";', b=head + 'extends "a.lp";', own=head + 'extends "own.lp";')
    write(tmp_path, darts="principles p for darts;" + principle("first"))
    write(tmp_path, other=head + 'extends "darts.lp";', general='principles p for any; extends "darts.lp";')
    (tmp_path / "x.space").write_text("space x { }", encoding="utf-8")
    write(tmp_path, space=head + 'extends "x.space";', missing=head + 'extends "gone.lp"; drop first;')
    write(tmp_path, folder=head + f'extends "../{tmp_path.name}";')
    write(tmp_path, **{f"c{i}": head + f'extends "c{i + 1}.lp";' for i in range(40)}, c40=head + principle("first"))
    assert [item.code for item in refusal(tmp_path / "a.lp")] == ["E302"]
    assert [item.code for item in refusal(tmp_path / "own.lp")] == ["E302"]
    assert [item.code for item in refusal(tmp_path / "other.lp")] == ["E307"]
    assert [item.code for item in refusal(tmp_path / "general.lp")] == ["E307"]
    assert "E301" in [item.code for item in refusal(tmp_path / "space.lp")]
    assert [item.code for item in refusal(tmp_path / "missing.lp")] == ["E901"]
    assert [item.code for item in refusal(tmp_path / "folder.lp")] == ["E901"]
    assert [item.code for item in refusal(tmp_path / "c0.lp")] == ["E303"]
    assert [item.code for item in refusal(tmp_path / "nowhere.lp")] == ["E901"]


def test_nothing_outside_the_root_is_read(tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    head = "principles p for nas201;"
    write(tmp_path, secret=head + principle("first"))
    write(inside, up=head + 'extends "../secret.lp";', absolute=head + f'extends "{tmp_path}/secret.lp";')
    write(inside, near=head + principle("two"), good=head + 'extends "near.lp";')
    (inside / "link.lp").symlink_to(tmp_path / "secret.lp")
    write(inside, linked=head + 'extends "link.lp";')
    assert names(load_program(inside / "good.lp", root=inside)) == ["two"]
    for name in ("up", "absolute", "linked"):
        assert names(load_program(inside / f"{name}.lp")) == ["first"]
        assert [item.code for item in refusal(inside / f"{name}.lp", root=inside)] == ["E304"]
    text = head + 'extends "near.lp";' + principle("three")
    assert [item.code for item in lint_text(text)] == ["E304"]
    assert lint_text(text, base=inside, root=inside)[0].code != "E304"


def test_what_is_no_text_is_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    found = {}
    for name in ("pipe", "binary", ".", "none", "nul\0byte", "x" * 5000):
        with pytest.raises(lapt.LaptError) as caught:
            read_source(f"{tmp_path}/{name}")
        found[name[:8]] = caught.value.diagnostics[0].code
    assert found == {
        "pipe": "E901",
        "binary": "E902",
        ".": "E901",
        "none": "E901",
        "nul\0byte": "E901",
        "xxxxxxxx": "E901",
    }


def test_syntax_errors_of_every_file_are_reported(tmp_path: Path) -> None:
    write(tmp_path, a="principles p for nas201; principle first { layer 0 only skip; }")
    write(tmp_path, b='principles p for nas201; extends "a.lp"; principle second { layers: onyl skip; }')
    files = {Path(item.span.file).name for item in refusal(tmp_path / "b.lp")}
    assert files == {"a.lp", "b.lp"}


def test_a_text_that_is_a_space_is_no_program() -> None:
    program, found = check_program(source_of_text("space x { }"), ImportScope())
    assert program is None
    assert "E301" in [item.code for item in found]


def test_a_tree_without_a_file_extends_nothing() -> None:
    tree = lapt.parse('principles p for nas201; extends "x.lp"; drop first;')
    assert isinstance(tree, lapt.PrincipleFile)
    _, found = assemble(tree, source_of_text(""), ImportScope())
    assert [item.code for item in found] == ["E304"]


def test_extended_files_are_bounded_together(tmp_path: Path) -> None:
    filler = "// " + "x" * 96 + "\n"
    write(tmp_path, **{f"g{n}": "principles g for any;\n" + filler * 2_000 for n in range(4)})
    write(tmp_path, small='principles s for nas201; extends "g0.lp"; extends "g1.lp";\n')
    write(tmp_path, large="principles s for nas201;\n" + "".join(f'extends "g{n}.lp";\n' for n in range(4)))
    assert names(load_program(tmp_path / "small.lp")) == []
    assert [item.code for item in refusal(tmp_path / "large.lp")] == ["E303", "E303"]
