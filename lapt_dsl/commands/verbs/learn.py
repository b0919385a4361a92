"""`lapt learn`: from the best architectures of one task to a principle file."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import click

from lapt_dsl.commands.options.common import NATURAL, OUTPUT_FILE, PATH, POSITIVE
from lapt_dsl.commands.options.evaluators import EvaluatorSelection, build_evaluator, evaluator_spec
from lapt_dsl.commands.options.groups import argument, option, verb
from lapt_dsl.commands.options.proposer import INDUCTION, LLM, LlmOptions, proposer_option
from lapt_dsl.commands.options.stores import StoreOptions
from lapt_dsl.commands.options.terminal import echo
from lapt_dsl.commands.options.workers import WorkerOptions, scheduled_search

if TYPE_CHECKING:
    from lapt_dsl.compiler.space.model import Space
    from lapt_dsl.evaluate.evaluator import Evaluator
    from lapt_dsl.propose.archive import Archive
    from lapt_dsl.search.run.loop import Result

TOP = 50
"""Best architectures that are learned from; of the few of a run at most a quarter, so that the rest is contrast."""


@dataclass(frozen=True, kw_only=True)
class LearnOptions:
    """Everything that `lapt learn` takes."""

    table: str | None = field(default=None, metadata=argument("[TABLE|STORE]", type=PATH))
    evaluator: EvaluatorSelection = field(default_factory=EvaluatorSelection)
    samples: int | None = field(
        default=None,
        metadata=option(
            "--samples", type=POSITIVE, metavar="N", help="Number of architectures to evaluate; requires --evaluator."
        ),
    )
    seed: int = field(
        default=0,
        metadata=option("--seed", type=NATURAL, show_default=True, help="Random seed of the architectures drawn."),
    )
    store: StoreOptions = field(default_factory=StoreOptions)
    workers: WorkerOptions = field(default_factory=WorkerOptions)
    top: int | None = field(
        default=None,
        metadata=option(
            "--top",
            type=POSITIVE,
            help="Number of best architectures to learn from."
            " [default: 50; for a run or --evaluator, at most a quarter of its evaluations]",
        ),
    )
    general: bool = field(
        default=False,
        metadata=option(
            "--general", flag=True, help="Learn only rules about traits and positions, for any space (`for any`)."
        ),
    )
    proposer: str = field(default=INDUCTION, metadata=proposer_option(INDUCTION, LLM))
    llm: LlmOptions = field(default_factory=LlmOptions)
    out: str | None = field(default=None, metadata=OUTPUT_FILE)


@verb(
    "learn",
    LearnOptions,
    epilog="""\b
