"""`lapt reproduce models`: language models side by side as proposers of principles."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from lapt_dsl.commands.options.common import JSON, PATH, POSITIVE
from lapt_dsl.commands.options.comparisons import ComparisonOptions
from lapt_dsl.commands.options.groups import option, verb
from lapt_dsl.commands.options.model import (
    RETRIES,
    TIMEOUT,
    UNUSED_URL,
    ServerOptions,
    TranscriptOptions,
    build_client,
)
from lapt_dsl.commands.options.terminal import echo
from lapt_dsl.diagnostics.snippet import plain

if TYPE_CHECKING:
    from collections.abc import Callable

    from lapt_dsl.commands.options.endpoints import EndpointOptions
    from lapt_dsl.commands.views.models_record import ComparisonRecord
    from lapt_dsl.experiments.models import Comparison, Endpoint, ModelRow

HIDDEN_KEY = "LAPT_API_KEY"

_NOT_WITH_REPLAY = ("endpoint", "endpoints", "timeout", "retries", "insecure", "transcript")


@dataclass(frozen=True, kw_only=True)
class ModelsOptions:
    """Everything that `lapt reproduce models` takes."""

    table: str = field(metadata=option("--table", type=PATH, metavar="FILE", help="Table with a column per task."))
    endpoint: tuple[str, ...] = field(
        default=(),
        metadata=option(
            "--endpoint",
            multiple=True,
            metavar="NAME=URL,model=M,...",
            help="Model to compare, with its own settings; repeatable.",
        ),
    )
    endpoints: str | None = field(
        default=None,
        metadata=option(
            "--endpoints", type=PATH, metavar="FILE", help="Models to compare, in a TOML or JSON file ([[endpoint]])."
        ),
    )
    comparison: ComparisonOptions = field(default_factory=ComparisonOptions)
    timeout: float | None = field(default=None, metadata=TIMEOUT)
    retries: int | None = field(default=None, metadata=RETRIES)
    insecure: bool = field(
        default=False,
        metadata=option("--insecure", flag=True, help="Allow sending API keys to other hosts over plain HTTP."),
    )
    transcript: str | None = field(
        default=None,
        metadata=option(
            "--transcript", type=PATH, metavar="DIR", help="Record every exchange in this directory, a file per model."
        ),
    )
    replay: str | None = field(
        default=None,
        metadata=option(
            "--replay", type=PATH, metavar="DIR", help="Take replies and options from this directory; call no model."
        ),
    )
    workers: int = field(
        default=2,
        metadata=option(
            "--workers",
            type=POSITIVE,
            show_default=True,
            help="Number of worker processes for the methods without a model.",
        ),
    )
    out: str | None = field(
        default=None,
        metadata=option("-o", type=PATH, metavar="DIR", help="Write JSON and all principles to this directory."),
    )
    as_json: bool = field(default=False, metadata=JSON)


@verb(
    "models",
    ModelsOptions,
    epilog="""\b
