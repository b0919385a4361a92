from __future__ import annotations

import importlib.util
import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lapt_dsl.compiler.building.library import load_space
from lapt_dsl.diagnostics.diagnostic import Diagnostic, LaptError
from lapt_dsl.evaluate.tables.read_table import data_folders, find_tables, read_table
from tests.bounds import little_work
from tests.effort import examples
from tests.evaluate.tables.texts import TRANS, nas201, nas201_json, write


def refusals(path: str, space: str | None = None) -> list[Diagnostic]:
    with pytest.raises(LaptError) as caught:
        read_table(path, space)
    return caught.value.diagnostics


def test_json_of_nas_bench_201(tmp_path: Path) -> None:
    table = read_table(write(tmp_path, "t.json", nas201_json(20)))
    assert table.space == load_space("nas201")
    assert [column.name for column in table.columns] == ["val_acc_200", "test_acc_200", "rank"]
    assert table.best("val_acc_200")[1] == 69.0
    assert table.metrics() == ("val_acc_200",)


def test_csv_of_transnas_bench_101_with_any_tasks(tmp_path: Path) -> None:
    rows = "".join(f"{arch},{row},{-row}\r\n" for row, arch in enumerate(TRANS))
    table = read_table(write(tmp_path, "t.csv", f"\ufeffarch,segmentsemantic,autoencoder\r\n{rows}\r\n"))
    assert (table.space.name, len(table)) == ("trans101", 64)
    assert table.best("autoencoder") == (load_space("trans101").parse_arch(TRANS[0]), 0.0)


def test_csv_with_the_architecture_in_another_column_and_quotes(tmp_path: Path) -> None:
    arch = str(load_space("darts").codec.example())
    table = read_table(write(tmp_path, "t.csv", f'acc,Genotype\n0.5,"{arch}"\n'))
    assert (table.space.name, table.values("acc")) == ("darts", [0.5])


def test_the_content_tells_the_format_not_the_ending(tmp_path: Path) -> None:
    assert len(read_table(write(tmp_path, "t.txt", " \n" + nas201_json(2)))) == 2
    assert len(read_table(write(tmp_path, "t.json", f"arch,acc\n{TRANS[0]},1\n"))) == 1


def test_a_space_can_be_given(tmp_path: Path) -> None:
    path = write(tmp_path, "t.csv", f"arch,acc\n{TRANS[0]},1\n")
    assert read_table(path, "trans101").space.name == "trans101"
    assert read_table(path, load_space("trans101")).space.name == "trans101"
    found = refusals(path, "nas201")
    assert [item.code for item in found] == ["E707"]
    assert found[0].message.startswith("row 1: no architecture of `nas201`")
    assert found[0].hint == "it is one of `trans101`: --space trans101"


JSON_ROW = '"{}": {{"val_acc": {}}}'


@pytest.mark.parametrize(
    ("text", "code", "says"),
    [
        ("", "E702", "empty"),
        ("{}", "E702", "empty"),
        ("arch,acc\n", "E702", "empty"),
        ("[1, 2]", "E701", "no table of architectures"),
        ('{"a": 1}', "E701", "no table of architectures"),
        ("layer,acc\n1,2\n", "E701", "no column `arch`"),
        ("arch\n" + TRANS[0], "E701", "no column of measurements"),
        ("arch,acc,acc\n" + TRANS[0] + ",1,2\n", "E713", "both called `acc`"),
        ("arch,\n" + TRANS[0] + ",1\n", "E713", "has no name"),
        ("arch,acc:up\n" + TRANS[0] + ",1\n", "E713", "says `up`"),
        ("arch,acc\nnonsense,1\n", "E708", "no shipped space"),
        ('arch,acc\n"' + TRANS[0], "E702", "row 1: this is no CSV"),
        ("[" * 100_000, "E702", ""),
        ('{"' + TRANS[0] + '": {"acc": ' + "9" * 5000 + "}}", "E702", "too many digits"),
        ('{"' + TRANS[0] + '": {"acc": 1}', "E702", "ends in the middle"),
        ('{"' + TRANS[0] + '": {"acc": 1}, }', "E702", "no JSON"),
        ("arch," + ",".join(f"c{index}" for index in range(300)), "E710", "more than 256 columns"),
    ],
)
def test_files_that_are_no_sound_table(tmp_path: Path, text: str, code: str, says: str) -> None:
    found = refusals(write(tmp_path, "t", text))
    assert [item.code for item in found] == [code]
    assert says in found[0].message


