"""Limits of the languages, and what their tokens are called when a person reads about them."""

from __future__ import annotations

MAX_CHARACTERS = 16 * 2**20
MAX_TOKENS = 1_000_000
MAX_NESTING = 100
MAX_ERRORS = 200
MAX_NAME = 64
MAX_DIGITS = 18
MAX_FRACTION = 9
MAX_TEXT = 4000


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


HUMAN = {
    "NAME": "a name",
    "INT": "a whole number",
    "DECIMAL": "a number",
    "STRING": "a string in double quotes",
    "$END": "the end of the file",
}

RESERVED = {
    "principles": _words(
        "principles principle for any of in if then one prefer over by some every from to and layer layers into only "
        "never at exactly reads except output"
    ),
    "space": _words("space cell where or through node output layer layers choose image stem head"),
}
"""Words that cannot be names. A space's names are written in principle files too, so a space avoids both sets."""

GROUPS: dict[str, tuple[tuple[str, frozenset[str]], ...]] = {
    "principles": (
        (
            "a rule",
            _words("LAYER LAYERS EARLY MIDDLE LATE EACH STAGE STAGES SOME EVERY NETWORK IF ONE IN"),
        ),
        ("a predicate such as `only` or `at most`", _words("ONLY NEVER AT EXACTLY SAME DISTINCT READS")),
        ("`params`, `flops`, `depth` or `live layers`", _words("PARAMS FLOPS DEPTH LIVE")),
        ("a number", _words("INT DECIMAL")),
    ),
    "space": (
        (
            "an item (`operator`, `cell`, `network`, ...)",
            _words("OPERATOR CANDIDATES CELL NETWORK NOTATION"),
        ),
        (
            "`node`, `stage`, `output`, `input`, `layers` or `at most`",
            _words("INPUT NODE STAGE OUTPUT LAYERS LAYER AT"),
        ),
        ("a network part", _words("IMAGE STEM HEAD NAME INT")),
    ),
}
"""Sets of terminals that are named together in a message when all of them may stand."""

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
