"""CSV as spreadsheets, pandas and statisticians write it: each case with the values that it must give."""

from __future__ import annotations

import bz2
import gzip
import lzma
import random
import zipfile
from pathlib import Path

import pytest

from lapt_dsl.compiler.building.library import load_space
from lapt_dsl.compiler.program.source_files import MAX_BYTES
from lapt_dsl.diagnostics.diagnostic import LaptError
from lapt_dsl.evaluate.tables.read_table import find_tables, read_table
from lapt_dsl.evaluate.tables.table import Table
from tests.evaluate.tables.texts import TRANS, nas201, only, write

FIRST, SECOND = TRANS[:2]


def values(table: Table, metric: str, *archs: str) -> list[float | None]:
    return [table.value(table.space.parse_arch(arch), metric) for arch in archs]


def refusal(path: str) -> tuple[str, str, str]:
    with pytest.raises(LaptError) as caught:
        read_table(path)
    found = only(caught.value)
    return found.code, found.message, found.hint or ""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("arch;acc\n{0};91.4\n{1};90\n", [91.4, 90.0]),
        ("arch\tacc\n{0}\t91.4\n{1}\t90\n", [91.4, 90.0]),
        ("arch|acc\n{0}|91.4\n{1}|90\n", [91.4, 90.0]),
        ("sep=;\narch;acc\n{0};91.4\n{1};90\n", [91.4, 90.0]),
        ('"sep=;"\r\narch;acc\r\n{0};91.4\r\n{1};90\r\n', [91.4, 90.0]),
        ("\ufeffsep=\t\narch\tacc\n{0}\t91.4\n{1}\t90\n", [91.4, 90.0]),
        ("SEP=#\narch#acc\n{0}#91.4\n{1}#90\n", [91.4, 90.0]),
        ("sep=,\narch,acc\n{0},91.4\n{1},90\n", [91.4, 90.0]),
        ("arch;acc\n{0};91,4\n{1};90,25\n", [91.4, 90.25]),
        ("arch;acc\n{0};91,418\n{1};90,255\n", [91.418, 90.255]),
        ("arch\tacc\n{0}\t91,418\n{1}\t90,25\n", [91.418, 90.25]),
        ("arch;acc\n{0};-0,5\n{1};1,5e-3\n", [-0.5, 0.0015]),
        ("arch;acc\n{0};1.234,5\n{1};2,5\n", [1234.5, 2.5]),
        ("arch;acc\n{0};91,4%\n{1};90,1 %\n", [91.4, 90.1]),
        ("arch,acc\n{0},91.4%\n{1},90 %\n", [91.4, 90.0]),
        (",arch,acc\n0,{0},91.4\n1,{1},90\n", [91.4, 90.0]),
        ("Unnamed: 0,Unnamed: 0.1,arch,acc\n0,7,{0},91.4\n1,9,{1},90\n", [91.4, 90.0]),
        (",acc\n{0},91.4\n{1},90\n", [91.4, 90.0]),
        ("cell;acc\n{0};91.4\n{1};90\n", [91.4, 90.0]),
        ("arch,acc,\n{0},91.4,\n{1},90,\n,,\n", [91.4, 90.0]),
        ("arch,remark,acc\n{0},good,91.4\n{1},,90\n", [91.4, 90.0]),
        ('arch;acc;note, longer\n{0};91,4;"a; b, c"\n{1};90;d, e\n', [91.4, 90.0]),
    ],
)
def test_dialects(tmp_path: Path, text: str, expected: list[float]) -> None:
    table = read_table(write(tmp_path, "t.csv", text.format(FIRST, SECOND)))
    assert [column.name for column in table.columns] == ["acc"]
    assert values(table, "acc", FIRST, SECOND) == expected


def test_notes_name_what_was_left_out_or_assumed(tmp_path: Path) -> None:
    text = f",arch,acc,remark,who\n0,{FIRST},91.4,good,me\n1,{SECOND},90,,you\n"
    assert read_table(write(tmp_path, "t.csv", text)).notes == (
        "ignored the row labels in `Unnamed: 0`",
        "ignored the columns `remark`, `who`, without any number",
    )
    notes = read_table(write(tmp_path, "s.csv", f"cell;acc\n{FIRST};91,4\n")).notes
    assert notes == (
        "took the column `cell` for the architectures",
        "read decimal commas in `acc` (separator: semicolon)",
    )
    assert read_table(write(tmp_path, "p.csv", f"arch,acc\n{FIRST},91.4\n")).notes == ()


