"""Quoting of untrusted text from tables, files and models inside a prompt.

Such text is either put on one line, shortened and without characters that open or close a block, or in a fenced block
whose fence is longer than any in the text.
"""

from __future__ import annotations

import re

SHORT = 100
LONG = 12_000

_MARKS = str.maketrans({"`": "'", "<": "(", ">": ")", '"': "'", "\\": "/"})


def one_line(text: str, length: int = SHORT) -> str:
    """Text for use within a line: white space is collapsed, control characters become `?`, characters with a meaning
    in Markdown, HTML or Python strings are replaced, and at most `length` characters are kept.

    >>> one_line('a`b`\\n\\n# c -->')
    "a'b' # c --)"
    """
    kept = " ".join(text[: 4 * length].split())
    shown = "".join(c if c.isprintable() else "?" for c in kept).translate(_MARKS)
    return shown if len(shown) <= length else shown[: length - 3] + "..."


def block(text: str, info: str = "", length: int = LONG) -> str:
    """Text as a fenced block: control characters are escaped, and at most `length` characters are kept, with a note
    about the rest."""
    cut = text[:length]
    lines = [_plain(line) for line in cut.replace("\r\n", "\n").strip("\n").split("\n")]
    if len(cut) < len(text):
        lines.append(f"... ({len(text) - len(cut):,} more characters)")
    longest = max((len(run) for run in re.findall("`+", cut)), default=0)
    fence = "`" * max(3, longest + 1)
    return "\n".join([f"{fence}{info}", *lines, fence])


def _plain(line: str) -> str:
    if line.isprintable():
        return line
    return "".join(c if c.isprintable() or c == "\t" else c.encode("unicode_escape").decode("ascii") for c in line)


def identifier(text: str) -> str:
    """A valid name made from any text: letters, digits and underscores, at most 40.

    >>> identifier("val acc/200")
    'val_acc_200'
    """
    kept = "".join(c if c.isascii() and c.isalnum() else "_" for c in text[:40]).strip("_")
    return kept or "task"
