"""Undoing an import: what it changed and nobody changed since."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from apps.catalogue.models import Category, Product, Stock, StockMovement, Variant
from apps.catalogue.services import prices, stock
from apps.imports.models import ImportedProduct
from apps.imports.retention import purge_journals
from apps.imports.services import undo
from apps.imports.tests.importing import NOW, merchant
from apps.imports.tests.received import applied, previewed

pytestmark = pytest.mark.django_db
HEADER = "ref;nom;rayon;prix_ttc;tva;stock;marque;poids_g;description;publie;image"
TEA = "A;Thé vert;Épicerie/Thés;3,00;5,5;10;Feuille;100;Doux;oui;https://i.example/a.jpg"
COFFEE = "B;Café;Épicerie/Cafés;5,00;5,5;4;Grain;250;Fort;oui;"


def listed(*lines: str) -> str:
    return merchant(*lines, header=HEADER)


def undone(its):
    undo.start_undo(received=its, now=NOW)
    undo.undo_import(import_id=its.pk, now=NOW)
    its.refresh_from_db()
    return its


def state() -> list[tuple]:
    """Everything about each product that an import may change."""
    columns = ("code", "name_fr", "description_fr", "vat_class", "state", "category__name_fr", "brand__name")
    of_variants = ("variants__price", "variants__regular_price", "variants__weight_g", "variants__stock__on_hand")
    rows = Product.objects.order_by("code", "images__source_url")
    return list(rows.values_list(*columns, *of_variants, "images__source_url"))


def left(its) -> dict[str, str]:
    rows = its.products.exclude(left=[])
    return {f"{code} {column}".strip(): why for row in rows for code, column, why in row.left}


def test_what_an_import_changed_is_as_before():
    applied(listed(TEA, COFFEE))
    before = state()
    changed = TEA.replace("Thé vert", "Thé blanc").replace("3,00;5,5;10", "4,50;20;7").replace("Doux", "Vif")
    changed = changed.replace("Épicerie/Thés", "Maison/Infusions").replace("Feuille", "Tige").replace("a.jpg", "b.jpg")
    its = applied(listed(changed.replace(";100;", ";150;"), COFFEE))
    assert state() != before
    undone(its)
    assert (its.status, state(), left(its)) == ("UNDONE", before, {})
    assert its.report["undo"] == {"restored": 1, "left": 0, "categories": 0}
    assert not Category.objects.filter(name_fr__in=["Maison", "Infusions"]).exists()
    assert Variant.objects.get(sku="A").price_entries.count() == 3


def test_new_drafts_are_deleted_and_what_was_on_sale_is_archived():
    its = applied(listed(TEA, COFFEE.replace(";oui;", ";non;")))
    undone(its)
    assert list(Product.objects.values_list("code", "state")) == [("A", "ARCHIVED")]
    assert Product.history.filter(code="B", history_type="-").exists()
    assert list(Category.objects.values_list("name_fr", flat=True)) == ["Épicerie", "Thés"]


def test_what_returns_after_it_was_undone_is_on_sale_again():
    undone(applied(listed(TEA)))
    assert Product.objects.get().state == "ARCHIVED"
    applied(listed(TEA))
    assert Product.objects.get().state == "PUBLISHED"


def test_an_archived_product_that_no_undoing_archived_stays_so():
    applied(listed(TEA))
    Product.objects.update(state="ARCHIVED")
    applied(listed(TEA))
    assert Product.objects.get().state == "ARCHIVED"


def test_what_somebody_changed_since_stays_and_is_listed():
    applied(listed(TEA, COFFEE))
    its = applied(listed(TEA.replace("Thé vert", "Thé blanc").replace("3,00", "4,00"), COFFEE.replace(";4;", ";9;")))
    product = Product.objects.get(code="A")
    product.name_fr = "Thé d’hiver"
    product.save()
    prices.set_price(variant=Variant.objects.get(sku="A"), amount=Decimal("4.20"), now=timezone.now())
    coffee = Variant.objects.get(sku="B")
    stock.correct_stock(
        variant=coffee, on_hand=20, reason=StockMovement.Reason.CORRECTION, note="", author=None, now=timezone.now()
    )
    undone(its)
    assert left(its) == {
        "A name_fr": "modifié depuis l’import",
        "A price": "modifié depuis l’import",
        "B on_hand": "compté depuis l’import",
    }
    assert its.report["undo"]["left"] == 2
    product.refresh_from_db()
    assert (product.name_fr, Variant.objects.get(sku="A").price) == ("Thé d’hiver", Decimal("4.20"))
    assert Stock.objects.get(variant=coffee).on_hand == 20


def test_pieces_sold_since_stay_sold():
    applied(listed(TEA))
    its = applied(listed(TEA.replace(";10;", ";30;")))
    variant = Variant.objects.get(sku="A")
    stock.hold_stock(quantities={variant.pk: 4}, reference="WM-1", now=timezone.now())
    stock.sell_holds(reference="WM-1", now=timezone.now())
    undone(its)
    assert (Stock.objects.get(variant=variant).on_hand, left(its)) == (6, {})


def test_a_new_product_that_somebody_edited_or_ordered_stays():
    its = applied(listed(TEA, COFFEE.replace(";oui;", ";non;")))
    coffee = Product.objects.get(code="B")
    coffee.description_fr = "<p>Relu</p>"
    coffee.save()
    stock.hold_stock(quantities={Variant.objects.get(sku="A").pk: 1}, reference="WM-2", now=timezone.now())
    undone(its)
    assert dict(Product.objects.values_list("code", "state")) == {"A": "ARCHIVED", "B": "DRAFT"}
    assert set(left(its)) == {"A state", "B"}


def test_a_reduction_that_the_import_ended_is_named():
    applied(listed(TEA))
    variant = Variant.objects.get(sku="A")
    later = NOW + timedelta(hours=1)
    prices.start_reduction(variant=variant, amount=Decimal("2.00"), author=None, now=later)
    its = applied(listed(TEA.replace("3,00", "4,00")))
    undone(its)
    variant.refresh_from_db()
    assert (variant.price, variant.regular_price) == (Decimal("3.00"), Decimal("3.00"))
    assert "réduction" in left(its)["A price"]


def test_undoing_twice_or_too_late_is_refused():
    its = applied(listed(TEA))
    assert not undo.can_undo(its, now=NOW + timedelta(days=30))
    assert undo.can_undo(its, now=NOW + timedelta(days=29))
    undone(its)
    for _again in range(2):
        with pytest.raises(undo.NotToUndo):
            undo.start_undo(received=its, now=NOW)
    assert not undo.undo_import(import_id=its.pk, now=NOW)
    unchanged = applied(listed(TEA.replace("A;", "C;")))
    same = applied(listed(TEA.replace("A;", "C;")))
    assert undo.can_undo(unchanged, now=NOW)
    assert not undo.can_undo(same, now=NOW)


def test_undoing_that_was_interrupted_goes_on(monkeypatch):
    its = applied(listed(*(TEA.replace("A;", f"A{number};") for number in range(5))))
    monkeypatch.setattr(undo, "_BATCH", 2)
    undo.start_undo(received=its, now=NOW)
    its.refresh_from_db()
    with undo.claimed(its.pk, now=NOW) as job:
        undo._undo_batch(its, job, NOW)
    assert Product.objects.filter(state="ARCHIVED").count() == 2
    assert undo.undo_import(import_id=its.pk, now=NOW)
    assert Product.objects.filter(state="ARCHIVED").count() == 5


def test_the_command_undoes_by_number(capsys):
    its = applied(listed(TEA, COFFEE.replace(";oui;", ";non;")))
    call_command("import_catalogue", undo=its.pk, json=True)
    assert '"restored": 2' in capsys.readouterr().out
    with pytest.raises(CommandError, match="ne peut plus"):
        call_command("import_catalogue", undo=its.pk)
    with pytest.raises(CommandError, match="pas d’import"):
        call_command("import_catalogue", undo=999_999)
    with pytest.raises(CommandError, match="fichier à importer"):
        call_command("import_catalogue")


def test_an_import_by_command_can_be_undone(tmp_path, capsys):
    path = tmp_path / "liste.csv"
    path.write_text(listed(TEA.replace("https://i.example/a.jpg", "")))
    call_command("import_catalogue", str(path), json=True, rejects=str(tmp_path / "r.csv"))
    row = ImportedProduct.objects.get()
    assert f'"id": {row.received_id}' in capsys.readouterr().out
    call_command("import_catalogue", undo=row.received_id)
    assert Product.objects.get().state == "ARCHIVED"


def test_journals_go_after_a_month():
    its = applied(listed(TEA))
    assert purge_journals(now=NOW + timedelta(days=29)) == 0
    assert purge_journals(now=NOW + timedelta(days=31)) == 1
    assert not undo.can_undo(its, now=NOW)
    previewed(listed(COFFEE))
    assert purge_journals(now=NOW + timedelta(days=31)) == 1