def test_chosen_columns(tmp_path: Path) -> None:
    path = write(tmp_path, "t.csv", f"arch,acc,loss,joules\n{FIRST},91.4,x,3\n{SECOND},90,0.5,4\n")
    table = read_table(path, columns=["joules:cost:lower", "acc"])
    found = [(column.name, column.direction, column.split) for column in table.columns]
    assert found == [("acc", "higher", "validation"), ("joules", "lower", "cost")]
    with pytest.raises(LaptError) as caught:
        read_table(path, columns=["acc", "loss"])
    assert only(caught.value).message == "row 1, column `loss`: `x` is no number"
    assert (only(caught.value).span.line, only(caught.value).span.column) == (2, len(FIRST) + 7)
    with pytest.raises(LaptError) as caught:
        read_table(path, columns=["los"])
    assert (only(caught.value).code, only(caught.value).hint) == ("E712", "did you mean `loss`?")


@pytest.mark.parametrize(
    ("text", "code", "says"),
    [
        ("arch\tacc\n{0}\t1,234\n", "E706", "`1,234` is ambiguous"),
        ("arch;acc\n{0};91,4\n{1};1.234\n", "E706", "`1.234` is ambiguous"),
        ("arch;acc;params\n{0};91,4;1.234\n", "E706", "`1.234` is ambiguous"),
        ("arch;acc\n{0};1,234,567\n", "E706", "`1,234,567` is no number"),
        ('arch,acc\n{0},"91,4"\n{1},90\n', "E706", "`91,4` is no number"),
        ("arch,acc\n{0},91.4%\n{1},0.90\n", "E706", "row 2, column `acc`: the value has no percent sign"),
        ("arch;acc\n{0};1;2\n", "E705", "3 fields where the header has 2 (separator: semicolon)"),
        ("sep=;\nlayer;acc\n1;2\n", "E701", "(separator: semicolon, from its `sep=` line)"),
        ("layer\tacc\n1\t2\n", "E701", "(separator: tab)"),
    ],
)
def test_what_stays_ambiguous_or_wrong_is_refused(tmp_path: Path, text: str, code: str, says: str) -> None:
    found = refusal(write(tmp_path, "t.csv", text.format(FIRST, SECOND)))
    assert found[0] == code
    assert says in found[1]


def test_places_in_other_dialects(tmp_path: Path) -> None:
    path = write(tmp_path, "t.csv", f'sep=;\narch;remark;acc\n{FIRST};"a;b";1,5\n{SECOND};c;x\n')
    with pytest.raises(LaptError) as caught:
        read_table(path)
    span = only(caught.value).span
    assert (span.line, span.column) == (4, len(SECOND) + 4)


GENOTYPE = str(load_space("darts").codec.example())
NNI = '{"0_1":"nor_conv_3x3","0_2":"none","1_2":"skip_connect","0_3":"none","1_3":"none","2_3":"avg_pool_3x3"}'


def test_architectures_in_every_form_that_the_space_reads(tmp_path: Path) -> None:
    quoted = GENOTYPE.replace('"', '""')
    table = read_table(write(tmp_path, "g.csv", f'genotype,acc\n"DARTS_V2 = {quoted}",97.2\n'))
    assert (table.space.name, values(table, "acc", GENOTYPE)) == ("darts", [97.2])
    cell = NNI.replace('"', '""')
    if _reads(NNI):
        table = read_table(write(tmp_path, "n.csv", f'arch,acc\n"{cell}",91.4\n'))
        assert values(table, "acc", NNI) == [91.4]
    text = "arch;acc\nnaslib:(2, 0, 1, 3, 4, 0);91,4\n"
    table = read_table(write(tmp_path, "c.csv", text))
    assert (table.space.name, values(table, "acc", "naslib:(2, 0, 1, 3, 4, 0)")) == ("nas201", [91.4])


