"""JSON for people and programs: indented, but a list of plain values stays on one line."""

from __future__ import annotations

import json
import re

_SCALAR = r'(?:"(?:[^"\\]|\\.)*"|-?[0-9.eE+-]+|true|false|null)'
# JSON strings hold no raw line break, so a list that json.dumps has broken into lines is never inside one.
_PLAIN_LIST = re.compile(rf"\[\n\s+({_SCALAR}(?:,\n\s+{_SCALAR})*)\n\s+\]")
_LONGEST = 100


def json_text(value: object) -> str:
    """`value` as JSON, keys in the order given, ending in a newline.

    Characters that a terminal would act on, control and bidirectional ones, are escaped as JSON escapes them.

    >>> print(json_text({"left": ["skip", "conv1x1"], "size": "12"}), end="")
    {
      "left": ["skip", "conv1x1"],
      "size": "12"
    }
    """
    text = _PLAIN_LIST.sub(_joined, json.dumps(value, indent=2, ensure_ascii=False)) + "\n"
    return text if text.isascii() else "".join(c if c.isprintable() or c == "\n" else json.dumps(c)[1:-1] for c in text)


def _joined(match: re.Match[str]) -> str:
    line = "[" + re.sub(r",\n\s+", ", ", match[1]) + "]"
    return line if len(line) <= _LONGEST else match[0]
