"""Damaged files: each row is in, refused or mentioned, and nothing ends in a traceback or a preview that goes on.

`FUZZED_FILES=5000 pytest apps/imports/tests/test_fuzz.py` tries as many.
"""

import os
import random

import pytest

from apps.catalogue.models import CatalogueImport, Product
from apps.catalogue.models.product import VatClass
from apps.common.errors import DomainError
from apps.common.tabular.header import normalised
from apps.common.tabular.rows import Warned
from apps.imports.catalogue.formats import PARSERS, Format, detect
from apps.imports.catalogue.records import ProductRecord
from apps.imports.services import catalogue_imports
from apps.imports.services.jobs import RUNNING, Status
from apps.imports.tests.importing import NOW, source_of
from apps.imports.tests.received import owner, previewed
from apps.imports.tests.test_files import FILES
from apps.imports.tests.test_import_others import ETSY, MAGENTO, OPENCART, SQUARE

pytestmark = pytest.mark.django_db
COUNT = int(os.environ.get("FUZZED_FILES", "120"))
SEEDS = [(path.name, path.read_bytes()) for path in sorted(FILES.iterdir()) if path.name[0] in "imwpx"]
SEEDS += [("etsy.csv", ETSY.encode()), ("square.csv", SQUARE.encode()), ("magento.csv", MAGENTO.encode())]
SEEDS += [("opencart.csv", OPENCART.encode())]
BITS = [
    *(b"\0", b'"', b"\n", b"\r", b";", b",", b"\t", b"\xff", b"\xe9", b"\xef\xbb\xbf", b"=", b"'", b"\xc2\xa0"),
    *(b"1e309", b"-1", b"NaN", b"99999999999999999999", b"3,76E+12", b"=1+1", b"TOTAL", b"&#0;", b"<b>", b"</p>"),
    *("€".encode(), "é".encode("cp850"), "ＡＢ１".encode(), "\u202e".encode(), b"A" * 5000, b"#REF!", b"VRAI"),
]


def mutated(content: bytes, chance: random.Random) -> bytes:
    data = bytearray(content)
    for _time in range(chance.randint(1, 6)):
        at = chance.randrange(len(data) + 1)
        match chance.randrange(8):
            case 0:
                data[at:at] = chance.choice(BITS)
            case 1:
                del data[at : at + chance.randint(1, 40)]
            case 2:
                data[at : at + 1] = bytes([chance.randrange(256)])
            case 3:
                data[at:at] = data[chance.randrange(len(data) + 1) :][: chance.randint(1, 200)]
            case 4:
                lines = bytes(data).split(b"\n")
                chance.shuffle(lines)
                data = bytearray(b"\n".join(lines))
            case 5:
                data = data[: chance.randint(1, len(data) or 1)]
            case 6:
                data = data.replace(chance.choice([b";", b",", b"\n"]), chance.choice(BITS), 1)
            case 7:
                data = bytearray(
                    bytes(data).decode("utf-8", "replace").encode(chance.choice(["utf-16", "cp1252"]), "replace")
                )
        data = data or bytearray(b"x")
    return bytes(data)


def test_no_damaged_file_is_lost_or_stuck():
    refusals = []
    for number in range(COUNT):
        chance = random.Random(number)
        name, seed = chance.choice(SEEDS)
        content = mutated(seed, chance)
        try:
            its = previewed(content, name=name)
        except DomainError as error:
            refusals.append(error.message)
            continue
        assert its.status not in RUNNING, number
        assert "erreur de notre part" not in its.problem, (number, name)
        assert its.problem or its.report, number
        if its.status == Status.PREVIEWED:
            check_all_rows_are_mentioned(its, number)
            check_no_line_is_lost(content, name, number)
            if number % 6 == 0:
                check_it_does_as_previewed(its, number)
    assert all(refusals)


def check_all_rows_are_mentioned(its: CatalogueImport, number: int) -> None:
    report = its.report
    outcomes = sum(report[name] for name in ("created", "updated", "unchanged", "rejected"))
    assert its.products.count() == outcomes, number
    assert outcomes or report["warnings"] or not report["rows"], number


def check_no_line_is_lost(content: bytes, name: str, number: int) -> None:
    """Each line is of a record, refused, or named by a warning; a line with nothing but a picture is of its product."""
    source = source_of(content, name)
    rows = {row.line: row for row in source.rows()}
    format_ = detect(source, Format.AUTO)
    found: set[int] = set()
    for parsed in PARSERS[format_].parse(source.header, iter(rows.values()), vat=VatClass.STANDARD):
        if isinstance(parsed, Warned):
            found.add(parsed.line)
            continue
        found.add(parsed.row.line)
        if isinstance(parsed, ProductRecord):
            found |= {variant.row.line for variant in parsed.variants}
    lost = [rows[line] for line in sorted(rows.keys() - found)]
    if format_ is Format.SHOPIFY:
        at = [normalised(column) in ("handle", "url_handle") for column in source.header].index(True)
        of_products = {rows[line].cells[at].strip() for line in found & rows.keys() if at < len(rows[line].cells)}
        lost = [row for row in lost if row.cells[at].strip() not in of_products]
    assert not lost, (number, name, [(row.line, row.cells) for row in lost])


def check_it_does_as_previewed(its: CatalogueImport, number: int) -> None:
    catalogue_imports.confirm_import(received=its, by=owner(), now=NOW)
    catalogue_imports.apply_import(import_id=its.pk, now=NOW)
    done = CatalogueImport.objects.get(pk=its.pk)
    assert done.status == Status.DONE, (number, done.problem)
    figures = ("created", "updated", "rejected", "drafts")
    assert [done.report[name] for name in figures] == [its.report[name] for name in figures], number
    assert Product.objects.count() == done.report["created"], number
    assert not Product.objects.filter(variants=None).exists(), number
    Product.objects.all().delete()
