"""`lapt sample`: random architectures, as strings."""

from __future__ import annotations

from dataclasses import dataclass, field

from lapt_dsl.commands.options.common import JSON, NATURAL, WHAT, CompileOptions
from lapt_dsl.commands.options.groups import option, verb
from lapt_dsl.commands.options.terminal import echo

BATCH = 4096
"""Architectures drawn and printed at a time, so that a large `-n` starts at once and needs little memory."""


@dataclass(frozen=True, kw_only=True)
class SampleOptions:
    """Everything that `lapt sample` takes."""

    what: str = field(metadata=WHAT)
    number: int = field(
        default=1, metadata=option("-n", type=NATURAL, show_default=True, help="Number of architectures.")
    )
    seed: int = field(
        default=0,
        metadata=option(
            "--seed", type=NATURAL, show_default=True, help="Random seed; the same seed gives the same architectures."
        ),
    )
    uniform: bool = field(
        default=False,
        metadata=option(
            "--uniform", flag=True, help="Ignore preferences; draw all architectures with equal probability."
        ),
    )
    compiling: CompileOptions = field(default_factory=CompileOptions)
    as_json: bool = field(default=False, metadata=JSON)


@verb(
    "sample",
    SampleOptions,
    epilog="""\b
Examples:
  lapt sample nas201 -n 3 --seed 0
  lapt sample my.lp -n 1000 --seed 7 > population.txt
  lapt sample my.lp --uniform --json""",
)
def command(options: SampleOptions) -> int:
    """Draw random architectures from WHAT, one per line in the notation of the space.

    WHAT is the name of a space, a .space file or a .lp file. Every architecture satisfies the principles; sampling is
    exact, without rejection. Draws are independent and follow the preferences (`prefer`), so an architecture can
    occur more than once.
    """
    from lapt_dsl.commands.options.named_spaces import load
    from lapt_dsl.commands.views.output import print_json

    what, number, uniform = options.what, options.number, options.uniform
    named = load(what, options.compiling)
    if number and not named.refined:
        echo(f"{named.heading}: no architecture remains; run `lapt lint {what}` for the reason", err=True)
        return 1
    import numpy as np

    rng = np.random.default_rng(options.seed)
    drawn: list[str] = []
    for start in range(0, number, BATCH):
        batch = named.refined.sample(min(BATCH, number - start), rng, uniform=uniform)
        texts = [named.space.format_arch(arch) for arch in batch]
        if options.as_json:
            drawn += texts
        else:
            echo("\n".join(texts))
    if options.as_json:
        print_json({"space": named.space.name, "seed": options.seed, "uniform": uniform, "architectures": drawn})
    return 0
