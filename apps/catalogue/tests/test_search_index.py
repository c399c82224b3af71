"""The full-text index holds every document, however the documents came there.

MySQL fills FULLTEXT when a transaction is committed: these tests commit.
"""

from decimal import Decimal

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone

from apps.catalogue.models import Brand, FacetCount, Product, SearchDocument
from apps.catalogue.services.listing import refresh_brand, refresh_category, refresh_listing
from apps.catalogue.services.prices import set_price
from apps.catalogue.services.products import archive, publish
from apps.catalogue.services.search_index import Repaired, check_search_index, repair_search
from apps.catalogue.tests.factories import BrandFactory, CategoryFactory, VariantFactory
from apps.catalogue.tests.searching import found
from apps.common.tests.races import of_kind, race

pytestmark = pytest.mark.django_db(transaction=True)


def sell(*names: str, **product) -> list[int]:
    return [VariantFactory(product__name_fr=name, product__name_en=name, **product).product_id for name in names]


def indexed(text: str) -> set[str]:
    return set(found(text))


def test_of_new_and_changed_documents_in_one_refresh_all_are_found():
    ids = sell(*[f"Nougat {suffix}" for suffix in "abcdef"])
    refresh_listing(product_ids=[ids[2]])
    Product.objects.filter(pk=ids[2]).update(name_fr="Nougat tendre")
    refresh_listing(product_ids=ids)
    assert len(indexed("nougat")) == 6


def test_of_many_documents_whose_text_changes_all_are_found():
    """Without any new one: an upsert indexes the last of them alone."""
    brand = BrandFactory(name="Delmas")
    refresh_listing(product_ids=sell("Nougat a", "Nougat b", "Nougat c", product__brand=brand))
    Brand.objects.filter(pk=brand.pk).update(name="Garonne")
    refresh_brand(brand_id=brand.pk)
    assert len(indexed("garonne")) == len(indexed("nougat")) == 3
    assert indexed("delmas") == set()


def test_of_documents_refreshed_again_and_again_in_one_transaction_all_are_found():
    ids = sell("Nougat a", "Nougat b", "Nougat c")
    with transaction.atomic():
        for word in ("Caramel", "Guimauve", "Berlingot"):
            for place, pk in enumerate(ids):
                Product.objects.filter(pk=pk).update(name_fr=f"{word} {place}", name_en=f"{word} {place}")
            refresh_listing(product_ids=ids[:2])
            refresh_listing(product_ids=ids)
    assert len(indexed("berlingot")) == 3
    assert indexed("caramel") == indexed("guimauve") == indexed("nougat") == set()


def test_what_is_put_on_sale_beside_what_changes_is_found():
    ids = sell("Nougat a", "Nougat b", "Nougat c")
    refresh_listing(product_ids=ids)
    archive(product_ids=ids[:1], now=timezone.now())
    Product.objects.filter(pk=ids[2]).update(name_fr="Nougat tendre")
    with transaction.atomic():
        publish(product_ids=ids[:1], now=timezone.now())
        refresh_listing(product_ids=ids)
    assert len(indexed("nougat")) == 3


def test_a_rayon_shown_again_is_found_beside_what_was_visible():
    top = CategoryFactory()
    hidden = CategoryFactory(parent=top, is_visible=False)
    ids = [*sell("Nougat a", product__category=hidden), *sell("Nougat b", product__category=top)]
    refresh_listing(product_ids=ids)
    assert len(indexed("nougat")) == 1
    hidden.is_visible = True
    hidden.save()
    Product.objects.filter(pk=ids[1]).update(name_fr="Nougat tendre")
    refresh_category(category_id=top.pk)
    assert len(indexed("nougat")) == 2


def test_a_price_changes_a_document_without_writing_its_text():
    variant = VariantFactory(product__name_fr="Nougat", price=Decimal("4.00"))
    refresh_listing(product_ids=[variant.product_id])
    set_price(variant=variant, amount=Decimal("5.00"), now=timezone.now())
    document = SearchDocument.objects.get()
    assert (document.price, indexed("nougat")) == (Decimal("5.00"), {"Nougat"})


