"""Files of ours that are opened in a spreadsheet and given back read as what was written."""

import csv
import io

from hypothesis import example, given, settings
from hypothesis import strategies as st

from apps.common.spreadsheets import DANGEROUS, for_excel, guard, out_of_excel, unguard
from apps.common.tabular.rejects import RejectsSheet, rows_of
from apps.common.tabular.rows import Row
from apps.common.tabular.source import Source
from apps.common.tests.examples import examples

BEGINNINGS = st.sampled_from(["", *DANGEROUS, "'", "''", "'=", '="', "0", "-1", " "])
CELLS = st.builds(
    str.__add__, BEGINNINGS, st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=12)
)


@given(CELLS)
@settings(max_examples=examples(300))
def test_a_guarded_text_is_no_formula_and_comes_back(text):
    assert not guard(text).startswith(DANGEROUS)
    assert unguard(guard(text)) == text


@given(st.one_of(CELLS, st.from_regex(r"[0-9]{1,20}", fullmatch=True)))
@example('="0123"')
@example("+33612345678")
@example("-3,50")
@settings(max_examples=examples(300))
def test_a_cell_for_excel_keeps_its_digits_and_comes_back(cell):
    written = for_excel(cell)
    assert out_of_excel(written) in (cell, cell.strip())
    if written.startswith("="):
        assert written == f'="{cell.strip()}"'
        # What Excel saves of such a formula.
        assert out_of_excel(cell.strip()) == cell.strip()
    if cell.startswith("+"):
        assert written.startswith("'")


@given(st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=1, max_size=4))
@settings(max_examples=examples(60))
def test_refused_rows_are_read_as_they_were(rows):
    stream = io.StringIO(newline="")
    sheet = RejectsSheet(stream, ["=nom", "ville", "téléphone"])
    for line, cells in enumerate(rows, 2):
        sheet.write(Row(line, list(cells)), "raison ; avec un point-virgule")
    content = stream.getvalue().encode("utf-8-sig")
    assert next(csv.reader(io.StringIO(stream.getvalue()), delimiter=";"))[2] == "'=nom"
    source = Source(lambda: io.BytesIO(content), "rejets.csv", words={"nom", "ville", "telephone"})
    found = [[cell.strip() for cell in row.cells[2:]] for row in rows_of(source)]
    assert found == [[cell.strip() for cell in cells] for cells in rows]
