"""Tables as Parquet, read with pyarrow where it is installed. The columns are those of a CSV table."""

from __future__ import annotations

import importlib
from typing import Any

from lapt_dsl.diagnostics.diagnostic import LaptError
from lapt_dsl.evaluate.tables.csv_table import arch_column
from lapt_dsl.evaluate.tables.raw_rows import MAX_COLUMNS, MAX_ROWS, RawRows

MAX_UNPACKED_BYTES = 2**30
"""Compressed columns can be far larger than their file; what the file says of their size is checked first."""


def read_parquet(path: str) -> RawRows:
    """The rows of a Parquet table.

    Args:
        path: The file.

    Raises:
        LaptError: E711, pyarrow is not installed; E701, no column `arch`; E702, no Parquet; E710, too large.
    """
    try:
        # By name, so that neither running nor type checking the rest needs the package.
        parquet = importlib.import_module("pyarrow.parquet")
        arrow = importlib.import_module("pyarrow")
    except ImportError as error:
        hint = "pip install pyarrow, or save the table as CSV"
        raise LaptError.of("E711", "reading Parquet needs the package pyarrow", path, hint=hint) from error
    try:
        with parquet.ParquetFile(path) as file:
            _check_size(path, file.metadata)
            names = [str(name) for name in file.schema_arrow.names]
            key = arch_column(names, path)
            raw = RawRows(path, [name for column, name in enumerate(names) if column != key])
            for batch in file.iter_batches():
                columns = [column.to_pylist() for column in batch.columns]
                archs = columns.pop(key)
                for row, arch in enumerate(archs):
                    raw.add(arch if isinstance(arch, str) else str(arch), [column[row] for column in columns])
    except (arrow.ArrowException, OSError) as error:
        message = f"this is no readable Parquet file: {str(error)[:200]}"
        raise LaptError.of("E702", message, path, hint="is the download complete?") from error
    return raw


def _check_size(path: str, metadata: Any) -> None:
    if metadata.num_rows > MAX_ROWS:
        raise LaptError.of("E710", f"the table has more than {MAX_ROWS:,} rows", path)
    if metadata.num_columns > MAX_COLUMNS + 1:
        raise LaptError.of("E710", f"the table has more than {MAX_COLUMNS} columns", path)
    groups = (metadata.row_group(index) for index in range(metadata.num_row_groups))
    if sum(group.total_byte_size for group in groups) > MAX_UNPACKED_BYTES:
        raise LaptError.of("E710", f"the table is larger than {MAX_UNPACKED_BYTES // 2**20} MiB unpacked", path)