@pytest.mark.parametrize(
    ("rows", "code", "says", "line", "column"),
    [
        ("{0},1,2\n{1},nan,2\n", "E704", "row 2, column `acc`: the value is nan", 3, 19),
        ("{0},1,2\n{1},1,-inf\n", "E704", "row 2, column `loss`: the value is -inf", 3, 21),
        ("{0},1,2\n{1},1e999,2\n", "E704", "row 2, column `acc`: the value is inf", 3, 19),
        ("{0},1,2\n{1},,2\n", "E705", "row 2, column `acc`: the value is missing", 3, 19),
        ("{0},1,2\n{1},1\n", "E705", "row 2: 2 fields where the header has 3", 3, 1),
        ("{0},1,2\n{1},1,2,3\n", "E705", "row 2: 4 fields where the header has 3", 3, 1),
        ("{0},1,2\n{1},ninety,2\n", "E706", "row 2, column `acc`: `ninety` is no number", 3, 19),
        ("{0},1,2\n{1},1_0,2\n", "E706", "row 2, column `acc`: `1_0` is no number", 3, 19),
        ("{0},1,2\n{0},1,2\n", "E703", "row 2: the architecture of row 1 again", 3, 1),
        ('{0},1,2\n"{1}\n",1,x\n', "E706", "row 2, column `loss`: `x` is no number", 4, 5),
        ("{0},1,2\n64-41414-9_00_000,1,2\n", "E707", "row 2: no architecture of `trans101`", 3, 1),
    ],
)
def test_rows_of_csv_that_are_wrong(tmp_path: Path, rows: str, code: str, says: str, line: int, column: int) -> None:
    found = refusals(write(tmp_path, "t.csv", "arch,acc,loss\n" + rows.format(*TRANS)))
    assert [item.code for item in found] == [code]
    assert says in found[0].message
    assert (found[0].span.line, found[0].span.column) == (line, column)


@pytest.mark.parametrize(
    ("rows", "code", "says"),
    [
        ('"{0}": {{"a": 1}}, "{1}": {{"a": NaN}}', "E704", "row 2, column `a`: the value is nan"),
        ('"{0}": {{"a": 1}}, "{1}": {{"a": null}}', "E705", "row 2, column `a`: the value is missing"),
        ('"{0}": {{"a": 1}}, "{1}": {{}}', "E705", "row 2, column `a`: the value is missing"),
        ('"{0}": {{"a": 1}}, "{1}": {{"a": 1, "b": 2}}', "E705", "row 2: it has a column `b`"),
        ('"{0}": {{"a": 1}}, "{1}": {{"a": 1, "a": 2}}', "E713", "row 2: it names a column twice"),
        ('"{0}": {{"a": 1}}, "{1}": {{"a": true}}', "E706", "row 2, column `a`: `True` is no number"),
        ('"{0}": {{"a": 1}}, "{1}": {{"a": [1]}}', "E706", "row 2, column `a`: `[1]` is no number"),
        ('"{0}": {{"a": 1}}, "{0}": {{"a": 2}}', "E703", "row 2: the architecture of row 1 again"),
    ],
)
def test_rows_of_json_that_are_wrong(tmp_path: Path, rows: str, code: str, says: str) -> None:
    text = "{" + rows.format(*TRANS) + "}"
    found = refusals(write(tmp_path, "t.json", text))
    assert [item.code for item in found] == [code]
    assert says in found[0].message
    assert found[0].span.column > text.index(",")


def test_a_duplicate_says_where_the_first_is(tmp_path: Path) -> None:
    found = refusals(write(tmp_path, "t.csv", f"arch,a\n{TRANS[1]},1\n{TRANS[0]},1\n{TRANS[1]},1\n"))
    note = found[0].notes[0]
    assert note.span is not None
    assert (found[0].span.line, note.span.line) == (4, 2)


def test_every_mistake_is_found_in_one_run_up_to_a_bound(tmp_path: Path) -> None:
    text = f"arch,a\n{TRANS[0]},x\n{TRANS[1]}\n{TRANS[0]},1\n"
    assert sorted(item.code for item in refusals(write(tmp_path, "t.csv", text))) == ["E703", "E705", "E706"]
    many = "arch,a\n" + "".join(f"{arch},x\n" for arch in TRANS)
    assert len(refusals(write(tmp_path, "many.csv", many))) == 20


