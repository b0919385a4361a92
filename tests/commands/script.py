"""Script tests: input files, commands and their exact output in one text file.

    # A comment; then commands, each followed by what it prints.
    $ lapt count tiny.space
    3
    $ lapt count nope
    ! error: ...            standard error, marked with `! `
    [exit 2]                where the exit code is not 0
    -- tiny.space --
    ...                     a file the commands find in their working directory

`$ lapt lint - < reply.md` feeds standard input, `$ cat FILE` prints a file.
LAPT_UPDATE_SCRIPTS=1 rewrites expectations.
"""

from __future__ import annotations

import contextlib
import io
import re
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path

from lapt_dsl.commands.main import run


@dataclass(frozen=True)
class Script:
    head: str
    commands: tuple[str, ...]
    expected: str
    files: dict[str, str]
    tail: str


def read_script(text: str) -> Script:
    parts = re.split(r"(?m)^-- (.+) --\n", text)
    body, files = parts[0], dict(zip(parts[1::2], parts[2::2], strict=True))
    head, mark, rest = body.partition("$ ")
    commands = tuple(re.findall(r"(?m)^\$ (.+)$", body))
    return Script(head, commands, mark + rest, files, text[len(body) :])


def play(script: Script, directory: Path) -> str:
    """Write the files, run the commands in `directory`, and return what a script file would hold of it."""
    for name, content in script.files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    with contextlib.chdir(directory):
        transcript = "".join(f"$ {command}\n{_run(command)}" for command in script.commands)
    return transcript.replace(str(directory), "$WORK") + ("\n" if script.tail else "")


def _run(command: str) -> str:
    words = shlex.split(command)
    if words[0] == "cat":
        return Path(words[1]).read_text(encoding="utf-8")
    assert words[0] == "lapt", f"a script runs lapt or cat, not {words[0]}"
    given = b""
    if "<" in words:
        at = words.index("<")
        given = Path(words[at + 1]).read_bytes()
        words = words[:at]
    code, out, err = lapt(words[1:], given)
    marked = "".join(f"! {line}".rstrip() + "\n" for line in err.splitlines())
    lines = "\n".join(line.rstrip() for line in out.splitlines())
    return (lines + "\n" if lines else "") + marked + (f"[exit {code}]\n" if code else "")


def lapt(arguments: list[str], given: bytes = b"") -> tuple[int, str, str]:
    """Run lapt in this process: exit code, standard output, standard error."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="") for _ in range(2))
    before = sys.stdin
    sys.stdin = io.TextIOWrapper(io.BytesIO(given), encoding="utf-8")
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = run(arguments)
    finally:
        sys.stdin = before
    texts = []
    for stream in (out, err):
        stream.flush()
        texts.append(stream.buffer.getvalue().decode())  # type: ignore[attr-defined]
    return code, texts[0], texts[1]
