"""`lapt lint` reads and shows nothing outside its root."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.commands.script import lapt

SECRET = "root:x:0:0:secret"
GOOD = "principles general for nas201;\n\nprinciple first { layer 0: only skip; }\n"


def lint(*words: str, given: str = "") -> tuple[int, str]:
    code, out, err = lapt(["lint", *words], given.encode())
    return code, out or err


def child(path: str) -> str:
    return f'principles child for nas201;\n\nextends "{path}";\n'


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory `here` beside a secret file."""
    (tmp_path / "secret").write_text(SECRET + "\n")
    (tmp_path / "general.lp").write_text(GOOD)
    folder = tmp_path / "here"
    (folder / "sub").mkdir(parents=True)
    monkeypatch.chdir(folder)
    return folder


@pytest.mark.parametrize("path", ["/etc/passwd", "../secret", "sub/../../secret", "SECRET", "link.lp", "../absent"])
@pytest.mark.parametrize("format", ["text", "json", "sarif", "github"])
def test_extends_reads_nothing_outside_the_current_directory(here: Path, path: str, format: str) -> None:
    (here / "link.lp").symlink_to(here.parent / "secret")
    (here / "child.lp").write_text(child(path.replace("SECRET", str(here.parent / "secret"))))
    code, shown = lint("child.lp", "--format", format)
    assert code == 1
    assert "E304" in shown
    assert "root:" not in shown
    assert "`root`" not in shown


def test_a_file_of_a_parent_folder_is_read_below_the_current_directory(here: Path) -> None:
    (here / "general.lp").write_text(GOOD)
    (here / "sub" / "child.lp").write_text(child("../general.lp"))
    assert lint("sub/child.lp")[0] == 0
    assert lint(".")[0] == 0
    assert lint(str(here / "sub" / "child.lp"))[0] == 0


def test_a_file_elsewhere_reads_its_own_folder_only(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here.parent / "beside.lp").write_text(child("general.lp"))
    (here / "sub" / "child.lp").write_text(child("../../general.lp"))
    assert lint("../beside.lp")[0] == 0
    monkeypatch.chdir(here / "sub")
    assert "E304" in lint("child.lp")[1]
    assert lint("--root", "../..", "child.lp")[0] == 0
    # A folder that is named is the root of the files below it.
    (here.parent / "elsewhere").mkdir()
    monkeypatch.chdir(here.parent / "elsewhere")
    (here / "general.lp").write_text(GOOD)
    (here / "sub" / "child.lp").write_text(child("../general.lp"))
    assert lint("../here")[0] == 0
    assert "E304" in lint("../here/sub/child.lp")[1]


def test_a_linted_link_that_leads_out_is_refused(here: Path) -> None:
    (here / "link.lp").symlink_to(here.parent / "secret")
    (here / "folder").symlink_to(here.parent)
    for path in ("link.lp", ".", "folder/secret", str(here / "link.lp")):
        code, shown = lint(path)
        assert code == 1
        assert "E304" in shown
        assert "root:" not in shown
    assert lint("--fix", "link.lp")[0] == 1
    assert (here.parent / "secret").read_text() == SECRET + "\n"


def test_a_root_bounds_the_files_too(here: Path) -> None:
    (here / "mine.lp").write_text(GOOD)
    (here / "sub" / "mine.lp").write_text(GOOD)
    assert lint("--root", "sub", "sub/mine.lp")[0] == 0
    shown = json.loads(lint("--root", "sub", "--format", "json", "mine.lp")[1])
    assert [item["code"] for item in shown] == ["E304"]


def test_a_space_that_is_a_link_out_of_the_root_is_refused(here: Path) -> None:
    (here / "mine.space").symlink_to(here.parent / "secret")
    (here / "gone.space").symlink_to(here.parent / "absent")
    for name in ("mine", "gone"):
        (here / "program.lp").write_text(GOOD.replace("nas201", name))
        code, shown = lint("program.lp")
        assert code == 1
        assert "E304" in shown
        assert "root:" not in shown


def test_standard_input_reads_the_current_directory(here: Path) -> None:
    shown = lint("-", given=child("../secret"))[1]
    assert "E304" in shown
    assert "root:" not in shown
    (here / "general.lp").write_text(GOOD)
    assert lint("-", given=child("general.lp"))[0] == 0
