import io
import zipfile
from collections.abc import Callable

import openpyxl

from apps.common.tabular.source import Source, open_table

SHEET = "xl/worksheets/sheet1.xml"


def source_of(content: str | bytes, name: str = "table.csv") -> Source:
    data = content.encode() if isinstance(content, str) else content
    return Source(lambda: io.BytesIO(data), name)


def workbook(*rows: list[object]) -> bytes:
    book, file = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(file)
    return file.getvalue()


def with_sheet(content: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """The same workbook with its sheet's XML changed, as other programs write it."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(file, "w") as new:
        for entry in old.infolist():
            data = old.read(entry)
            new.writestr(entry, change(data) if entry.filename == SHEET else data)
    return file.getvalue()


def rows_of(content: bytes) -> list[tuple[int, list[str]]]:
    return [(row.line, row.cells) for row in open_table(lambda: io.BytesIO(content), "table").rows()]
