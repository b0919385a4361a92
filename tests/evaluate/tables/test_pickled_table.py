from __future__ import annotations

import os
import pickle
import struct
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lapt_dsl.diagnostics.diagnostic import LaptError
from lapt_dsl.evaluate.safe_pickle import Unsafe, load
from lapt_dsl.evaluate.tables.bench_api import load_api, table_from_api
from lapt_dsl.evaluate.tables.read_table import read_table
from lapt_dsl.evaluate.tables.trans_database import NotATable, table_of
from tests.evaluate.tables.texts import TRANS, nas201, only

MIB = 2**20


def database(count: int = 3, **more: Any) -> dict[str, Any]:
    """What TransNASBench's file holds, in small."""
    micro = {
        arch: {
            "jigsaw": {"total_epochs": 2, "metrics": {"train_top1": [1.0], "valid_top1": [9.0, float(row)]}},
            "room_layout": {"metrics": {"valid_neg_loss": [-3.0, -1.0 - row], "valid_loss": [3.0, 1.0 + row]}},
            "normal": {"metrics": {"valid_ssim": [0.5, np.float64(row)], "test_ssim": [0.25, np.float32(0.5)]}},
        }
        for row, arch in enumerate(TRANS[:count])
    }
    return {"metrics_dict": {}, "task_list": [], "data": {"macro": {"64-4111-basic": {}}, "micro": micro}, **more}


def zipped(path: Path, content: bytes) -> str:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.pkl", content)
        archive.writestr("archive/version", "3\n")
    return str(path)


def legacy(path: Path, content: bytes) -> str:
    start = [pickle.dumps(part, 2) for part in (0x1950A86A20F9469CFC6C, 1001, {"little_endian": True})]
    path.write_bytes(b"".join(start) + content + pickle.dumps([], 2))
    return str(path)


def bare(path: Path, content: bytes) -> str:
    path.write_bytes(content)
    return str(path)


def code_of(path: str) -> str:
    with pytest.raises(LaptError) as caught:
        read_table(path)
    return only(caught.value).code


@pytest.mark.parametrize("form", [zipped, legacy, bare])
def test_the_published_database_in_every_format(tmp_path: Path, form: Any) -> None:
    table = read_table(form(tmp_path / "t.pth", pickle.dumps(database(), 2)))
    described = [(column.name, column.direction, column.split) for column in table.columns]
    assert described == [
        ("jigsaw", "higher", "validation"),
        ("room_layout", "higher", "validation"),
        ("normal", "higher", "validation"),
        ("normal_test", "higher", "test"),
    ]
    assert table.values("jigsaw") == [0.0, 1.0, 2.0]
    assert table.values("room_layout") == [-1.0, -2.0, -3.0]
    assert table.test_metric("normal") == "normal_test"


def test_numpy_numbers_come_out_as_numbers(tmp_path: Path) -> None:
    values = [np.float64(0.1), np.float32(0.5), np.int64(-3), np.uint8(7), np.bool_(True)]
    for protocol in (2, 4, 5):
        path = bare(tmp_path / "n.pkl", pickle.dumps(values, protocol))
        assert load(path, MIB) == [0.1, 0.5, -3, 7, True]


class Runs:
    def __init__(self, mark: Path) -> None:
        self.mark = str(mark)

    def __reduce__(self) -> tuple[Any, ...]:
        return (os.mkdir, (self.mark,))


@pytest.mark.parametrize("form", [zipped, legacy, bare])
@pytest.mark.parametrize("protocol", [0, 2, 4])
def test_a_hostile_pickle_is_refused_and_runs_nothing(tmp_path: Path, form: Any, protocol: int) -> None:
    mark = tmp_path / "ran"
    hostile = pickle.dumps(database(more=Runs(mark)), protocol)
    path = form(tmp_path / "t.pth", hostile)
    with pytest.raises(Unsafe, match="mkdir"):
        load(path, MIB)
    with pytest.raises(LaptError) as caught:
        read_table(path)
    found = only(caught.value)
    assert found.code == "E709"
    assert "mkdir" in found.message
    assert not mark.exists()


@pytest.mark.parametrize(
    "content",
    [
        b"\x80\x04cbuiltins\neval\n(X\x01\x00\x00\x001tR.",
        b"\x80\x04cbuiltins\ngetattr\n.",
        b"\x80\x02cnumpy.core.multiarray\n_reconstruct\n.",
        b"\x80\x02ctorch._utils\n_rebuild_tensor_v2\n.",
        b"\x80\x02(S'a'\nios\nsystem\n.",
        b"\x80\x02X\x01\x00\x00\x00aQ.",
        b"\x80\x02c_codecs\nencode\n(X\x01\x00\x00\x00aX\x03\x00\x00\x00hextR.",
        b"\x80\x02cnumpy.core.multiarray\nscalar\n(cnumpy\ndtype\n(X\x01\x00\x00\x00OtRX\x01\x00\x00\x00atR.",
    ],
)
def test_names_off_the_list_are_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(Unsafe):
        load(bare(tmp_path / "t.pkl", content), MIB)