Examples:
  lapt learn imagenet16-120.json --top 50 -o general.lp
  lapt learn final_valid.csv --space trans101 --task jigsaw -o general.lp
  lapt learn --space nas201 --evaluator train --data digits --samples 60 --store digits.db -o general.lp
  lapt learn run.db -o general.lp
  lapt learn mine.csv --space my.space --task val_acc
  lapt learn imagenet16-120.json --proposer llm --model qwen --base-url http://127.0.0.1:8080/v1 -o general.lp""",
)
def command(options: LearnOptions) -> int:
    """Learn design principles from the best architectures of TABLE, and write them as a .lp file.

    TABLE is a table of published results, or the STORE of a recorded run. With --evaluator instead, --samples random
    architectures are evaluated first. The file is meant to be read, edited and checked in: every principle has a name,
    a sentence and its evidence. The same results always give the same file. A language model is called only with
    --proposer llm.
    """
    from lapt_dsl.commands.views.output import write_file, write_text
    from lapt_dsl.propose.revisions import compile_revision

    options.llm.check(options.proposer)
    if options.general and options.proposer != INDUCTION:
        raise click.UsageError("--general requires --proposer induction")
    archive, few = _archive(options)
    top = options.top or (min(TOP, -(-len(archive) // 4)) if few else TOP)
    out = options.out
    text = _text(archive, top, options)
    refined = compile_revision(text, out or "learned.lp", {}, archive.space).refined
    if out is None:
        write_text(text)
    else:
        write_file(out, text)
    where = f" -> {out}" if out is not None else ""
    best = min(top, len(archive))
    echo(f"learned from the {best} best on {archive.task}: {refined.size:,} architectures remain{where}", err=True)
    return 0


def _text(archive: Archive, top: int, options: LearnOptions) -> str:
    """The principles that the proposer learns from the best."""
    if options.proposer == LLM:
        from lapt_dsl.commands.options.proposer import model_session

        session = model_session(options.llm, archive.space, archive, top)
        try:
            return session.proposer.learn(archive.top(top))
        finally:
            echo(session.summary(), err=True)
    from lapt_dsl.propose.induction.general import GeneralProposer
    from lapt_dsl.propose.registry import proposer_named

    proposer = proposer_named(INDUCTION, archive.space, archive, top)
    if options.general:
        assert isinstance(proposer, GeneralProposer)
        return proposer.learn_general(archive.top(top))
    return proposer.learn(archive.top(top))


def _archive(options: LearnOptions) -> tuple[Archive, bool]:
    """What is learned from, and whether a run evaluated it, which evaluates few."""
    from lapt_dsl.commands.options.archives import is_store, read_archive
    from lapt_dsl.commands.options.named_spaces import named_space
    from lapt_dsl.propose.induction.library import require_scipy

    table, selection = options.table, options.evaluator
    space = None if selection.space is None else named_space(selection.space)
    if (table is None) == (selection.kind is None):
        raise click.UsageError("give a table or a run store, or else --evaluator KIND with --space and --samples")
    if table is None:
        if options.samples is None:
            raise click.UsageError("--evaluator requires --samples: the number of architectures to evaluate")
        options.store.check()
        require_scipy("learning principles by statistics")
        return _evaluated_archive(options, space, options.samples), True
    if options.samples is not None or options.store.store is not None or options.workers.apart:
        raise click.UsageError("--samples, --store, --workers and --ray require --evaluator; a table is read as it is")
    return read_archive(table, space, selection.task), is_store(table)


def _evaluated_archive(options: LearnOptions, space: Space | None, samples: int) -> Archive:
    """Draw architectures at random and evaluate them: a random search whose steps are the archive."""
    from dataclasses import replace

    from lapt_dsl.commands.views.ending import EndingReport
    from lapt_dsl.commands.views.progress import SearchProgress
    from lapt_dsl.compiler.refined.refined_space import full
    from lapt_dsl.search.run.interruption import interruptible
    from lapt_dsl.search.run.session import Search, run_search
    from lapt_dsl.search.settings import PRESETS

    spec = evaluator_spec(options.evaluator, with_workers=options.workers.apart)
    evaluator = build_evaluator(spec, space)
    if notice := getattr(evaluator, "notice", None):
        echo(f"note: {notice}", err=True)
    whole = full(evaluator.space)
    settings = replace(PRESETS["nas201"], budget=samples)
    search = Search(evaluator, whole, "random", settings, options.seed)
    store = options.store
    with (
        interruptible(),
        EndingReport(samples, store.store, as_json=False) as ending,
        scheduled_search(search, spec, options.evaluator, options.workers, store) as (scheduled, executor),
        SearchProgress(evaluator, settings.budget, whole.size, evaluator.space.name) as progress,
    ):
        _, result = run_search(scheduled, store.store, store.resume, ending.counting(progress), executor, final=False)
    return _archive_of(evaluator, result)


def _archive_of(evaluator: Evaluator, result: Result) -> Archive:
    """The scored architectures of a run. click.ClickException where every evaluation failed."""
    from lapt_dsl.commands.views import failures
    from lapt_dsl.evaluate.evaluator import Evaluation
    from lapt_dsl.propose.archive import Archive

    found = [
        (step.arch, evaluator.objective.score(step.outcome))
        for step in result.steps
        if isinstance(step.outcome, Evaluation)
    ]
    failed = failures.summary(result.steps)
    if not found:
        raise click.ClickException(f"there is nothing to learn from: {failed}")
    if failed is not None:
        echo(f"note: {failed}", err=True)
    return Archive(evaluator.space, evaluator.objective.metric, found)