def test_the_rows_of_two_spaces_are_not_mixed(tmp_path: Path) -> None:
    found = refusals(write(tmp_path, "t.csv", f"arch,a\n{TRANS[0]},1\n{nas201(1)[0]},1\n"))
    assert [item.code for item in found] == ["E707"]


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    assert refusals(str(tmp_path / "none.csv"))[0].code == "E901"
    assert refusals(str(tmp_path))[0].code == "E901"
    (tmp_path / "latin.csv").write_bytes(b"arch,\xe9\n")
    assert refusals(str(tmp_path / "latin.csv"))[0].code == "E902"
    os.mkfifo(tmp_path / "pipe")
    assert refusals(str(tmp_path / "pipe"))[0].code == "E901"


@pytest.mark.skipif(importlib.util.find_spec("pyarrow") is not None, reason="pyarrow is installed")
def test_parquet_without_pyarrow_says_what_to_install(tmp_path: Path) -> None:
    found = refusals(write(tmp_path, "t.parquet", "PAR1"))
    assert found[0].code == "E711"
    assert found[0].hint is not None
    assert "pip install pyarrow" in found[0].hint


def test_parquet(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    path = str(tmp_path / "t.parquet")
    parquet.write_table(pyarrow.table({"acc": [1, 2.5], "arch": TRANS[:2]}), path)
    assert read_table(path).values("acc") == [1.0, 2.5]
    content = Path(path).read_bytes()
    Path(path).write_bytes(content[: len(content) // 2])
    assert refusals(path)[0].code == "E702"
    parquet.write_table(pyarrow.table({"acc": [1, None], "arch": TRANS[:2]}), path)
    assert refusals(path)[0].code == "E705"


@examples(60)
@given(st.binary(max_size=40), st.integers(0, 400), st.booleans())
def test_no_mutation_gives_anything_but_a_table_or_findings(
    tmp_path_factory: pytest.TempPathFactory, piece: bytes, place: int, as_json: bool
) -> None:
    text = nas201_json(4) if as_json else "arch,a,b\n" + "".join(f"{arch},1,2\n" for arch in TRANS[:9])
    content = text.encode()
    path = tmp_path_factory.mktemp("mutated") / "t"
    path.write_bytes(content[:place] + piece + content[place + len(piece) :])
    found = next(iter(find_tables([str(path)])))
    assert found.table or (found.error is not None and found.error.diagnostics)


def test_tables_are_found_in_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "b").mkdir()
    write(tmp_path / "b", "t.json", nas201_json(2))
    write(tmp_path, "z.csv", f"arch,a\n{TRANS[0]},1\n")
    write(tmp_path, "encoding.json", json.dumps({"op": {"a": 1}}))
    write(tmp_path, "notes.txt", "no table")
    found = list(find_tables([str(tmp_path)]))
    assert [(Path(item.path).name, item.table is not None) for item in found] == [
        ("encoding.json", False),
        ("z.csv", True),
        ("t.json", True),
    ]
    monkeypatch.setenv("LAPT_DATA", f"{tmp_path}{os.pathsep}/elsewhere")
    assert data_folders() == [str(tmp_path), "/elsewhere"]
    monkeypatch.delenv("LAPT_DATA")
    monkeypatch.chdir(tmp_path)
    assert data_folders() == []


def test_the_published_tables(data_dir: Path) -> None:
    with little_work():  # a tenth of a second while a reader's time grows linearly
        cifar = read_table(data_dir / "nas201" / "cifar10.json")
    assert (len(cifar), cifar.coverage) == (15_625, 1)
    assert cifar.top(16, "val_acc_200")[-1][1] == pytest.approx(91.418, abs=1e-4)
    assert cifar.best("test_acc_200")[1] == pytest.approx(94.373, abs=1e-3)
    assert cifar.rank("val_acc_200", cifar.best("val_acc_200")[1]) == 1
    trans = read_table(data_dir / "trans101" / "final_valid.csv")
    assert (len(trans), trans.coverage) == (4096, 1)
    assert trans.metrics() == ("jigsaw", "class_object", "room_layout", "normal")