def test_a_pickle_that_asks_for_much_memory_is_refused(tmp_path: Path) -> None:
    # A byte array of 64 GiB that the file does not hold, and a memo of four thousand million places.
    assert code_of(bare(tmp_path / "a.pth", b"\x80\x05\x96" + struct.pack("<Q", 2**36))) in ("E710", "E702")
    assert code_of(bare(tmp_path / "b.pth", b"\x80\x04]r" + struct.pack("<I", 2**32 - 1) + b".")) == "E710"


@pytest.mark.parametrize("content", [b"", b"\x80", b"\x80\x04]", b"\x80\x09N.", b"PK\x03\x04rest", b"\x80\x04R."])
def test_broken_pickles(tmp_path: Path, content: bytes) -> None:
    assert code_of(bare(tmp_path / "t.pth", content)) == "E702"


def test_pickles_of_other_things(tmp_path: Path) -> None:
    assert code_of(bare(tmp_path / "t.pth", pickle.dumps([1, 2]))) == "E701"
    assert code_of(str(tmp_path / "none.pth")) == "E901"
    cut = pickle.dumps(database())[:-40]
    assert code_of(bare(tmp_path / "cut.pth", cut)) == "E702"


def test_a_plain_dictionary_is_a_table_too() -> None:
    assert table_of({TRANS[0]: {"acc": 1.0}}) == (["acc"], [(TRANS[0], [1.0])])


@pytest.mark.parametrize(
    "content",
    [
        {"data": {}},
        {"data": []},
        {"data": {"micro": {TRANS[0]: {"jigsaw": {}}}}},
        {"data": {"micro": {TRANS[0]: {"jigsaw": {"metrics": {"train_top1": [1]}}}}}},
        {"data": {"micro": {TRANS[0]: {"jigsaw": {"metrics": {"valid_top1": []}}}}}},
        {TRANS[0]: {"acc": 1.0}, TRANS[1]: {"loss": 1.0}},
        {1: {}},
    ],
)
def test_dictionaries_of_another_shape(content: object) -> None:
    with pytest.raises(NotATable):
        table_of(content)


def test_a_task_that_one_architecture_lacks_is_missing_there(tmp_path: Path) -> None:
    content = database()
    del content["data"]["micro"][TRANS[0]]["normal"]
    with pytest.raises(LaptError) as caught:
        read_table(bare(tmp_path / "t.pth", pickle.dumps(content)))
    assert [item.code for item in caught.value.diagnostics] == ["E705", "E705"]
    assert "row 1, column `normal:validation`" in caught.value.diagnostics[0].message


class FakeApi:
    """What NATS-Bench's object answers, as far as tables need it."""

    def __init__(self, archs: list[str]) -> None:
        self.archs = archs

    def __len__(self) -> int:
        return len(self.archs)

    def __getitem__(self, index: int) -> str:
        return self.archs[index]

    def get_more_info(
        self, index: int, dataset: str, iepoch: int | None = None, hp: str = "200", is_random: bool = False
    ) -> dict[str, float]:
        assert hp in ("12", "200")
        if dataset == "cifar10-valid":
            return {"valid-accuracy": 80.0 + index, "test-accuracy": 0.0, "train-all-time": 100.0}
        if dataset == "cifar10":
            return {"test-accuracy": 90.0 + index, "train-all-time": 200.0}
        return {"cifar100": {"valid-accuracy": 1.0, "test-accuracy": 2.0, "train-all-time": 3.0}}[dataset]


class ByMethod(FakeApi):
    def __getitem__(self, index: int) -> str:
        raise AssertionError("`arch` is asked first")

    def arch(self, index: int) -> str:
        return self.archs[index]


@pytest.mark.parametrize("kind", [FakeApi, ByMethod])
def test_tables_from_the_benchmarks_own_objects(kind: type[FakeApi]) -> None:
    table = table_from_api(kind(nas201(5)), "cifar10")
    assert table.best("val_acc_200")[1] == 84.0
    assert table.best("test_acc_200")[1] == 94.0
    assert table.test_metric("val_acc_200") == "test_acc_200"
    assert table.values("train_time") == [100.0] * 5
    assert table_from_api(kind(nas201(1)), "cifar100", "12").values("val_acc_12") == [1.0]


def test_a_data_set_that_the_object_does_not_know() -> None:
    for arguments in (("cifar11",), ("cifar10", "90")):
        with pytest.raises(LaptError) as caught:
            table_from_api(FakeApi(nas201(1)), *arguments)
        assert only(caught.value).code == "E701"


def test_without_the_packages_their_files_cannot_be_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "nats_bench", None)
    monkeypatch.setitem(sys.modules, "nas_201_api", None)
    with pytest.raises(LaptError) as caught:
        load_api("NATS-tss-v1_0-3ffb9-simple")
    assert only(caught.value).code == "E711"