def _reads(text: str) -> bool:
    try:
        load_space("nas201").parse_arch(text)
    except LaptError:
        return False
    return True


CSV = f"arch,acc\n{FIRST},91.4\n{SECOND},90\n".encode()


def zipped(content: bytes, *names: str) -> bytes:
    import io

    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, content)
    return out.getvalue()


COMPRESSED = {
    "gzip": gzip.compress(CSV),
    "two gzip streams": gzip.compress(CSV[:9]) + gzip.compress(CSV[9:]) + b"\0" * 8,
    "xz": lzma.compress(CSV),
    "bzip2": bz2.compress(CSV),
    "zip": zipped(CSV, "t.csv"),
    "zip from macOS": zipped(CSV, "t.csv", "__MACOSX/._t.csv", "folder/"),
    "utf-16": CSV.decode().replace(",", "\t").encode("utf-16"),
}


@pytest.mark.parametrize("content", COMPRESSED.values(), ids=COMPRESSED)
def test_compressed_files(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "t"
    path.write_bytes(content)
    assert values(read_table(path), "acc", FIRST, SECOND) == [91.4, 90.0]


def test_long_files_are_decompressed_in_whole(tmp_path: Path) -> None:
    draws = random.Random(0)
    archs = nas201(3000)
    rows = [draws.random() for _ in archs]
    text = "arch,acc\n" + "".join(f"{arch},{value!r}\n" for arch, value in zip(archs, rows, strict=True))
    for number, content in enumerate((gzip.compress(text.encode()), lzma.compress(text.encode()))):
        path = tmp_path / f"{number}"
        path.write_bytes(content)
        assert values(read_table(path), "acc", *archs) == rows


def test_what_does_not_fit_decompressed_is_refused(tmp_path: Path) -> None:
    zeros = b"0" * (MAX_BYTES + 1)
    path = tmp_path / "t"
    for name, content in {"gzip": gzip.compress(zeros, 1), "bzip2": bz2.compress(zeros, 1)}.items():
        path.write_bytes(content)
        code, message, _ = refusal(str(path))
        assert (code, name in message) == ("E710", True)
    path.write_bytes(zipped(zeros, "t.csv"))
    assert refusal(str(path))[:2] == ("E710", "the table is larger than 64 MiB decompressed (zip)")


def test_damaged_and_foreign_compressed_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = Path("t")  # a message shortens a long path
    for name in ("gzip", "xz", "bzip2", "zip"):
        for content in (COMPRESSED[name][:-20], COMPRESSED[name][:12]):
            path.write_bytes(content)
            code, message, _ = refusal(str(path))
            assert (code, name in message) == ("E702", True), (name, message)
    expected = {
        zipped(CSV, "a.csv", "b.csv"): "the zip file holds 2 files",
        zipped(CSV, "xl/workbook.xml", "xl/a.xml"): "Excel workbook (.xlsx)",
        zipped(CSV, *(f"{number}.csv" for number in range(2000))): "too many files",
        b"\x28\xb5\x2f\xfd": "compressed with zstd",
        b"\xd0\xcf\x11\xe0": "Excel workbook (.xls)",
        gzip.compress(b"PAR1"): "a Parquet file compressed with gzip",
    }
    for content, says in expected.items():
        path.write_bytes(content)
        code, message, _ = refusal(str(path))
        assert (code, says in message) == ("E701", True), message
    path.write_bytes(gzip.compress(b"arch,\xe9\n"))
    assert refusal(str(path))[1].endswith("` (decompressed with gzip) is not UTF-8 text: byte 5 cannot be read")


def test_compressed_tables_are_found_in_folders(tmp_path: Path) -> None:
    (tmp_path / "a.csv.gz").write_bytes(COMPRESSED["gzip"])
    write(tmp_path, "b.tsv", f"arch\tacc\n{FIRST}\t1\n")
    write(tmp_path, "c.gz", "no table")
    assert [Path(found.path).name for found in find_tables([str(tmp_path)]) if found.table] == ["a.csv.gz", "b.tsv"]
