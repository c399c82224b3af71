import gzip
import io
import re
import tracemalloc
import zipfile
from datetime import date, datetime

import pytest

from apps.common.tabular.errors import UnreadableFile
from apps.common.tabular.limits import LARGEST_WORKBOOK
from apps.common.tabular.source import Source
from apps.common.tests.tables import rows_of, source_of, with_sheet, workbook


def cells(text: str | bytes) -> list[tuple[int, list[str], bool]]:
    return [(row.line, row.cells, bool(row.error)) for row in source_of(text).rows()]


@pytest.mark.parametrize(
    "content",
    [
        "nom;prix\nCrème;1\n".encode(),
        "\ufeffnom;prix\nCrème;1\n".encode(),
        "nom;prix\nCrème;1\n".encode("cp1252"),
        "nom;prix\nCrème;1\n".encode("utf-16"),
        gzip.compress("nom;prix\nCrème;1\n".encode("cp1252"), mtime=0),
        "nom;prix\r\nCrème;1".encode(),
        "nom\tprix\nCrème\t1\n".encode(),
    ],
)
def test_reads_what_merchants_send(content):
    source = source_of(content)
    assert source.header == ["nom", "prix"]
    assert [row.cells for row in source.rows()] == [["Crème", "1"]]


def test_a_few_damaged_bytes_do_not_turn_a_utf8_file_into_another_encoding():
    content = "nom;prix\nCrème brûlée;1\nAbîm".encode() + b"\xff;2\n"
    assert [row.cells[0] for row in source_of(content).rows()] == ["Crème brûlée", "Abîm\ufffd"]


def test_a_cell_may_run_over_several_lines():
    assert cells('nom;texte\na;"un\ndeux"\nb;trois\n') == [
        (2, ["a", "un\ndeux"], False),
        (4, ["b", "trois"], False),
    ]


def test_a_quote_never_closed_costs_only_its_own_line():
    text = 'nom;texte\na;"jamais fermé\nb;deux\nc;"entre ""guillemets"""\nd;quatre\n'
    assert cells(text) == [
        (2, ['a;"jamais fermé'], True),
        (3, ["b", "deux"], False),
        (4, ["c", 'entre "guillemets"'], False),
        (5, ["d", "quatre"], False),
    ]


def test_a_quote_opened_on_the_last_line_is_reported():
    assert cells('nom;texte\na;un\nb;"deux\n')[1] == (3, ['b;"deux'], True)


def test_a_quote_inside_a_cell_is_only_a_character():
    assert cells('nom;texte\nTuyau 5" inox;un\n"5" verre;deux\n') == [
        (2, ['Tuyau 5" inox', "un"], False),
        (3, ["5 verre", "deux"], False),
    ]


def test_empty_lines_are_passed_over_but_counted():
    assert cells("nom;prix\n\n;\na;1\n") == [(4, ["a", "1"], False)]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "vide"),
        (b"\xef\xbb\xbf\r\n", "vide"),
        (gzip.compress(b"nom;prix\na;1\n" * 5000, mtime=0)[:-20], "incomplet"),
        (gzip.compress(b"nom;prix\n", mtime=0)[:15], "incomplet"),
        (b"PK\x03\x04 un classeur", "CSV"),
        (b"\x89PNG\r\n\x1a\n", "binaire"),
        (b"\x00\x01\x02\x00\x00" * 50, "binaire"),
        (b'"jamais;fermee\na;b\n', "première ligne"),
        (b"x" * 1_200_000, "million"),
    ],
)
def test_says_clearly_why_a_file_is_no_table(content, words):
    with pytest.raises(UnreadableFile) as refusal:
        list(source_of(content).rows())
    assert words in refusal.value.message


def test_says_when_there_is_no_file(tmp_path):
    with pytest.raises(UnreadableFile, match="n’existe pas"):
        Source((tmp_path / "absent.csv").open, "absent.csv")


def test_memory_does_not_grow_with_the_file():
    def peak(rows: int) -> int:
        content = gzip.compress(b"nom;description;prix\n" + b"Confiture;tres douce et longuement decrite;3,90\n" * rows)
        tracemalloc.start()
        for _row in source_of(content).rows():
            pass
        highest = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return highest

    assert peak(40_000) < 1.5 * peak(4_000)


class TestWorkbook:
    ROWS = (["nom", "prix", "le"], ["Crème", 3.0, date(2026, 11, 20)], ["Thé", None, None])

    def test_gives_cells_as_text_under_the_lines_of_the_sheet(self):
        assert rows_of(workbook(*self.ROWS)) == [(2, ["Crème", "3", "2026-11-20"]), (3, ["Thé", "", ""])]

    def test_keeps_the_time_of_a_moment(self):
        day = datetime.fromisoformat("2026-11-20")
        content = workbook(["nom", "le"], ["Thé", day.replace(hour=10, minute=23, second=45)], ["Pain", day])
        assert rows_of(content) == [(2, ["Thé", "2026-11-20 10:23:45"]), (3, ["Pain", "2026-11-20"])]

    def test_reads_past_any_number_of_empty_rows(self):
        """A limit on the number of a row left out, unseen, whoever stood below it."""
        assert rows_of(workbook(["nom"], *([[""]] * 7000), ["Thé"])) == [(7002, ["Thé"])]

    def test_reads_all_columns_of_a_sheet_that_gives_its_size_wrong(self):
        def of_one_cell(sheet: bytes) -> bytes:
            changed = re.sub(rb'<dimension ref="[^"]*"', b'<dimension ref="A1"', sheet)
            assert changed != sheet
            return changed

        content = with_sheet(workbook(*self.ROWS), of_one_cell)
        assert rows_of(content)[0] == (2, ["Crème", "3", "2026-11-20"])

    def test_counts_no_further_than_a_sheet_goes(self):
        """A row's number is taken from the file; each one left out between two rows is a row that is counted."""

        def far_down(sheet: bytes) -> bytes:
            return sheet.replace(b'r="2"', b'r="999999999999"').replace(b'"A2"', b'"A999999999999"')

        assert rows_of(with_sheet(workbook(["nom"], ["Thé"]), far_down)) == []

    def test_says_that_a_sheet_is_damaged_below_its_first_row(self):
        content = with_sheet(workbook(["nom"], *([["Thé"]] * 2000)), lambda sheet: sheet[: len(sheet) // 2])
        with pytest.raises(UnreadableFile, match="classeur"):
            rows_of(content)

    def test_does_not_open_what_unpacks_to_too_much(self):
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("xl/workbook.xml", b" " * (LARGEST_WORKBOOK + 1))
        with pytest.raises(UnreadableFile, match="trop grand"):
            rows_of(file.getvalue())
