"""Limits of the languages, and what their tokens are called when a person reads about them."""

from __future__ import annotations

MAX_CHARACTERS = 4 * 2**20
MAX_TOKENS = 100_000
MAX_NESTING = 100
MAX_ERRORS = 200
MAX_NAME = 64
MAX_DIGITS = 18
MAX_FRACTION = 9
MAX_TEXT = 4000


HUMAN = {
    "NAME": "a name",
    "INT": "a whole number",
    "DECIMAL": "a number",
    "STRING": "a string in double quotes",
    "$END": "the end of the file",
}

ADVICE: dict[str, tuple[tuple[str, str], ...]] = {
    "principles": (
        ("IF", "a rule reads `layers: only convolution;`, `some path: at least 3 convolution;` or `if ... then ...`"),
        ("EXACTLY", "say what holds: `only convolution`, `at most 1 pooling`, `reads x`, ..."),
        ("PRINCIPLE", 'a file goes on with `principle NAME { ... }`, `drop NAME;` or `extends "FILE";`'),
        ("STRING", "put the text in double quotes"),
        ("NAME", "write a name"),
        ("INT", "write a number"),
        ("FLOPS", "a bound reads `network: params <= 1.3M;`"),
        ("AT_MOST_SIGN", "a bound reads `network: params <= 1.3M;`"),
    ),
    "space": (
        ("CELL", "a space goes on with `operator`, `candidates`, `cell`, `network` or `notation`, and ends in `}`"),
        ("NODE", "a cell goes on with `input x;`, `node a = layer 0 (x);`, `layers choose A, B;`, and ends in `}`"),
        ("STEM", "a network goes on with `stem ...;`, `5 x CELL;`, `BLOCK(...);` or `head ...;`, and ends in `}`"),
        ("STRING", "put the text in double quotes"),
        ("NAME", "write a name"),
        ("INT", "write a number"),
        ("$END", "a space file ends with the `}` of its space: look for a `}` too early"),
    ),
}
"""What to do where a terminal may stand; the first that may decides."""
