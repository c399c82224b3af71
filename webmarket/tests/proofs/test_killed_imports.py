"""A worker is killed at random moments while it writes and undoes an import: never half a product, and it ends.

Each kill is of a worker at work: it comes after so many committed batches that the work outlasts all kills, and then
at any moment of the next one.
"""

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable

import pytest
from django.db.models import Count, F, Q
from django.utils import timezone

from apps.catalogue.models import (
    CatalogueImport,
    FacetCount,
    ListingEntry,
    Product,
    ProductImage,
    Stock,
    StockMovement,
    Variant,
)
from apps.imports.models import ImportedProduct, ImportJob
from apps.imports.services import jobs, undo
from webmarket.tests.proofs.hosts import OWN, database_url, ended

pytestmark = [pytest.mark.proof, pytest.mark.mysql, pytest.mark.django_db(transaction=True)]
KILLS = int(os.environ.get("KILLS", "10"))
# Of an import's batch, and twice that of an undo's: so many products that ten kills find it at work.
PRODUCTS_A_KILL = 800
HEADER = (
    "Handle,Title,Type,Tags,Published,Status,Option1 Name,Option1 Value,Variant SKU,Variant Inventory Qty,"
    "Variant Price,Image Src\n"
)
COMMAND = [sys.executable, "-m", "webmarket.tests.proofs.run_import"]
# Generous: a batch, and then Django's start, on a machine that others use.
PATIENCE = 120.0

Progress = Callable[[], int]


@pytest.fixture
def environment(settings):
    more = {"DJANGO_SETTINGS_MODULE": "webmarket.settings", "DEMO": "true", "SECRET_KEY": settings.SECRET_KEY}
    return {**os.environ, **more, "DATABASE_URL": database_url(), "CELERY_BROKER_URL": "memory://"}


def lines_of(products: int) -> str:
    """Two variants, a picture and a tag each; every other product is a draft, which undoing deletes."""
    lines = []
    for number in range(products):
        state = ("true,active", "false,draft")[number % 2]
        first = f"p-{number},Produit {number},Rayon {number % 40},soldes,{state},Taille,S,P{number}-S,3,"
        lines.append(f"{first}{number % 90 + 1}.50,https://images.example/{number}.jpg\n")
        lines.append(f"p-{number},,,,,,,M,P{number}-M,3,{number % 90 + 2}.50,\n")
    return HEADER + "".join(lines)


def test_an_import_survives_its_workers(environment, tmp_path):
    products = KILLS * PRODUCTS_A_KILL
    path = tmp_path / "boutique.csv"
    path.write_text(lines_of(products))
    received = subprocess.run(
        [*COMMAND, "receive", str(path)], env=environment, cwd=OWN["cwd"], check=True, capture_output=True, text=True
    )
    its = CatalogueImport.objects.get(pk=int(received.stdout.split()[-1]))
    print("\nwritten at each kill:", kill_at_work(its, environment, Product.objects.count, products))
    finish(its, environment)
    whole()
    assert (its.status, its.report["created"], Product.objects.count()) == ("DONE", products, products)
    undo.start_undo(received=its, now=timezone.now())
    undone = ImportedProduct.objects.filter(undone_at__isnull=False)
    print("undone at each kill:", kill_at_work(its, environment, undone.count, products))
    finish(its, environment)
    whole()
    assert (its.status, its.report["undo"]["restored"]) == ("UNDONE", products)
    assert not ListingEntry.objects.exists()
    assert Product.objects.count() == products // 2
    assert not Product.objects.exclude(state=Product.State.ARCHIVED).exists()


def kill_at_work(its: CatalogueImport, environment: dict[str, str], progress: Progress, most: int) -> list[int]:
    """Kill as many workers; returns how far each had come. Fails when one had ended by itself."""
    found = []
    longest = 1.0
    for left in range(KILLS, 0, -1):
        share = max((most - progress()) // left - PRODUCTS_A_KILL // 2, 0)
        process = subprocess.Popen(
            [*COMMAND, "work", str(its.pk)], env=environment, stdout=subprocess.PIPE, text=True, **OWN
        )
        with ended(process):
            assert process.stdout is not None
            assert process.stdout.readline() == "working\n"
            took = wait_until(progress, progress() + random.randint(0, share), process)
            longest = max(longest, took)
            # At any moment of a batch: what is begun then is not committed.
            time.sleep(random.uniform(0, longest / 2))
            assert process.poll() is None, f"it ended before it was killed: {process.returncode}"
        its.refresh_from_db()
        assert its.status in jobs.RUNNING
        found.append(progress())
        whole()
    return found


def wait_until(progress: Progress, wanted: int, process: subprocess.Popen) -> float:
    """Wait for as much progress; returns the longest time without any, in seconds."""
    began = changed = time.monotonic()
    longest, reached = 0.0, progress()
    while reached < wanted and process.poll() is None:
        time.sleep(0.05)
        now = time.monotonic()
        assert now - began < PATIENCE, f"{reached} of {wanted}"
        if (current := progress()) != reached:
            longest, changed, reached = max(longest, now - changed), now, current
    return longest


def finish(its: CatalogueImport, environment: dict[str, str]) -> None:
    """What the sweep finds and a last worker completes."""
    lost = ImportJob.objects.filter(received=its).exclude(beat_at=None)
    lost.update(beat_at=timezone.now() - jobs.STALE_AFTER * 2)
    assert [pk for pk, _status, _attempts in jobs.stale_imports(now=timezone.now())] == [its.pk]
    subprocess.run([*COMMAND, "work", str(its.pk)], env=environment, cwd=OWN["cwd"], check=True)
    its.refresh_from_db()


def whole() -> None:
    """Each product has its variants with price, stock and ledgers, picture, tag, row of the list and of the journal."""
    count = Product.objects.count()
    complete = Variant.objects.filter(
        stock__on_hand=3, price=F("regular_price"), price_entries__isnull=False, option1_fr__in=("S", "M")
    )
    assert Product.objects.annotate(number=Count("variants")).filter(number=2).count() == count
    assert complete.count() == Variant.objects.count() == Stock.objects.count() == 2 * count
    assert StockMovement.objects.count() == 2 * count
    assert Product.history.filter(history_type="+").values("id").distinct().count() >= count
    assert ProductImage.objects.count() == count
    assert Product.objects.filter(attribute_values__slug="soldes").count() == count
    public = Product.objects.filter(state=Product.State.PUBLISHED)
    assert set(ListingEntry.objects.values_list("product", flat=True)) == set(public.values_list("pk", flat=True))
    assert bool(FacetCount.objects.filter(count__gt=0).exists()) == public.exists()
    rows = ImportedProduct.objects.filter(is_written=True)
    assert set(rows.values_list("product_id", flat=True)) >= set(Product.objects.values_list("pk", flat=True))
    assert rows.filter(Q(undone_at=None)).count() <= count <= rows.count()
    deleted = rows.exclude(product_id__in=Product.objects.values("pk"))
    assert not deleted.filter(undone_at=None).exists()
