"""Small catalogues for the tests of import and export."""

import csv
import gzip
import io
from datetime import UTC, datetime
from pathlib import Path

from apps.catalogue.models import CatalogueRevision, PriceEntry, Product, Stock, StockMovement, Variant
from apps.common.tabular.source import Tabular
from apps.imports.catalogue.formats import Format, open_catalogue
from apps.imports.catalogue.reading import Reading
from apps.imports.catalogue.report import RejectsFile, Report
from apps.imports.catalogue.run import run_import

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
HEADER = "code_barres;nom;description;rayon;prix_ttc;tva;stock;image_url"
SAUCISSON = "3560070139675;Saucisson sec;Porc, sel;Frais/Charcuterie;4,50;5,5;12;https://images.example/1.jpg"
CIDRE = '3017620422003;"Cidre fermier &quot;L&#39;Épatant&quot; 75 cl";;Boissons/Cidres;3,90;20;0;'


def merchant(*lines: str, header: str = HEADER) -> str:
    return "\n".join([header, *lines]) + "\n"


def source_of(content: str | bytes, name: str = "liste.csv", reading: Reading | None = None) -> Tabular:
    data = content.encode() if isinstance(content, str) else content
    return open_catalogue(lambda: io.BytesIO(data), name, reading=reading)


def imported(content: str | bytes, **options) -> Report:
    return run_import(source=source_of(content, reading=options.get("reading")), **{"now": NOW, **options})


def rejected(content: str | bytes, path: Path, *, has_header: bool = True, **options) -> list[list[str]]:
    """The rejects file's rows without its header."""
    rejects = RejectsFile(lambda: path.open("w", encoding="utf-8-sig", newline=""), has_header=has_header)
    imported(content, rejects=rejects, **options)
    rejects.close()
    if not path.exists():
        return []
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.reader(stream, delimiter=";"))[1:]


def zipped(text: str) -> bytes:
    return gzip.compress(text.encode())


def written() -> dict[str, int]:
    """What a repeated import must leave as it is."""
    return {
        "prices": PriceEntry.objects.count(),
        "movements": StockMovement.objects.count(),
        "stocks": Stock.objects.count(),
        "products": Product.history.count(),
        "variants": Variant.history.count(),
        "revision": CatalogueRevision.objects.values_list("number", flat=True).first() or 0,
    }


__all__ = ["CIDRE", "HEADER", "NOW", "SAUCISSON", "Format", "imported", "merchant", "rejected", "source_of", "written"]
