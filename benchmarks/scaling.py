"""Parsing and linting principle files of up to 10,000 principles: processor time must grow like their number."""

from __future__ import annotations

import math
import random
import time
from functools import partial
from itertools import pairwise

from darts_rules import seconds, verdict

import lapt_dsl as lapt
from lapt_dsl.compiler.analyses.lint import lint_text
from lapt_dsl.language.parsing.parser import parse

SIZES = (1_250, 2_500, 5_000, 10_000)
OPERATORS = ("none", "skip", "conv1x1", "conv3x3", "avg_pool3x3", "convolution", "pooling", "shortcut")


def statement(rng: random.Random) -> str:
    """A rule of NAS-Bench-201, of any form, loose enough that thousands of them can hold together."""
    operator, other = rng.sample(OPERATORS, 2)
    layer, following = rng.randrange(6), rng.randrange(6)
    forms = (
        f"layers: at most {rng.randrange(4, 7)} {operator};",
        f"if layer {layer}: only {operator}; then layer {following}: only any except none;",
        f"one of {{ layer {layer}: only {operator}, {other}; layer {following}: never {operator}; }}",
        f"every path: at most {rng.randrange(2, 4)} {operator};",
        f"network: params <= {rng.randrange(900, 1600)}k;",
        f"layer {layer}: prefer {operator} over {other} by 0.{rng.randrange(1, 10)};",
    )
    return rng.choice(forms)


def file_of(count: int) -> str:
    """A principle file of `count` principles."""
    rng = random.Random(1)
    blocks = [f'principle p{i} "Number {i}." {{\n  {statement(rng)}\n}}\n' for i in range(count)]
    return "principles many for nas201;\n\n" + "\n".join(blocks)


def main() -> None:
    lapt.load_space("nas201")
    parses, lints = [], []
    for count in SIZES:
        text = file_of(count)
        parses.append(seconds(partial(parse, text, "many.lp"), repeats=5, clock=time.process_time))
        lints.append(seconds(partial(lint_text, text, "many.lp"), repeats=5, clock=time.process_time))
        print(f"{count:7,} principles ({len(text):9,} characters)  parse {parses[-1]:7.3f} s   lint {lints[-1]:7.3f} s")
    for what, times in (("parse", parses), ("lint", lints)):
        ratios = [later / earlier for earlier, later in pairwise(times)]
        exponent = math.log(times[-1] / times[0]) / math.log(SIZES[-1] / SIZES[0])
        shown = ", ".join(f"{ratio:.2f}" for ratio in ratios)
        print(
            f"{what}: each doubling takes {shown} times as long, growth n^{exponent:.2f} ({verdict(exponent <= 1.15)})"
        )


if __name__ == "__main__":
    main()
