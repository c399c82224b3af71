"""Tables as programs really write them: separators, titles, encodings, workbooks, archives."""

import gzip
import io
import zipfile
from itertools import pairwise

import openpyxl
import pytest

from apps.common.tabular import source as source_module
from apps.common.tabular.errors import Refusal, UnreadableFile
from apps.common.tabular.rows import Row
from apps.common.tabular.source import open_table
from apps.common.tabular.table import Table
from apps.common.tests.tables import source_of, workbook

WORDS = {"code", "nom", "prix", "rayon", "stock"}
FRENCH = "code;nom;rayon\n1;Pâté de lièvre poêlé;Crèmerie\n2;Garçon, à l’été : reçu;Épicerie\n"


def table_of(content: str | bytes, **options):
    data = content.encode() if isinstance(content, str) else content
    return open_table(lambda: io.BytesIO(data), "table", words=WORDS, **options)


def read(content: str | bytes, **options) -> tuple[list[str], list[tuple[int, list[str]]]]:
    table = table_of(content, **options)
    return table.header, [(row.line, row.cells) for row in table.rows()]


@pytest.mark.parametrize("delimiter", ";\t,|^~¦")
def test_finds_the_separator_that_splits_the_header(delimiter):
    header = delimiter.join(["code", "nom", "prix"])
    cell = '"Miel, de; thym | a"' if delimiter in ",;|" else "Miel, de; thym"
    assert read(f"{header}\n{delimiter.join(['1', cell, '9.90'])}\n") == (
        ["code", "nom", "prix"],
        [(2, ["1", cell.strip('"'), "9.90"])],
    )


def test_decimal_commas_are_no_separators_even_without_known_words():
    assert source_of("article;montant\nMiel, thym;9,90\nMiel, acacia;8,50\n").header == ["article", "montant"]


@pytest.mark.parametrize("mark", ["sep=|", '"sep=|"', "SEP=|"])
def test_excels_own_mark_names_the_separator(mark):
    assert read(f"{mark}\r\ncode|nom;x\r\n1|a\r\n") == (["code", "nom;x"], [(3, ["1", "a"])])


@pytest.mark.parametrize(
    "above",
    [
        "Tarif printemps 2026;;;\n;;;\n",
        "Société Martin;;au 12/03/2026;\n\n\n",
        '"Note, sur\ndeux lignes";;;\n;;;\n',
        "sep=;\nTarif;;;\n",
    ],
)
def test_finds_the_header_below_titles_and_keeps_the_lines_of_the_file(above):
    header, rows = read(f"{above}code;nom;prix;stock\n1;Miel;9,90;3\n")
    assert header == ["code", "nom", "prix", "stock"]
    assert rows == [(above.count("\n") + 2, ["1", "Miel", "9,90", "3"])]


