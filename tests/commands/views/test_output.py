"""Files are written whole or not at all, and every way of failing says so in a sentence."""

from __future__ import annotations

import errno
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from lapt_dsl.commands.options.inputs import read_inputs
from lapt_dsl.commands.views.output import share, write_file, write_files
from lapt_dsl.compiler.program.source_files import SourceFile
from lapt_dsl.diagnostics.diagnostic import LaptError
from tests.commands.script import lapt


def test_files_appear_complete_with_ordinary_permissions(tmp_path: Path) -> None:
    written = write_files(str(tmp_path / "new" / "folder"), {"a.txt": "one\n", "b.txt": "two\n"})
    assert [Path(path).read_text() for path in written] == ["one\n", "two\n"]
    mask = os.umask(0)
    os.umask(mask)
    assert all(Path(path).stat().st_mode & 0o777 == 0o666 & ~mask for path in written)
    assert sorted(os.listdir(tmp_path / "new" / "folder")) == ["a.txt", "b.txt"]


def test_a_full_disk_leaves_the_old_files_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_files(str(tmp_path), {"a.txt": "old\n", "b.txt": "old\n"})
    calls = 0

    def full(descriptor: int) -> None:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(LaptError) as caught:
        write_files(str(tmp_path), {"a.txt": "new\n", "b.txt": "new\n"})
    assert caught.value.diagnostics[0].code == "E903"
    assert "No space left on device" in caught.value.diagnostics[0].message
    assert sorted(os.listdir(tmp_path)) == ["a.txt", "b.txt"]
    assert (tmp_path / "a.txt").read_text() == "old\n"


def test_a_folder_in_the_way_is_refused(tmp_path: Path) -> None:
    (tmp_path / "net.py").mkdir()
    with pytest.raises(LaptError):
        write_file(str(tmp_path / "net.py"), "x")
    with pytest.raises(LaptError):
        write_files(str(tmp_path), {"a.txt": "x", "net.py": "x"})
    assert os.listdir(tmp_path) == ["net.py"]


def test_a_file_where_a_folder_should_be_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("")
    (tmp_path / "p.lp").write_text('principles p for nas201; principle q "Q." { layers: at most 1 pooling; }\n')
    code, _, err = lapt(["compile", str(tmp_path / "p.lp"), "-o", str(tmp_path / "out")])
    assert code == 2
    assert "E903" in err
    assert "Traceback" not in err


def test_links_and_pipes_are_written_through(tmp_path: Path) -> None:
    (tmp_path / "real.txt").write_text("old\n")
    (tmp_path / "real.txt").chmod(0o600)
    (tmp_path / "link.txt").symlink_to("real.txt")
    write_file(str(tmp_path / "link.txt"), "new\n")
    assert (tmp_path / "link.txt").is_symlink()
    assert (tmp_path / "real.txt").read_text() == "new\n"
    assert (tmp_path / "real.txt").stat().st_mode & 0o777 == 0o600
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    write_file(str(tmp_path / "pipe"), "through\n")
    assert os.read(reader, 100) == b"through\n"
    os.close(reader)
    assert (tmp_path / "pipe").is_fifo()


@pytest.mark.parametrize("arguments", [["show", "darts"], ["spaces", "--json"], ["sample", "nas201", "-n", "20000"]])
def test_a_closed_pipe_is_no_error(arguments: list[str]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    program = "import sys; from lapt_dsl.commands.main import main; main(sys.argv[1:])"
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], stdout=writer, stderr=subprocess.PIPE, text=True, check=False
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [
        (0, 10, "0 %"),
        (10, 10, "100 %"),
        (1, 3, "33.3 %"),
        (99999, 100000, "> 99.9 %"),
        (84, 100, "84.0 %"),
        (1, 2000, "0.05 %"),
        (1, 10**30, "1.0e-28 %"),
        (10**400, 3 * 10**400, "33.3 %"),
        (0, 0, "-"),
    ],
)
def test_shares_are_readable(part: int, whole: int, text: str) -> None:
    assert share(part, whole) == text


@pytest.mark.parametrize(
    ("command", "code"),
    [("count nas201 >&-", 0), ("lint missing.lp 2>&-", 2), ("lint - <&-", 2), ("lint missing.lp >&- 2>&-", 2)],
)
def test_a_closed_stream_is_no_mistake_in_lapt(command: str, code: int) -> None:
    call = f"{shlex.quote(sys.executable)} -c 'from lapt_dsl.commands.main import main; main()' {command}"
    done = subprocess.run(["bash", "-c", call], capture_output=True, text=True, check=False)
    assert done.returncode == code
    assert "mistake in lapt" not in done.stderr


def test_a_folder_stands_for_what_is_not_hidden(tmp_path: Path) -> None:
    for name in ("b.lp", "a.space", "sub/c.lp", ".venv/lib/d.lp", "sub/.e.lp"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("", encoding="utf-8")
    found = [source.name for source in read_inputs([str(tmp_path)]) if isinstance(source, SourceFile)]
    assert found == [str(tmp_path / name) for name in ("a.space", "b.lp", "sub/c.lp")]


def test_a_mistake_in_lapt_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LAPT_DEBUG", raising=False)
    monkeypatch.setattr("lapt_dsl.compiler.building.library.load_space", lambda name: 1 / 0)
    code, out, err = lapt(["count", "nas201"])
    assert (code, out) == (3, "")
    assert err.startswith("lapt: ZeroDivisionError")
    assert "please report it" in err
