"""TransNAS-Bench-101's published database: what of its seven tasks and every epoch becomes a table.

The file holds `{"data": {"micro": {ARCH: {TASK: {"metrics": {METRIC: [value per epoch]}}}}}}`; `micro` is the
cell-level space. A column is the last epoch of a task's main metric, called after the task on validation (as in the
CSV that others extracted from it) and `TASK_test` on the test split.
Source: github.com/yawen-d/TransNASBench, api/api.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

MAIN_METRICS = ("top1", "mIoU", "ssim", "neg_loss", "loss")
"""The main metric of a task is the first of these it has: top-1 for classification and jigsaw, mIoU for segmentation,
SSIM for normals and autoencoding, the negative loss for room layout."""

Rows: TypeAlias = list[tuple[str, list[object]]]


class NotATable(Exception):
    """The content has another shape; the message is for a person."""


def table_of(content: object, part: str = "micro") -> tuple[list[str], Rows]:
    """Headings and rows of a database, or of a plain `{ARCH: {METRIC: number}}`.

    Args:
        content: What was unpickled.
        part: Which of the database's spaces.

    Raises:
        NotATable: The content is neither.
    """
    top = _mapping(content, "the file")
    if "data" not in top:
        return _plain(top)
    spaces = _mapping(top["data"], "`data`")
    if part not in spaces:
        raise NotATable(f"the database has no space `{part}`")
    headings: dict[str, int] = {}
    rows: Rows = []
    for arch, tasks in _mapping(spaces[part], f"`{part}`").items():
        values: dict[str, object] = {}
        for task, result in _mapping(tasks, f"`{arch}`").items():
            values |= _columns(task, _mapping(result, f"`{arch}`, `{task}`"), arch)
        for heading in values:
            headings.setdefault(heading, len(headings))
        rows.append((arch, list(values.values())))
        if len(values) != len(headings) or list(values) != list(headings):
            rows[-1] = (arch, [values.get(heading) for heading in headings])
    return list(headings), rows


def _plain(top: Mapping[str, object]) -> tuple[list[str], Rows]:
    headings: list[str] = []
    rows: Rows = []
    for arch, entry in top.items():
        values = _mapping(entry, f"`{arch}`")
        headings = headings or list(values)
        if set(values) != set(headings):
            raise NotATable(f"`{arch[:80]}` has other columns than the first row")
        rows.append((arch, [values[heading] for heading in headings]))
    return headings, rows


def _columns(task: str, result: Mapping[str, object], arch: str) -> dict[str, object]:
    metrics = _mapping(result.get("metrics"), f"the metrics of `{arch}`, `{task}`")
    main = next((name for name in MAIN_METRICS if f"valid_{name}" in metrics), None)
    if main is None:
        raise NotATable(f"`{arch[:80]}`, `{task[:40]}` has no validation metric")
    lower = ":lower" if main == "loss" else ""
    columns = {f"{task}{lower}:validation": _last(metrics[f"valid_{main}"], arch, task)}
    if f"test_{main}" in metrics:
        columns[f"{task}_test{lower}:test"] = _last(metrics[f"test_{main}"], arch, task)
    return columns


def _last(values: object, arch: str, task: str) -> object:
    if not isinstance(values, (list, tuple)) or not values:
        raise NotATable(f"`{arch[:80]}`, `{task[:40]}` has no epochs")
    last: object = values[-1]
    return last


def _mapping(value: object, what: str) -> Mapping[str, object]:
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
        raise NotATable(f"{what[:120]} is no dictionary of names")
    return value
