"""Pickled tables (`.pth`), read by a process of their own with bounded memory and time.

The child unpickles with `safe_pickle.py`, picks out the numbers and writes them as JSON; the parent checks those like
any other table. So the worst that a hostile file can do is to end the child.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import IO, Any

from lapt_dsl.diagnostics.diagnostic import LaptError
from lapt_dsl.diagnostics.suggestions import shortened
from lapt_dsl.evaluate.tables.raw_rows import MAX_ROWS, RawRows

MAX_FILE_BYTES = 2**30
MAX_SECONDS = 300
MAX_REPLY_BYTES = 2**28

_BASE_MEMORY = 2**30
_MEMORY_PER_BYTE = 16
"""A float takes 9 bytes in a pickle and 32 in a list of Python's; with the text beside it, 16 times is ample."""


def read_pickle(path: str) -> RawRows:
    """The rows of a pickled table: TransNAS-Bench-101's database, or a plain `{ARCH: {METRIC: number}}`.

    Args:
        path: The file: a bare pickle, or one of torch's two formats.

    Raises:
        LaptError: E709, it names a class that a table has no use for; E702, it is broken; E701, it holds something
            else; E710, it is too large or takes too long; E901, it cannot be read.
    """
    try:
        size = os.path.getsize(path)
        with open(path, "rb"):
            pass
    except OSError as error:
        reason = error.strerror or str(error)
        raise LaptError.of("E901", f"cannot read `{path}`: {reason}", path, hint="check the path") from error
    if size > MAX_FILE_BYTES:
        raise LaptError.of("E710", f"the file is larger than {MAX_FILE_BYTES // 2**20} MiB", path)
    reply = _ask(path, _BASE_MEMORY + _MEMORY_PER_BYTE * size)
    if "refused" in reply:
        hint = None
        if reply["code"] == "E709":
            hint = "nothing of it was run; a table needs numbers only, so export it as CSV where you trust it"
        raise LaptError.of(str(reply["code"]), str(reply["refused"]), path, hint=hint)
    raw = RawRows(path, [str(heading) for heading in reply["headings"]])
    for arch, values in reply["rows"]:
        # A row made before a task turned up for the first time is shorter; what it lacks is missing.
        raw.add(str(arch), [*values, *[None] * (len(raw.names) - len(values))])
    return raw


def _ask(path: str, memory: int) -> dict[str, Any]:
    command = [sys.executable, "-P", "-m", "lapt_dsl.evaluate.tables.pickled_table", path, str(memory)]
    try:
        # Paths that this process imports from, so that the child finds the same package.
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(entry for entry in sys.path if entry)}
        done = subprocess.run(command, capture_output=True, timeout=MAX_SECONDS, check=False, env=environment)
    except subprocess.TimeoutExpired as error:
        raise LaptError.of("E710", f"reading the pickle takes more than {MAX_SECONDS} s", path) from error
    if done.returncode != 0 or len(done.stdout) > MAX_REPLY_BYTES:
        message = "reading the pickle takes more memory or time than a table of its size can need"
        raise LaptError.of("E710", message, path, hint="export the columns you need as CSV")
    reply: dict[str, Any] = json.loads(done.stdout)
    return reply


def serve(path: str, memory: int, out: IO[str]) -> None:
    """The child: read the pickle under limits and write headings and rows, or why not, as JSON.

    Args:
        path: The file.
        memory: The most address space this process may have, in bytes.
        out: Where to write.
    """
    from lapt_dsl.evaluate.safe_pickle import Unsafe, load
    from lapt_dsl.evaluate.tables.trans_database import NotATable, table_of

    _limit(memory)
    try:
        headings, rows = table_of(load(path, MAX_FILE_BYTES))
        if len(rows) > MAX_ROWS:
            raise MemoryError
        reply: dict[str, object] = {"headings": headings, "rows": [(arch, _plain(values)) for arch, values in rows]}
    except Unsafe as problem:
        reply = {"code": "E709", "refused": f"the pickle holds {problem}, for which a table has no use"}
    except NotATable as problem:
        reply = {"code": "E701", "refused": f"this is no table: {problem}"}
    except MemoryError:
        reply = {"code": "E710", "refused": "reading the pickle takes more memory than a table of its size can need"}
    except Exception as problem:
        # A broken pickle can make the unpickler raise nearly anything, and all of it means the same.
        reason = f"{type(problem).__name__}: {problem}"
        reply = {"code": "E702", "refused": f"the pickle is broken or cut off ({shortened(reason)})"}
    json.dump(reply, out)


def _limit(memory: int) -> None:
    """Bound memory and processor time; where the system cannot, the parent's time limit is the only one."""
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (MAX_SECONDS, MAX_SECONDS))


def _plain(values: list[object]) -> list[object]:
    return [
        value if isinstance(value, (float, int, str)) or value is None else type(value).__name__ for value in values
    ]


if __name__ == "__main__":
    serve(sys.argv[1], int(sys.argv[2]), sys.stdout)