Examples:
  lapt reproduce models --table final_valid.csv --source jigsaw \\
    --endpoint qwen=http://127.0.0.1:8080/v1,model=qwen2.5-coder,mode=llamacpp \\
    --endpoint gpt=https://api.openai.com/v1,model=gpt-5,key_from=OPENAI_API_KEY --transcript talks
  lapt reproduce models --table final_valid.csv --replay talks""",
)
def command(options: ModelsOptions) -> int:
    """Compare language models as proposers with induction, the frequency box and search without principles.

    Each model learns once from the source, then searches every other task and changes its principles as often as in
    the paper. Limits such as --max-calls apply to each model separately. A model that does not answer, or whose
    replies are refused, has a row that reports it. An existing --transcript is continued: recorded replies are reused.
    API keys come from the variable that `key_from` names, or OPENAI_API_KEY for OpenAI; LAPT_API_KEY applies only if
    there is a single model.
    """
    from lapt_dsl.commands.views.models_record import begin, read

    if options.replay is not None:
        _check_replay(options.replay)
        record = read(options.replay)
    else:
        record = _record(options)
        if options.transcript is not None:
            begin(options.transcript, record)
    comparison = _comparison(options.table, record.options)
    _finish(options, _run(options, record, comparison))
    return 0


def _record(options: ModelsOptions) -> ComparisonRecord:
    """The comparison that the command line describes."""
    from lapt_dsl.commands.options.endpoints import check_distinct, parse_endpoint, read_endpoints
    from lapt_dsl.commands.views.models_record import ComparisonRecord
    from lapt_dsl.experiments.models import BASELINES

    if options.comparison.source is None:
        raise click.UsageError("--source: name the column to learn from")
    endpoints = [] if options.endpoints is None else read_endpoints(options.endpoints)
    endpoints += [parse_endpoint(text) for text in options.endpoint]
    check_distinct(endpoints, [method.name for method in BASELINES])
    return ComparisonRecord(endpoints, options.comparison)


def _check_replay(directory: str) -> None:
    """Refuse options that a replay takes from its record. Raises click.UsageError."""
    context = click.get_current_context()
    for parameter in context.command.params:
        name = parameter.name or ""
        recorded = name.startswith("comparison") or name in _NOT_WITH_REPLAY
        if recorded and context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            raise click.UsageError(f"--replay takes {parameter.opts[0]} from {directory}: omit it")


def _comparison(table: str, options: ComparisonOptions) -> Comparison:
    from lapt_dsl.experiments.models import Comparison
    from lapt_dsl.search.settings import PRESETS

    return Comparison(
        table,
        options.source or "",
        replace(PRESETS["trans101"], budget=options.budget, interval=options.interval),
        options.seeds,
        options.targets or None,
        options.space,
        options.proposal.writer_options(),
        options.proposal.fallback,
    )


def _run(options: ModelsOptions, record: ComparisonRecord, comparison: Comparison) -> dict[str, Any]:
    """Everything that is compared, as a value for --json."""
    from lapt_dsl.experiments.methods import chosen
    from lapt_dsl.experiments.models import BASELINES, run_model
    from lapt_dsl.experiments.models_report import report, run_baselines

    methods = chosen(record.options.methods, BASELINES)
    # Before any client is made: its threads would not survive the fork of the workers.
    baselines = run_baselines(comparison, methods, options.workers)
    endpoints = [_endpoint(options, record, each) for each in record.endpoints]
    rows = []
    for endpoint in endpoints:
        row = run_model(comparison, endpoint, _progress(endpoint.name))
        rows.append(row)
        _note_unreached(options.transcript, record, row)
    return report(comparison, rows, baselines)


def _endpoint(options: ModelsOptions, record: ComparisonRecord, each: EndpointOptions) -> Endpoint:
    """A model with its client. LaptError (E840) where an option is missing or wrong."""
    from lapt_dsl.experiments.models import Endpoint
    from lapt_dsl.propose.model.failures import raised_again
    from lapt_dsl.propose.model.transcripts import FileTranscript

    url, transcripts, unreached = _exchanges(options, record, each)
    server = ServerOptions(
        base_url=url,
        model=each.model,
        key_from=each.key_from,
        timeout=options.timeout,
        retries=options.retries,
        insecure=options.insecure,
    )
    alone = len(record.endpoints) == 1
    client = build_client(
        server,
        each.decoding(record.options.decoding),
        each.spending(record.options.spending),
        transcripts,
        failures=True,
        say=lambda words: echo(f"{each.name}: {words}", err=True),
        environment={name: value for name, value in os.environ.items() if alone or name != HIDDEN_KEY},
    )
    if isinstance(client.transcript, FileTranscript):
        click.get_current_context().call_on_close(client.transcript.close)
    return Endpoint(each.name, client, None if unreached is None else raised_again(unreached))


def _exchanges(
    options: ModelsOptions, record: ComparisonRecord, each: EndpointOptions
) -> tuple[str | None, TranscriptOptions, str | None]:
    """The address of a model, its transcripts, and for a replay why it was never reached, if so."""
    from lapt_dsl.commands.views.models_record import transcript_path

    if options.replay is None:
        written = None if options.transcript is None else transcript_path(options.transcript, each.name)
        return each.url, TranscriptOptions(transcript=written), None
    if each.name in record.unreached:
        return UNUSED_URL, TranscriptOptions(), record.unreached[each.name]
    return None, TranscriptOptions(replay=transcript_path(options.replay, each.name)), None


def _note_unreached(directory: str | None, record: ComparisonRecord, row: ModelRow) -> None:
    """Record why an endpoint was never reached, which no exchange shows."""
    from lapt_dsl.commands.views.models_record import write
    from lapt_dsl.propose.model.failures import is_recorded

    record.unreached.pop(row.name, None)
    if row.mode is None and row.failed:
        words = f"{row.failed[0].code}: {row.failed[0].message}"
        if is_recorded(words):
            record.unreached[row.name] = words
    if directory is not None:
        write(directory, record)


def _finish(options: ModelsOptions, values: dict[str, Any]) -> None:
    from lapt_dsl.commands.views.output import print_json, write_files
    from lapt_dsl.compiler.targets.json_text import json_text

    if options.out is not None:
        texts = {f"{name}.lp": text for name, text in values["principles"].items()}
        write_files(options.out, {"results.json": json_text(values), **texts})
    if options.as_json:
        print_json(values)
    else:
        from lapt_dsl.commands.views.models_table import show

        show(values)


def _progress(name: str) -> Callable[[str, int, int], None]:
    def show(what: str, done: int, total: int) -> None:
        line = f"{name}: {what}, {done}/{total} searches done"
        if sys.stderr.isatty():
            click.echo(f"\r{plain(line):<79.79}" + ("\n" if what == "done" else ""), err=True, nl=False)
        else:
            echo(line, err=True)

    return show
