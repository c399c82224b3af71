"""A worker is killed at random moments while it writes and undoes an import: never half a product, and it ends."""

import os
import random
import subprocess
import sys
import time

import pytest
from django.db.models import F, Q
from django.utils import timezone

from apps.catalogue.models import CatalogueImport, ListingEntry, Product, StockMovement, Variant
from apps.imports.models import ImportedProduct
from apps.imports.services import undo
from webmarket.tests.proofs.hosts import OWN, database_url

pytestmark = [pytest.mark.proof, pytest.mark.mysql, pytest.mark.django_db(transaction=True)]
KILLS = int(os.environ.get("KILLS", "10"))
PRODUCTS = 3000
MOST_SECONDS = float(os.environ.get("MOST_SECONDS", "10"))
COMMAND = [sys.executable, "-m", "webmarket.tests.proofs.run_import"]


@pytest.fixture
def environment(settings):
    more = {"DJANGO_SETTINGS_MODULE": "webmarket.settings", "DEMO": "true", "SECRET_KEY": settings.SECRET_KEY}
    return {**os.environ, **more, "DATABASE_URL": database_url(), "CELERY_BROKER_URL": "memory://"}


def test_an_import_survives_its_workers(environment, tmp_path):
    path = tmp_path / "liste.csv"
    lines = [f"{number};Produit {number};Rayon {number % 40};{number % 90 + 1},50;3\n" for number in range(PRODUCTS)]
    path.write_text("ref;nom;rayon;prix_ttc;stock\n" + "".join(lines))
    received = subprocess.run(
        [*COMMAND, "receive", str(path)], env=environment, cwd=OWN["cwd"], check=True, capture_output=True, text=True
    )
    its = CatalogueImport.objects.get(pk=int(received.stdout.split()[-1]))
    kills = [kill(its, environment) for _time in range(KILLS)]
    print("\nwhile it was written (status, products, rows undone):", kills)
    finish(its, environment)
    whole(PRODUCTS)
    assert (its.status, its.report["created"]) == ("DONE", PRODUCTS)
    undo.start_undo(received=its, now=timezone.now())
    kills += [kill(its, environment) for _time in range(KILLS)]
    finish(its, environment)
    assert (its.status, its.report["undo"]["restored"]) == ("UNDONE", PRODUCTS)
    assert not ListingEntry.objects.exists()
    print("\nat each kill (status, products written, rows undone):", kills)
    assert any(0 < written < PRODUCTS for _status, written, _undone in kills)


def kill(its: CatalogueImport, environment) -> tuple[str, int, int]:
    process = subprocess.Popen(
        [*COMMAND, "work", str(its.pk)], env=environment, stdout=subprocess.PIPE, text=True, **OWN
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "working\n"
    # A batch takes a second, or on a loaded machine ten.
    time.sleep(random.uniform(0, MOST_SECONDS))
    process.kill()
    process.wait()
    its.refresh_from_db()
    written = Product.objects.count()
    undone = ImportedProduct.objects.filter(undone_at__isnull=False).count()
    whole(written)
    return its.status, written, undone


def finish(its: CatalogueImport, environment) -> None:
    subprocess.run([*COMMAND, "work", str(its.pk)], env=environment, cwd=OWN["cwd"], check=True)
    its.refresh_from_db()


def whole(count: int) -> None:
    """Each product has its variant with price, stock, their ledgers, and its row in the journal."""
    variants = Variant.objects.filter(stock__on_hand=3, price=F("regular_price"), price_entries__isnull=False)
    assert variants.count() == count
    assert Product.objects.filter(~Q(variants=None)).count() == count
    assert StockMovement.objects.count() == count
    assert ImportedProduct.objects.filter(is_written=True).count() == count
    public = Product.objects.filter(state=Product.State.PUBLISHED)
    assert set(ListingEntry.objects.values_list("product", flat=True)) == set(public.values_list("pk", flat=True))
