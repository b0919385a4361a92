"""The options that the result of a comparison of models depends on."""

from __future__ import annotations

from dataclasses import dataclass, field

from lapt_dsl.commands.options.common import POSITIVE, RUN_BUDGET, SEEDS, SPACE
from lapt_dsl.commands.options.groups import option
from lapt_dsl.commands.options.model import DecodingOptions, SpendingOptions
from lapt_dsl.commands.options.proposer import ProposalOptions


@dataclass(frozen=True, kw_only=True)
class ComparisonOptions:
    """What models are prompted for; a transcript records these options, and a replay takes them from it."""

    source: str | None = field(default=None, metadata=option("--source", metavar="COLUMN", help="Task to learn from."))
    targets: tuple[str, ...] = field(
        default=(),
        metadata=option(
            "--target", multiple=True, metavar="COLUMN", help="Task to search on; repeatable. [default: all others]"
        ),
    )
    seeds: int = field(default=1, metadata=SEEDS)
    budget: int = field(default=50, metadata=RUN_BUDGET)
    interval: int | None = field(
        default=None,
        metadata=option(
            "--interval",
            type=POSITIVE,
            metavar="N",
            help="Evaluations between changes of the principles. [default: the paper's]",
        ),
    )
    space: str | None = field(default=None, metadata=SPACE)
    methods: str | None = field(
        default=None,
        metadata=option("--methods", metavar="A,B,...", help="Methods to compare the models with. [default: all]"),
    )
    proposal: ProposalOptions = field(default_factory=ProposalOptions)
    decoding: DecodingOptions = field(default_factory=DecodingOptions)
    spending: SpendingOptions = field(default_factory=SpendingOptions)
