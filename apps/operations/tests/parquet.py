"""What a Parquet file says, as whoever reads the lake sees it."""

import tempfile
from typing import Any

import duckdb


def parquet_rows(content: bytes) -> list[dict[str, Any]]:
    with tempfile.NamedTemporaryFile(suffix=".parquet") as file, duckdb.connect() as duck:
        file.write(content)
        file.flush()
        found = duck.execute("FROM read_parquet(?)", [file.name])
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
