"""`lapt reproduce models`: language models side by side as writers of principles."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from lapt_dsl.commands.options.common import complete_space_or_file, json_option
from lapt_dsl.commands.options.model import budget_options, decoding_options
from lapt_dsl.commands.options.proposer import writing_options

if TYPE_CHECKING:
    from lapt_dsl.commands.options.endpoints import EndpointOptions
    from lapt_dsl.commands.views.models_record import ComparisonRecord
    from lapt_dsl.experiments.models import Comparison, Endpoint, ModelRow

_DECODING = ("mode", "temperature", "model_seed", "max_tokens")
_SPENDING = ("max_calls", "max_total_tokens", "max_seconds", "max_cost", "price_in", "price_out")
_WRITING = ("rounds", "no_digest", "prompt_tokens", "keep_share", "fallback")
RECORDED = (
    "source", "targets", "seeds", "budget", "interval", "space", "methods", *_DECODING, *_SPENDING, *_WRITING,
)  # fmt: skip
"""The options that what is asked depends on: a replay takes them from the record."""

HIDDEN_KEY = "LAPT_API_KEY"


@click.command(
    "models",
    epilog="""\b
Examples:
  lapt reproduce models --table final_valid.csv --source jigsaw \\
    --endpoint qwen=http://127.0.0.1:8080/v1,model=qwen2.5-coder,mode=llamacpp \\
    --endpoint gpt=https://api.openai.com/v1,model=gpt-5,key_from=OPENAI_API_KEY --transcript talks
  lapt reproduce models --table final_valid.csv --replay talks""",
)
@click.option("--table", required=True, type=click.Path(), metavar="FILE", help="The table: a column for each task.")
@click.option("--source", metavar="COLUMN", help="The task to learn from.")
@click.option("--target", "targets", multiple=True, metavar="COLUMN", help="A task to search on. [default: all others]")
@click.option(
    "--endpoint", multiple=True, metavar="NAME=URL,model=M,...", help="A model, with what holds for it alone."
)
@click.option("--endpoints", type=click.Path(), metavar="FILE", help="Models in a TOML or JSON file ([[endpoint]]).")
@click.option("--seeds", type=click.IntRange(min=1), default=1, show_default=True, help="Seeds from 0.")
@click.option("--budget", type=click.IntRange(min=1), default=50, show_default=True, help="Architectures per run.")
@click.option(
    "--interval", type=click.IntRange(min=1), metavar="N", help="Evaluations between changes. [default: the paper's]"
)
@click.option("--space", shell_complete=complete_space_or_file, metavar="SPACE", help="The space that is searched.")
@click.option("--methods", metavar="A,B,...", help="Only these beside the models. [default: all]")
@writing_options
@decoding_options
@budget_options
@click.option(
    "--timeout", type=click.FloatRange(min=0, min_open=True), metavar="S", help="Seconds for a reply. [default: 600]"
)
@click.option("--retries", type=click.IntRange(min=0), metavar="N", help="Repeat failed requests. [default: 4]")
@click.option("--insecure", is_flag=True, help="Send keys over plain http to other machines.")
@click.option("--transcript", type=click.Path(), metavar="DIR", help="Record every exchange here, a file a model.")
@click.option("--replay", type=click.Path(), metavar="DIR", help="Take replies and options from there; ask no one.")
@click.option("--workers", type=click.IntRange(min=1), default=2, show_default=True, help="Processes without models.")
@click.option("-o", "out", type=click.Path(), metavar="DIR", help="Write JSON and all principles here.")
@json_option
@click.pass_context
def command(ctx: click.Context, /, **options: Any) -> int:
    """Principles by language models, beside induction, the frequency box and no principles.

    Each model learns once from the source, then searches every other task and changes its principles as often as the
    paper lets it. Limits such as --max-calls hold for each model. A model that cannot be asked, or whose answers are
    refused, has a row that says so. A --transcript that exists already is gone on with: what it holds is not asked
    again. Keys come from the variable that `key_from` names, or OPENAI_API_KEY for OpenAI; LAPT_API_KEY where there is
    one model only.
    """
    from lapt_dsl.commands.views.models_record import begin, read

    if options["replay"] is not None:
        record = _replayed(ctx, read(options["replay"]), options)
    else:
        if options["source"] is None:
            raise click.UsageError("--source: name the column to learn from")
        record = _record(options)
        if options["transcript"] is not None:
            begin(options["transcript"], record)
    comparison = _comparison(options["table"], record)
    _finish(options, record, comparison, _run(ctx, options, record, comparison))
    return 0


def _record(options: dict[str, Any]) -> ComparisonRecord:
    """What is asked, from the command line."""
    from lapt_dsl.commands.options.endpoints import distinct, parse_endpoint, read_endpoints
    from lapt_dsl.commands.views.models_record import ComparisonRecord
    from lapt_dsl.experiments.models import BASELINES

    endpoints = [] if options["endpoints"] is None else read_endpoints(options["endpoints"])
    endpoints += [parse_endpoint(text) for text in options["endpoint"]]
    distinct(endpoints, [method.name for method in BASELINES])
    recorded = {name: options[name] for name in RECORDED}
    return ComparisonRecord(endpoints, {**recorded, "targets": list(options["targets"])})


def _replayed(ctx: click.Context, record: ComparisonRecord, options: dict[str, Any]) -> ComparisonRecord:
    """The record of a replay; options that it holds cannot be given too."""
    for name in (*RECORDED, "endpoint", "endpoints", "transcript", "timeout", "retries", "insecure"):
        if ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            shown = "target" if name == "targets" else name.replace("_", "-")
            raise click.UsageError(f"--replay takes --{shown} from {options['replay']}: leave it out")
    missing = [name for name in RECORDED if name not in record.options]
    if missing:
        raise click.UsageError(f"--replay: {options['replay']} does not say `{missing[0]}`: it is of another version")
    return record


def _comparison(table: str, record: ComparisonRecord) -> Comparison:
    from lapt_dsl.experiments.models import Comparison
    from lapt_dsl.propose.model.proposer import WriterOptions
    from lapt_dsl.search.settings import PRESETS

    known = record.options
    names = ("rounds", "prompt_tokens", "keep_share")
    writing = WriterOptions(
        digest=not known["no_digest"], **{name: known[name] for name in names if known[name] is not None}
    )
    return Comparison(
        table,
        known["source"],
        replace(PRESETS["trans101"], budget=known["budget"], interval=known["interval"]),
        known["seeds"],
        tuple(known["targets"]) or None,
        known["space"],
        writing,
        known["fallback"],
    )


def _run(
    ctx: click.Context, options: dict[str, Any], record: ComparisonRecord, comparison: Comparison
) -> dict[str, Any]:
    """Everything that is compared, as a value for --json."""
    from lapt_dsl.experiments.methods import chosen
    from lapt_dsl.experiments.models import BASELINES, run_model
    from lapt_dsl.experiments.models_report import report, run_baselines

    methods = chosen(record.options["methods"], BASELINES)
    # Before any client is made: its threads would not survive the fork of the workers.
    baselines = run_baselines(comparison, methods, options["workers"])
    endpoints = [_endpoint(ctx, options, record, each) for each in record.endpoints]
    rows = []
    for endpoint in endpoints:
        row = run_model(comparison, endpoint, _progress(endpoint.name))
        rows.append(row)
        _note_unreached(options["transcript"], record, row)
    return report(comparison, rows, baselines)


def _endpoint(ctx: click.Context, options: dict[str, Any], record: ComparisonRecord, each: EndpointOptions) -> Endpoint:
    """A model with its client. LaptError (E840) where it is clear already that it cannot be asked."""
    from lapt_dsl.commands.options.model import client_from
    from lapt_dsl.commands.views.models_record import transcript_path
    from lapt_dsl.experiments.models import Endpoint
    from lapt_dsl.propose.model.failures import raised_again
    from lapt_dsl.propose.model.transcripts import FileTranscript

    replay, kept = options["replay"], options["transcript"]
    given = {
        **{name: record.options[name] for name in (*_DECODING, *_SPENDING)},
        **{name: options[name] for name in ("timeout", "retries", "insecure")},
        **each.settings,
        "base_url": each.url if replay is None else None,
        "transcript": None if kept is None else transcript_path(kept, each.name),
    }
    unreached = None
    if replay is not None and each.name in record.unreached:
        unreached = raised_again(record.unreached[each.name])
        given["base_url"] = "http://127.0.0.1/v1"
    elif replay is not None:
        given |= {"replay": transcript_path(replay, each.name), "failures": True}
    alone = len(record.endpoints) == 1
    environment = {name: value for name, value in os.environ.items() if alone or name != HIDDEN_KEY}
    client = client_from(
        given, say=lambda words: click.echo(f"{each.name}: {words}", err=True), environment=environment
    )
    if isinstance(client.transcript, FileTranscript):
        ctx.call_on_close(client.transcript.close)
    return Endpoint(each.name, client, unreached)


def _note_unreached(directory: str | None, record: ComparisonRecord, row: ModelRow) -> None:
    """Keep why an endpoint was never reached: no exchange says it."""
    from lapt_dsl.commands.views.models_record import write
    from lapt_dsl.propose.model.failures import is_recorded

    record.unreached.pop(row.name, None)
    if row.mode is None and row.failed:
        words = f"{row.failed[0].code}: {row.failed[0].message}"
        if is_recorded(words):
            record.unreached[row.name] = words
    if directory is not None:
        write(directory, record)


def _finish(options: dict[str, Any], record: ComparisonRecord, comparison: Comparison, values: dict[str, Any]) -> None:
    from lapt_dsl.commands.views.output import print_json, write_files
    from lapt_dsl.compiler.targets.json_text import json_text

    if options["out"] is not None:
        texts = {f"{name}.lp": text for name, text in values["principles"].items()}
        write_files(options["out"], {"results.json": json_text(values), **texts})
    if options["as_json"]:
        print_json(values)
    else:
        from lapt_dsl.commands.views.models_table import show

        show(values)


def _progress(name: str) -> Any:
    def say(what: str, done: int, total: int) -> None:
        line = f"{name}: {what}, {done}/{total} searches done"
        if sys.stderr.isatty():
            click.echo(f"\r{line:<79.79}" + ("\n" if what == "done" else ""), err=True, nl=False)
        else:
            click.echo(line, err=True)

    return say
