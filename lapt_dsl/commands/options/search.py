"""The options of `lapt search`."""

from __future__ import annotations

from dataclasses import dataclass, field

import click

from lapt_dsl.commands.options.common import JSON, NATURAL, PATH, POSITIVE, SOURCE_TASK
from lapt_dsl.commands.options.evaluators import TABLE_FILE, EvaluatorSelection
from lapt_dsl.commands.options.groups import option
from lapt_dsl.commands.options.proposer import INDUCTION, LLM, MANUAL, LlmOptions, proposer_option
from lapt_dsl.commands.options.stores import StoreOptions
from lapt_dsl.commands.options.workers import WorkerOptions
from lapt_dsl.search.settings import PRESETS

STRATEGIES = ("lapt", "evolution", "random", "local", "tpe", "replay", "box")


@dataclass(frozen=True, kw_only=True)
class SearchOptions:
    """Everything that `lapt search` takes."""

    table: str | None = field(default=None, metadata=TABLE_FILE)
    evaluator: EvaluatorSelection = field(default_factory=EvaluatorSelection)
    principles: str | None = field(
        default=None,
        metadata=option("--principles", type=PATH, metavar="FILE.lp", help="Principles to search inside."),
    )
    source: str | None = field(
        default=None,
        metadata=option(
            "--source",
            type=PATH,
            metavar="FILE",
            help="Table or run store of the source task: to learn from, to replay, or to take frequencies from.",
        ),
    )
    source_task: str | None = field(default=None, metadata=SOURCE_TASK)
    strategy: str = field(
        default="lapt",
        metadata=option("--strategy", type=click.Choice(STRATEGIES), show_default=True, help="Search strategy."),
    )
    preset: str | None = field(
        default=None,
        metadata=option(
            "--preset", type=click.Choice(list(PRESETS)), help="Settings of the paper. [default: those of the space]"
        ),
    )
    budget: int | None = field(
        default=None,
        metadata=option(
            "--budget", type=POSITIVE, metavar="N", help="Number of architectures to evaluate. [default: the preset's]"
        ),
    )
    seed: int = field(
        default=0,
        metadata=option(
            "--seed", type=NATURAL, show_default=True, help="Random seed; the same seed gives the same run."
        ),
    )
    fixed: bool = field(default=False, metadata=option("--fixed", flag=True, help="Keep the principles unchanged."))
    no_test: bool = field(
        default=False,
        metadata=option(
            "--no-test", flag=True, aliases=("--no-final",), help="Do not evaluate the best architecture on test data."
        ),
    )
    workers: WorkerOptions = field(default_factory=WorkerOptions)
    proposer: str = field(default=INDUCTION, metadata=proposer_option(INDUCTION, LLM, MANUAL))
    llm: LlmOptions = field(default_factory=LlmOptions)
    store: StoreOptions = field(default_factory=StoreOptions)
    as_json: bool = field(default=False, metadata=JSON)
