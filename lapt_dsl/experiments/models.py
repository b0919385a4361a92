"""Comparison of language models as proposers (LAPT, AAAI 2025, Table 6), with baselines without a model.

Each model learns once from the source and then changes its principles on every target with every seed, as often as in
the paper. The baselines are induction as often as a model, induction every few evaluations, the frequency box,
evolution on the full space, and random search.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from lapt_dsl.compiler.space.model import Space
from lapt_dsl.diagnostics.diagnostic import LaptError, ModelSetupError
from lapt_dsl.experiments.methods import LEARNED
from lapt_dsl.experiments.published import between_columns
from lapt_dsl.experiments.single import RunRecord, run_one
from lapt_dsl.experiments.study import Method, Study, TargetTask
from lapt_dsl.propose.archive import Archive
from lapt_dsl.propose.exchange import Exchange, Mode
from lapt_dsl.propose.model.client import Client
from lapt_dsl.propose.model.proposer import FELL_BACK, ModelProposer, WriterOptions, Written
from lapt_dsl.propose.model.validation import ValidationResult
from lapt_dsl.propose.proposer import Proposer
from lapt_dsl.propose.registry import proposer_named
from lapt_dsl.search.settings import OFTEN, Settings

INDUCTION, EAGER = "induction", "induction-often"

BASELINES = (
    Method(INDUCTION, "induction, as often as a model", "lapt", LEARNED, adapts=True),
    Method(EAGER, f"induction, every {OFTEN} evaluations", "lapt", LEARNED, adapts=True),
    Method("box", "frequency box, evolution inside", "box"),
    Method("evolution", "no principles: evolution on the full space", "evolution"),
    Method("random", "no principles: random search", "random"),
)
"""The baselines."""

REFUSED = "E860"
"""The model answered, and no answer was accepted."""

_GONE = ("E841", "E842")
"""The server does not answer or rejects the key, so the remaining searches are skipped."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A model to compare: its name, its client, and for a replay the error that occurred instead of a connection."""

    name: str
    client: Client
    unreached: LaptError | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """The plan of a comparison: table, settings, and options of the models.

    Attributes:
        table: File with one column per task.
        source: Column that principles are learned from.
        settings: Settings of a run. Their `interval` applies to models; None is the paper's.
        seeds: Number of seeds per target.
        targets: Columns to search on. None is every other column.
        space: Search space, by name or path. None is the shipped space that reads the table.
        writing: Options of the proposer that asks a model.
        fallback: Proposer that replaces a model whose replies are not accepted. None lets the run fail.
    """

    table: str
    source: str
    settings: Settings
    seeds: int = 1
    targets: tuple[str, ...] | None = None
    space: str | None = None
    writing: WriterOptions = field(default_factory=WriterOptions)
    fallback: str | None = None

    def study(self, methods: tuple[Method, ...], settings: Settings) -> Study:
        """The experiment for `methods`. Induction learns the first principles of those that need them."""
        limit = settings.budget
        study = between_columns(self.table, self.source, methods, settings, limit, self.space)
        if self.targets is not None:
            study.targets = tuple(_named(study, name) for name in self.targets)
        return study


def _named(study: Study, name: str) -> TargetTask:
    """The target of this name. Raises E712 if there is no such column, E831 if it is the source's."""
    column = study.source_table.column(name).name
    for target in study.targets:
        if target.name == column:
            return target
    hint = "a target is another column of the validation split"
    raise LaptError.of(
        "E831", f"`{column}` cannot be searched on: {hint}", study.source_table.name, hint="choose another"
    )


@dataclass(frozen=True, slots=True)
class Failed:
    """The error that ended a run. `target` and `seed` are None if learning from the source failed."""

    target: str | None
    seed: int | None
    code: str
    message: str


