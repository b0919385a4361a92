"""The directory of a comparison of models: a transcript for each endpoint, and what the comparison was made with.

`models.json` holds everything that a replay needs beside the table, and neither address nor key.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lapt_dsl.commands.options.comparisons import ComparisonOptions
from lapt_dsl.commands.options.endpoints import EndpointOptions, endpoint_from
from lapt_dsl.commands.options.groups import flatten, unflatten
from lapt_dsl.diagnostics.diagnostic import LaptError
from lapt_dsl.propose.model.failures import failure

FILE = "models.json"
HEAD = {"lapt": "models", "version": 1}
LARGEST_FILE = 1024 * 1024


@dataclass
class ComparisonRecord:
    """What a comparison was made with.

    Attributes:
        endpoints: The models; a record holds no address.
        options: What they were prompted for.
        unreached: The models that were never reached, with the reason (`E841: ...`).
    """

    endpoints: Sequence[EndpointOptions]
    options: ComparisonOptions
    unreached: dict[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, object]:
        """The content of `models.json`."""
        options = {**flatten(self.options), "targets": list(self.options.targets)}
        endpoints = [each.as_json() for each in self.endpoints]
        return {**HEAD, "endpoints": endpoints, "options": options, "unreached": self.unreached}

    def same_run(self, other: ComparisonRecord) -> bool:
        """Whether two records are of comparisons that ask the same."""
        mine, theirs = self.as_json(), other.as_json()
        return all(mine[key] == theirs[key] for key in ("endpoints", "options"))


def transcript_path(directory: str, name: str) -> str:
    """The transcript of an endpoint."""
    return str(Path(directory) / f"{name}.jsonl")


def begin(directory: str, record: ComparisonRecord) -> None:
    """Make the directory, or continue one of the same comparison.

    Raises:
        LaptError: E854, it belongs to another comparison; E903, it cannot be written.
    """
    if (Path(directory) / FILE).exists():
        old = read(directory)
        if not old.same_run(record):
            raise _unusable(directory, "it was made with other options", "name another directory with --transcript")
        record.unreached.update(old.unreached)
    write(directory, record)


def write(directory: str, record: ComparisonRecord) -> None:
    """Write `models.json`. LaptError (E903) where that fails."""
    from lapt_dsl.commands.views.output import write_files
    from lapt_dsl.compiler.targets.json_text import json_text

    write_files(directory, {FILE: json_text(record.as_json())})


def read(directory: str) -> ComparisonRecord:
    """What a comparison was made with.

    Raises:
        LaptError: E854, the directory holds none, or its record cannot be used.
    """
    path = Path(directory) / FILE
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_FILE + 1)
        value = json.loads(content.decode("utf-8")) if len(content) <= LARGEST_FILE else None
    except OSError as error:
        raise _unusable(directory, f"its {FILE} cannot be read: {error.strerror or error}") from error
    except (ValueError, RecursionError) as error:
        raise _unusable(directory, f"its {FILE} is not JSON") from error
    if not isinstance(value, dict) or any(value.get(key) != item for key, item in HEAD.items()):
        raise _unusable(directory, f"its {FILE} is of another version, or not a record of a comparison")
    endpoints, options, unreached = (value.get(key) for key in ("endpoints", "options", "unreached"))
    if not (isinstance(endpoints, list) and isinstance(options, dict) and isinstance(unreached, dict)):
        raise _unusable(directory, f"its {FILE} lacks endpoints or options")
    return ComparisonRecord(
        [endpoint_from(each, "replay", f"--replay {path}") for each in endpoints],
        _recorded_options(directory, options),
        unreached,
    )


def _recorded_options(directory: str, recorded: dict[str, object]) -> ComparisonOptions:
    targets = recorded.get("targets")
    if not isinstance(targets, list) or not isinstance(recorded.get("source"), str):
        raise _unusable(directory, f"its {FILE} lacks the source or the targets")
    try:
        return unflatten(ComparisonOptions, {**recorded, "targets": tuple(targets)})
    except KeyError as error:
        raise _unusable(directory, f"its {FILE} lacks the option {error}: it is of another version") from error


def _unusable(directory: str, why: str, hint: str | None = None) -> LaptError:
    message = f"cannot use the transcripts in `{directory}`: {why}"
    return failure("E854", message, hint or "name a directory that --transcript wrote", where=directory)
