"""JSON as pandas, NASLib, NATS-Bench and log files write it: each case with the values that it must give."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from lapt_dsl.compiler.building.library import load_space
from lapt_dsl.diagnostics.diagnostic import LaptError
from lapt_dsl.evaluate.tables.read_table import read_table
from tests.evaluate.tables.texts import nas201, only, write

FIRST, SECOND = nas201(2)
NNI = {f"{source}_{target}": "none" for target in (1, 2, 3) for source in range(target)}

SHAPES: dict[str, object] = {
    "records": [{"arch": FIRST, "acc": 91.4}, {"arch": SECOND, "acc": 90}],
    "records under an index": {"0": {"arch_str": FIRST, "acc": 91.4}, "1": {"arch_str": SECOND, "acc": 90}},
    "columns": {"arch": {"0": FIRST, "1": SECOND}, "acc": {"0": 91.4, "1": 90}},
    "split": {"columns": ["acc", "arch"], "index": [0, 1], "data": [[91.4, FIRST], [90, SECOND]]},
    "split with architectures as labels": {"columns": ["acc"], "index": [FIRST, SECOND], "data": [[91.4], [90]]},
    "one task outside": {"cifar10": {FIRST: {"acc": 91.4}, SECOND: {"acc": 90}}},
    "numbers as text": {FIRST: {"acc": "91.4%"}, SECOND: {"acc": "90 %"}},
    "with lists and remarks": {
        FIRST: {"acc": 91.4, "curve": [1, 2], "by": "me"},
        SECOND: {"acc": 90, "curve": [], "by": "you"},
    },
    "records with an object as architecture": [{"arch": SECOND, "acc": 90}, {"arch": NNI, "acc": 91.4}],
}


@pytest.mark.parametrize("content", SHAPES.values(), ids=SHAPES)
def test_shapes(tmp_path: Path, content: object) -> None:
    for indent in (None, 2):
        table = read_table(write(tmp_path, "t.json", json.dumps(content, indent=indent)))
        assert table.space.name == "nas201"
        assert [column.name for column in table.columns] == ["acc"]
        assert [table.value(table.space.parse_arch(arch), "acc") for arch in (FIRST, SECOND)] == [91.4, 90.0]


def test_json_lines(tmp_path: Path) -> None:
    rows = [{"arch": FIRST, "acc": 91.4, "seed_log": "a"}, {"arch": SECOND, "acc": 90, "seed_log": "b"}]
    text = "\n".join(map(json.dumps, rows)) + "\n\n"
    (tmp_path / "t.jsonl.gz").write_bytes(gzip.compress(text.encode()))
    for path in (write(tmp_path, "t.jsonl", text), str(tmp_path / "t.jsonl.gz")):
        table = read_table(path)
        assert [table.value(table.space.parse_arch(arch), "acc") for arch in (FIRST, SECOND)] == [91.4, 90.0]
        assert table.notes == ("ignored the column `seed_log`, without any number",)
    one = read_table(write(tmp_path, "one.ndjson", json.dumps(rows[0]) + "\n"))
    assert one.values("acc") == [91.4]


@pytest.mark.parametrize(
    ("second", "code", "says", "column"),
    [
        ('{"arch": "%s", "acc": "x"}', "E706", "row 2, column `acc`: `x` is no number", 3 + len(SECOND) + 12),
        ('{"arch": "%s", "acc": null}', "E705", "row 2, column `acc`: the value is missing", 3 + len(SECOND) + 12),
        ('{"arch": "%s"', "E702", "the file ends in the middle", 12 + len(SECOND)),
        ('{"arch": "%s", "acc": 1, "more": 2}', "E705", "row 2: it has a column `more`", 1),
    ],
)
def test_places_in_json_lines(tmp_path: Path, second: str, code: str, says: str, column: int) -> None:
    text = json.dumps({"arch": FIRST, "acc": 91.4}) + "\n" + second % SECOND + "\n"
    with pytest.raises(LaptError) as caught:
        read_table(write(tmp_path, "t.jsonl", text))
    found = only(caught.value)
    assert (found.code, found.span.line) == (code, 2)
    assert says in found.message
    assert abs(found.span.column - column) <= 1


def test_results_nested_by_task(tmp_path: Path) -> None:
    inside = {
        arch: {"c10": {"val_acc": 1.0 + row}, "c100": {"val_acc": 3.0 + row}} for row, arch in enumerate(nas201(2))
    }
    outside = {task: {arch: tasks[task] for arch, tasks in inside.items()} for task in ("c10", "c100")}
    for content in (inside, outside):
        table = read_table(write(tmp_path, "t.json", json.dumps(content)))
        assert [column.name for column in table.columns] == ["c10.val_acc", "c100.val_acc"]
        first = table.space.parse_arch(FIRST)
        assert [table.value(first, column.name) for column in table.columns] == [1.0, 3.0]
    del outside["c100"][SECOND]
    path = write(tmp_path, "t.json", json.dumps(outside))
    with pytest.raises(LaptError) as caught:
        read_table(path)
    assert only(caught.value).message == "row 2, column `c100.val_acc`: the value is missing"
    table = read_table(path, columns=["c100.val_acc"])
    assert (len(table), table.notes) == (1, ("left out 1 row without a value in the chosen columns",))


def test_zero_cost_results_of_naslib(tmp_path: Path) -> None:
    numbers = [(2, 0, 1, 3, 4, 0), (4, 0, 3, 1, 4, 3)]
    content = {
        "cifar10": {
            str(arch): {"val_accuracy": 90.0 + row, "synflow": {"score": 5.0 + row, "time": 0.5}}
            for row, arch in enumerate(numbers)
        }
    }
    table = read_table(write(tmp_path, "zc.json", json.dumps(content)))
    assert [column.name for column in table.columns] == ["val_accuracy", "synflow.score", "synflow.time"]
    space = load_space("nas201")
    assert table.space == space
    for row, arch in enumerate(numbers):
        assert table.value(space.parse_arch(f"naslib:{arch}"), "val_accuracy") == 90.0 + row
        assert table.value(space.parse_arch(f"naslib:{arch}"), "synflow.score") == 5.0 + row
    assert any("NASLib" in note for note in table.notes)
    # The same numbers in a file that is not NASLib's may mean anything.
    with pytest.raises(LaptError):
        read_table(write(tmp_path, "t.json", json.dumps({str(arch): {"acc": 1.0} for arch in numbers})))


@pytest.mark.parametrize(
    "content",
    [[1, 2], [{"acc": 1}], {"a": {"b": {"c": {}}}}, {"columns": 1, "data": 2}, {"columns": ["arch"], "data": [1]}],
)
def test_other_json_is_no_table(tmp_path: Path, content: object) -> None:
    with pytest.raises(LaptError) as caught:
        read_table(write(tmp_path, "t.json", json.dumps(content)))
    assert only(caught.value).code in ("E701", "E708")