@dataclass
class ModelRow:
    """The results of one endpoint.

    Attributes:
        name: Name of the endpoint.
        model: Name of the model.
        mode: How the decoder was constrained. None if the server could not be reached.
        learned: Principles learned from the source. None if learning failed.
        records: Records of the finished runs.
        failed: Errors of the others.
        exchanges: All requests and replies.
        money: Cost of the exchanges, in the currency of the endpoint's prices.
        files: Number of principle files that were requested, failures included.
        first_formed: Number of files whose first reply was a principle file that compiles, accepted or not.
        fell_back: Number of files that the fallback wrote.
    """

    name: str
    model: str = ""
    mode: Mode | None = None
    learned: str | None = None
    records: list[RunRecord] = field(default_factory=list)
    failed: list[Failed] = field(default_factory=list)
    exchanges: Sequence[Exchange] = ()
    money: float = 0.0
    files: int = 0
    first_formed: int = 0
    fell_back: int = 0

    def validated(self, exchange: Exchange, result: ValidationResult) -> None:
        """Count a first reply that compiles."""
        self.first_formed += is_question(exchange) and result.numbers is not None

    def written(self, written: Written) -> None:
        """Count a file."""
        self.files += 1
        self.fell_back += written.outcome == FELL_BACK


def is_question(exchange: Exchange) -> bool:
    """Whether an exchange asks for a new file, not for a repair."""
    return exchange.request.task in ("learn", "adapt", "explore")


def run_model(
    comparison: Comparison, endpoint: Endpoint, watch: Callable[[str, int, int], None] = lambda *_: None
) -> ModelRow:
    """Let one model learn, then search every target with every seed.

    Args:
        comparison: What is compared.
        endpoint: The model.
        watch: Called with the name of the next step, the number of finished runs and of all runs.

    Raises:
        LaptError: E851, E853, E854 or E855. Every other error is recorded in the row.
    """
    row = ModelRow(endpoint.name)
    method = Method(endpoint.name, endpoint.name, "lapt", LEARNED, adapts=True)
    study = comparison.study((), comparison.settings)
    total = comparison.seeds * len(study.targets)
    watch("learn", 0, total)
    client = endpoint.client
    row.model = client.options.model
    try:
        proposer = _proposer(comparison, study, client, row)
        row.learned = _learned(study, endpoint, proposer, row)
        if row.learned is not None:
            plan = replace(study.plan, methods=(method,), proposer=_always(proposer))
            study.plan = replace(plan, principles={LEARNED: row.learned})
            _search(study, method, comparison.seeds, row, watch)
    finally:
        row.exchanges = tuple(client.transcript.exchanges())
        row.money = client.budget.spent.money
        client.close()
    return row


def _proposer(comparison: Comparison, study: Study, client: Client, row: ModelRow) -> ModelProposer:
    top = comparison.settings.archive
    other = comparison.fallback
    return ModelProposer(
        study.space,
        study.known,
        top,
        client,
        comparison.writing,
        fallback=None if other is None else proposer_named(other, study.space, study.known, top),
        watch=row.written,
        validated=row.validated,
    )


def _learned(study: Study, endpoint: Endpoint, proposer: ModelProposer, row: ModelRow) -> str | None:
    """The principles that the model learns from the source, or None on failure."""
    try:
        if endpoint.unreached is not None:
            raise endpoint.unreached
        row.mode = endpoint.client.mode
        return proposer.learn(study.archive)
    except LaptError as error:
        _note(row, error)
        return None


def _search(study: Study, method: Method, seeds: int, row: ModelRow, watch: Callable[[str, int, int], None]) -> None:
    done = 0
    total = seeds * len(study.targets)
    for target in study.targets:
        for seed in range(seeds):
            watch(target.name, done, total)
            done += 1
            if row.failed and row.failed[-1].code in _GONE:
                row.failed.append(replace(row.failed[-1], target=target.name, seed=seed))
                continue
            try:
                row.records.append(run_one(study, method, target, seed))
            except LaptError as error:
                _note(row, error, target.name, seed)
    watch("done", done, total)


def _note(row: ModelRow, error: LaptError, target: str | None = None, seed: int | None = None) -> None:
    first = error.diagnostics[0]
    if isinstance(error, ModelSetupError):
        raise error
    row.files += row.mode is not None
    row.failed.append(Failed(target, seed, first.code, first.message))


def _always(proposer: Proposer) -> Callable[[Space, Archive | None, int], Proposer]:
    return lambda space, archive, top: proposer