def test_a_header_of_unknown_words_is_found_by_its_shape():
    assert source_of("Tarif;;\n;;\nArtikel;Preis;Menge\nHonig;9,90;3\n").header == ["Artikel", "Preis", "Menge"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_reads_unicode_and_any_line_end(encoding, end):
    assert read(FRENCH.replace("\n", end).encode(encoding))[1][0] == (2, ["1", "Pâté de lièvre poêlé", "Crèmerie"])


@pytest.mark.parametrize("encoding", ["cp1252", "iso8859-15", "cp850", "mac_roman"])
def test_reads_the_letters_that_french_programs_write(encoding):
    text = FRENCH if encoding in ("cp1252", "mac_roman") else FRENCH.replace("’", "'")
    assert read(text.encode(encoding)) == read(text)


@pytest.mark.parametrize(
    ("encoding", "text"),
    [("cp1252", "Prix 12 €"), ("cp1252", "l’huile"), ("cp1252", "NESTLÉ"), ("cp1252", "m²"), ("iso8859-15", "bœuf"),
     ("cp850", "PÂTÉ DE CAMPAGNE"), ("mac_roman", "à l’ail"), ("cp1252", "Señor Muñoz"), ("cp850", "café")],
)  # fmt: skip
def test_one_word_can_be_evidence_enough(encoding, text):
    assert read(f"code;nom\n1;{text}\n".encode(encoding))[1] == [(2, ["1", text])]


def test_doubtful_letters_are_refused_with_the_readings_to_choose_from():
    content = "code;nom\n1;Noël\n".encode("mac_roman")
    with pytest.raises(UnreadableFile) as refusal:
        read(content)
    for reading in ("No‘l", "Noæl", "Noël", "Mac Roman"):
        assert reading in refusal.value.message
    assert read(content, encoding="mac_roman")[1] == [(2, ["1", "Noël"])]


def test_a_text_over_two_lines_ends_in_a_row_with_an_empty_cell_too_many():
    assert read('code;nom;prix\n1;"un\ndeux";3;\n2;trois;4;\n')[1] == [
        (2, ["1", "un\ndeux", "3", ""]),
        (4, ["2", "trois", "4", ""]),
    ]


def _read_row(cells: list[str], header: str = "code;nom;prix;stock", **of_row) -> dict[str, str]:
    return Table(header.split(";"), {name: (name,) for name in WORDS}).read(Row(2, cells, **of_row))


def test_cells_left_out_at_a_rows_end_are_empty():
    assert _read_row(["1", "Miel", "9,90"]) == {"code": "1", "nom": "Miel", "prix": "9,90", "stock": ""}


@pytest.mark.parametrize(
    ("cells", "options"),
    [
        (["1", "Miel", "9"], {"is_open": True}),
        (["1", "Miel", "9", "3", "x"], {}),
        (["1", "#N/A", "9", "3"], {}),
        (["1", "#REF!", "9", "3"], {}),
        (["1", "Miel", "#VALEUR!", "3"], {}),
        (["1", "Miel", "9", "3", "8"], {"header": "code;nom;prix;stock;Prix"}),
    ],
)
def test_a_row_that_may_mean_something_else_is_refused(cells, options):
    with pytest.raises(Refusal):
        _read_row(cells, **options)


def test_columns_of_one_name_are_one_where_they_agree():
    assert _read_row(["1", "Miel", "", "3", "9"], header="code;nom;prix;stock;Prix")["prix"] == "9"


def test_a_file_cut_off_in_a_row_says_so_of_that_row():
    rows = list(source_of("code;nom;prix\n1;Miel;9,90\n2;Thé").rows())
    assert [row.is_open for row in rows] == [False, True]


@pytest.mark.parametrize(
    "line", ["1,Miel,9,90,3", "1,Miel,9,90", '1,"Miel",9,90 €,3'], ids=["longer", "shorter", "quoted"]
)
def test_an_unquoted_decimal_comma_between_commas_is_no_price(line):
    header = "code,nom,prix,stock" + (",rayon" if line == "1,Miel,9,90" else "")
    row = next(source_of(f"{header}\n{line}\n").rows())
    assert "virgule décimale" in row.error


@pytest.mark.parametrize("name", ["TOTAL", "Total général :", "Sous-total", "Totaux", "total HT", "Grand total"])
def test_knows_a_line_of_totals(name):
    assert Row(9, ["", name, "", "99"]).is_total


@pytest.mark.parametrize("name", ["Total Énergie", "Totem", "Sous-verre", "T-shirt", "1"])
def test_takes_no_product_for_a_total(name):
    assert not Row(9, [name, "Total", "99"]).is_total


class TestWorkbooks:
    def test_numbers_rates_and_codes_are_text_as_shown(self):
        book = openpyxl.Workbook()
        sheet = book.active
        sheet.append(["code", "nom", "prix", "stock", "rayon"])
        sheet.append([3760012345670, "0012", 9.900000000000002, 0.055, True])
        sheet.append([12345678905, "x", 1234567.5, 12, None])
        sheet["D2"].number_format = "0.0%"
        sheet["A3"].number_format = "0000000000000"
        assert read(_saved(book))[1] == [
            (2, ["3760012345670", "0012", "9.9", "5.5 %", "VRAI"]),
            (3, ["0012345678905", "x", "1234567.5", "12", ""]),
        ]

    def test_reads_the_sheet_with_the_table_and_names_the_others(self):
        book = openpyxl.Workbook()
        book.active.title = "Lisez-moi"
        book.active.append(["Bonjour"])
        sheet = book.create_sheet("Tarif")
        for row in (["Tarif 2026"], [], ["code", "nom", "prix"], ["1", "Miel", 9.9]):
            sheet.append(row)
        hidden = book.create_sheet("caché")
        hidden.append(["code", "nom", "prix", "stock"])
        hidden.sheet_state = "hidden"
        table = table_of(_saved(book))
        assert (table.header, [row.line for row in table.rows()]) == (["code", "nom", "prix"], [4])
        assert [notice.text for notice in table.notices()] == [
            "seule la feuille «\u202fTarif\u202f» est lue, pas\u202f: Lisez-moi"
        ]

    def test_reads_opendocument_with_its_repeats_types_and_spaces(self):
        content = _opendocument(
            '<table:table-row><table:table-cell><text:p>Tarif</text:p></table:table-cell></table:table-row>'
            '<table:table-row table:number-rows-repeated="2">'
            '<table:table-cell table:number-columns-repeated="1024"/></table:table-row>'
            "<table:table-row>" + "".join(_text_cell(name) for name in ("code", "nom", "prix", "stock", "le")) +
            '<table:table-cell table:number-columns-repeated="1000"/></table:table-row>'
            "<table:table-row>" + _number_cell("float", "12345678905", "0012345678905") +
            _text_cell('Miel<text:s text:c="2"/>de <text:span>thym</text:span>') +
            _number_cell("currency", "9.9", "9,90 €") + '<table:table-cell table:number-columns-repeated="1"/>' +
            _number_cell("percentage", "0.055", "5,5 %") + "</table:table-row>"
            "<table:table-row>" + "".join(_text_cell(name) for name in ("007", "Thé", "5", "3")) +
            '<table:table-cell office:value-type="date" office:date-value="2026-11-20T10:23:45"/></table:table-row>'
            '<table:table-row table:number-rows-repeated="1048000"><table:table-cell/></table:table-row>'
        )  # fmt: skip
        assert read(content) == (
            ["code", "nom", "prix", "stock", "le"],
            [
                (5, ["0012345678905", "Miel  de thym", "9.9", "", "5.5 %"]),
                (6, ["007", "Thé", "5", "3", "2026-11-20 10:23:45"]),
            ],
        )

    def test_a_damaged_or_hostile_opendocument_is_refused(self):
        for content in (
            _opendocument("<table:table-row>"),
            _zip({"content.xml": b'<!DOCTYPE x [<!ENTITY a "b">]><x/>'}),
        ):
            with pytest.raises(UnreadableFile, match="classeur"):
                read(content)


def _saved(book: openpyxl.Workbook) -> bytes:
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _text_cell(text: str) -> str:
    return f'<table:table-cell office:value-type="string"><text:p>{text}</text:p></table:table-cell>'


def _number_cell(kind: str, value: str, displayed: str) -> str:
    return (
        f'<table:table-cell office:value-type="{kind}" office:value="{value}"><text:p>{displayed}</text:p>'
        "</table:table-cell>"
    )


def _opendocument(rows: str) -> bytes:
    names = "".join(
        f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
    )
    content = (
        f'<office:document-content{names}><table:table table:name="F">{rows}</table:table></office:document-content>'
    )
    return _zip({"content.xml": content.encode()})


def _zip(members: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def test_reads_the_one_table_in_an_archive():
    content = _zip({"__MACOSX/._a.csv": b"x", "export/a.csv": "code;nom\n1;Crème\n".encode(), "lisez.pdf": b"%PDF"})
    assert read(content) == (["code", "nom"], [(2, ["1", "Crème"])])


@pytest.mark.parametrize(
    ("members", "words"),
    [({"a.csv": b"x", "b.csv": b"y"}, "a.csv, b.csv"), ({"a.pdf": b"x"}, "aucun")],
)
def test_an_archive_without_one_table_is_refused_with_what_it_has(members, words):
    with pytest.raises(UnreadableFile, match=words):
        read(_zip(members))


@pytest.mark.parametrize("pack", [gzip.compress, lambda data: _zip({"a.csv": data})], ids=["gz", "zip"])
def test_a_small_archive_that_unpacks_to_far_too_much_is_refused(pack, monkeypatch):
    monkeypatch.setattr(source_module, "LARGE_ENOUGH_TO_DOUBT", 1_000_000)
    with pytest.raises(UnreadableFile, match="se décompresse"):
        read(pack(b"code;nom\n" + b"1;aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n" * 100_000))


def test_an_old_excel_file_says_what_to_do():
    with pytest.raises(UnreadableFile, match="xls"):
        read(b"\xd0\xcf\x11\xe0" + b"\0" * 600)


def test_lines_grow_and_none_is_given_twice():
    lines = [line for line, _cells in read('code;nom\n\n1;"a\nb"\n2;c\n\n3;d\n')[1]]
    assert lines == [3, 5, 7]
    assert all(one < other for one, other in pairwise(lines))


def test_workbook_of_one_sheet_needs_no_notice():
    assert list(table_of(workbook(["code", "nom"], ["1", "a"])).notices()) == []