@pytest.mark.mysql
def test_first_refreshes_at_once_are_found_and_counted_once():
    ids = sell(*[f"Nougat {suffix}" for suffix in "abcd"])
    outcomes = race(*[lambda: refresh_listing(product_ids=ids)] * 6)
    assert not of_kind(outcomes, Exception)
    assert len(indexed("nougat")) == 4
    assert set(FacetCount.objects.filter(kind=FacetCount.Kind.ALL).values_list("count", flat=True)) == {1}


def lose(*ids: int) -> None:
    """What the index holds of these is gone, the rows stay: as an upsert does it on MySQL."""
    documents = list(SearchDocument.objects.filter(pk__in=ids).order_by("pk"))
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            for document in documents:
                cursor.execute(
                    "INSERT INTO catalogue_searchindex (catalogue_searchindex, rowid, name, body)"
                    " VALUES ('delete', %s, %s, %s)",
                    [document.pk, document.name, document.body],
                )
        else:
            for document in documents:
                document.name = f"{document.name} changed_"
            # The last of the rows alone is indexed: let it be one that need not be lost.
            other = SearchDocument.objects.exclude(pk__in=ids).get()
            other.name = f"{other.name} changed_"
            SearchDocument.objects.bulk_create(
                [*documents, other], update_conflicts=True, update_fields=["name"], unique_fields=None
            )


def test_what_the_index_has_lost_is_noticed_and_repaired():
    ids = sell("Nougat a", "Nougat b", "Nougat c")
    refresh_listing(product_ids=ids)
    assert check_search_index() == []
    lose(*ids[:2])
    assert [fault.split(":")[0] for fault in check_search_index()] == [f"product {pk}" for pk in ids[:2]]
    assert repair_search(thorough=False).reindexed == 2
    assert check_search_index() == []
    assert len(indexed("nougat")) == 3
    assert not repair_search(thorough=False)


def test_documents_of_an_earlier_release_and_missing_ones_are_renewed():
    ids = sell("Nougat a", "Nougat b", "Nougat c")
    refresh_listing(product_ids=ids)
    SearchDocument.objects.filter(pk=ids[0]).update(name="nougat_ the_", body="the_")
    SearchDocument.objects.filter(pk=ids[1]).delete()
    assert check_search_index() == [f"product {ids[1]}: visible, without a search document"]
    assert repair_search(thorough=False).renewed == 2
    assert len(indexed("nougat")) == 3
    assert check_search_index() == []


def test_the_nightly_repair_rereads_every_product():
    ids = sell("Nougat a", "Nougat b")
    refresh_listing(product_ids=ids)
    Product.objects.filter(pk=ids[0]).update(name_fr="Calisson")
    assert not repair_search(thorough=False)
    assert repair_search(thorough=True) == Repaired(rewritten=1)
    assert indexed("calisson") == {"Calisson"}
    assert not repair_search(thorough=True)


def test_a_repair_says_what_it_did(capsys):
    refresh_listing(product_ids=sell("Nougat"))
    SearchDocument.objects.all().delete()
    call_command("repair_search")
    call_command("repair_search", "--thorough")
    output = capsys.readouterr().out
    assert "1 renewed, 0 indexed again, 0 rewritten" in output
    assert "0 renewed, 0 indexed again, 0 rewritten" in output


def test_the_check_asks_few_questions(django_assert_max_num_queries):
    refresh_listing(product_ids=sell(*[f"Nougat {number}" for number in range(60)]))
    with django_assert_max_num_queries(12):
        assert check_search_index() == []


@pytest.mark.mysql
def test_repairs_and_refreshes_at_once_leave_a_whole_index():
    ids = sell(*[f"Nougat {suffix}" for suffix in "abcdef"])
    refresh_listing(product_ids=ids)
    SearchDocument.objects.filter(pk__in=ids[::2]).update(name="nougat_")
    outcomes = race(*[lambda: repair_search(thorough=True), lambda: refresh_listing(product_ids=ids)] * 3)
    assert not of_kind(outcomes, Exception)
    assert check_search_index() == []
    assert len(indexed("nougat")) == 6
