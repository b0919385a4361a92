"""Limits of the languages, and what their tokens are called when a person reads about them."""

from __future__ import annotations

MAX_CHARACTERS = 16 * 2**20
MAX_TOKENS = 2_000_000
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

RESERVED = {
    "principles": frozenset(
        "principles principle for any of in if then one prefer over by some every from to and layer layers into only "
        "never at exactly reads except output".split()
    ),
    "space": frozenset("space cell where or through node output layer layers choose image stem head".split()),
}
"""Words that cannot be names. A space's names are written in principle files too, so a space avoids both sets."""

GROUPS: dict[str, tuple[tuple[str, frozenset[str]], ...]] = {
    "principles": (
        (
            "a rule",
            frozenset("LAYER LAYERS EARLY MIDDLE LATE EACH STAGE STAGES SOME EVERY NETWORK IF ONE IN".split()),
        ),
        ("a predicate such as `only` or `at most`", frozenset("ONLY NEVER AT EXACTLY SAME DISTINCT READS".split())),
        ("`params`, `flops`, `depth` or `live layers`", frozenset("PARAMS FLOPS DEPTH LIVE".split())),
        ("a place", frozenset("INPUT STAGE PREVIOUS OUTPUT NAME".split())),
        ("a number", frozenset("INT DECIMAL".split())),
    ),
    "space": (
        ("an item (`operator`, `cell`, `network`, ...)", frozenset("OPERATOR CANDIDATES CELL NETWORK NOTATION".split())),
        ("`node`, `stage`, `output`, `input`, `layers` or `at most`", frozenset("INPUT NODE STAGE OUTPUT LAYERS LAYER AT".split())),
        ("a network part", frozenset("IMAGE STEM HEAD NAME INT".split())),
    ),
}
"""Sets of terminals that are named together in a message when all of them may stand."""
