"""Rows as a Parquet file, any number of them: spooled to disk as lines of JSON, packed by DuckDB."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from apps.common.temporary import temporary_folder

TEXT, FLAG, DAY, MOMENT = "VARCHAR", "BOOLEAN", "DATE", "TIMESTAMP"
INTEGER, MONEY, MEASURE, RATE = "BIGINT", "DECIMAL(12,2)", "DECIMAL(12,3)", "DECIMAL(4,1)"
ROWS_PER_GROUP = 20_480
DUCKDB: dict[str, str | bool | int | float | list[str]] = {
    # Equal rows give equal bytes, and memory stays small.
    "threads": 1,
    "memory_limit": "256MB",
    # Nothing is fetched from elsewhere.
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}


@dataclass(frozen=True)
class Column:
    """`kind` is one of the types above, as DuckDB writes it; moments are UTC without a zone."""

    name: str
    kind: str = TEXT


class Rows:
    """`hash` is of columns and rows: equal hashes give equal files."""

    def __init__(self, columns: Iterable[Column], rows: Iterable[tuple[Any, ...]]) -> None:
        self.columns = list(columns)
        self.count = 0
        # Personal data: what a killed process leaves of them is found by the folder's name.
        self._folder = temporary_folder("lake")
        self._path = Path(self._folder.name) / "rows.ndjson"
        rows_hash = hashlib.sha256(repr(self.columns).encode())
        try:
            with self._path.open("wb") as file:
                for line in self._lines(rows):
                    file.write(line + b"\n")
                    rows_hash.update(line)
                    self.count += 1
        except BaseException:
            self._folder.cleanup()
            raise
        self.hash = rows_hash.hexdigest()

    def _lines(self, rows: Iterable[tuple[Any, ...]]) -> Iterator[bytes]:
        names = [column.name for column in self.columns]
        for row in rows:
            yield json.dumps(dict(zip(names, row, strict=True)), ensure_ascii=False, default=_written).encode()

    def __enter__(self) -> "Rows":
        return self

    def __exit__(self, *_: Any) -> None:
        """The lines go with it."""
        self._folder.cleanup()

    def parquet(self) -> bytes:
        """Packed by Zstandard, which Athena's third engine reads."""
        # 66 MB that nothing else needs: imported only by a process that writes to the lake.
        import duckdb

        shape = ", ".join(f"'{column.name}': '{column.kind}'" for column in self.columns)
        with temporary_folder("lake") as folder, duckdb.connect(config=DUCKDB) as duck:
            target = Path(folder) / "rows.parquet"
            duck.execute(f"SET temp_directory = '{folder}'")
            duck.execute(
                f"COPY (FROM read_json('{self._path}', format = 'newline_delimited', columns = {{{shape}}})) "
                f"TO '{target}' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {ROWS_PER_GROUP})"
            )
            return target.read_bytes()


def _written(value: Any) -> str:
    """Decimals as strings, which keep them exact."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"No line of JSON holds a {type(value).__name__}")
