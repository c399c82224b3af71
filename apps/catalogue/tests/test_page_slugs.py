"""A slug leads to one page for ever: every way to write one records it, and the former ones stay."""

from importlib import import_module

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from simple_history.utils import bulk_update_with_history

from apps.catalogue.models import CatalogueRevision, Category, PageAddress, Product, ProductCard
from apps.catalogue.models.page_address import SlugTaken
from apps.catalogue.services.listing import refresh_listing
from apps.catalogue.tests.factories import CategoryFactory, ProductFactory, VariantFactory
from apps.common.tests.races import of_kind, race


def french(**owner) -> set[str]:
    return set(PageAddress.objects.filter(language="fr", **owner).values_list("slug", flat=True))


def by_save(product, slug):
    product.slug_fr = slug
    product.save()


def by_update_fields(product, slug):
    product.slug_fr = slug
    product.save(update_fields=["slug_fr"])


def by_queryset(product, slug):
    Product.objects.filter(pk=product.pk).update(slug_fr=slug)


def by_bulk_update(product, slug):
    product.slug_fr = slug
    Product.objects.bulk_update([product], ["slug_fr"])


def by_bulk_update_with_history(product, slug):
    product.slug_fr = slug
    bulk_update_with_history([product], Product, ["slug_fr"])


def by_partly_loaded(product, slug):
    part = Product.objects.only("slug_fr").get(pk=product.pk)
    part.slug_fr = slug
    part.save()


def by_related_manager(product, slug):
    product.category.products.update(slug_fr=slug)


WRITERS = [
    by_save,
    by_update_fields,
    by_queryset,
    by_bulk_update,
    by_bulk_update_with_history,
    by_partly_loaded,
    by_related_manager,
]


@pytest.mark.django_db
class TestProducts:
    @pytest.mark.parametrize("write", WRITERS)
    def test_every_writer_keeps_the_address_of_before(self, write):
        product = ProductFactory(slug_fr="comte", slug_en="comte-cheese")
        write(product, "comte-vieux")
        assert french(product=product) == {"comte", "comte-vieux"}
        assert Product.objects.get(pk=product.pk).slug_fr == "comte-vieux"

    @pytest.mark.parametrize("write", WRITERS)
    def test_nobody_gets_what_was_anothers(self, write):
        former, other = ProductFactory(slug_fr="comte", name_fr="Comté"), ProductFactory(slug_fr="brie")
        by_save(former, "comte-vieux")
        with pytest.raises(SlugTaken, match="Comté"), transaction.atomic():
            write(other, "comte")
        other.refresh_from_db()
        assert other.slug_fr == "brie"
        with pytest.raises(SlugTaken):
            ProductFactory(slug_fr="comte")
        with pytest.raises(SlugTaken):
            Product.objects.bulk_create(
                [Product(code="X", name_fr="X", slug_fr="comte", slug_en="x", category=former.category)]
            )

    @pytest.mark.parametrize("write", WRITERS)
    def test_it_may_come_back_to_its_own(self, write):
        product = ProductFactory(slug_fr="comte")
        for slug in ("comte-vieux", "comte", "comte-vieux"):
            write(product, slug)
            product.refresh_from_db()
            assert product.slug_fr == slug
        assert french(product=product) == {"comte", "comte-vieux"}

    def test_two_may_not_swap_theirs(self):
        one, two = ProductFactory(slug_fr="comte"), ProductFactory(slug_fr="brie")
        by_save(one, "passage")
        with pytest.raises(SlugTaken):
            by_save(two, "comte")
        one.refresh_from_db()
        with pytest.raises((SlugTaken, IntegrityError)), transaction.atomic():
            by_save(one, "brie")

    def test_capitals_make_no_other_address(self):
        ProductFactory(slug_fr="comte")
        with pytest.raises(IntegrityError), transaction.atomic():
            ProductFactory(slug_fr="Comte")

    def test_a_form_says_whose_it_was(self):
        former = ProductFactory(slug_fr="comte", name_fr="Comté")
        by_save(former, "comte-vieux")
        other = ProductFactory()
        other.slug_fr = "comte"
        with pytest.raises(ValidationError) as refusal:
            other.full_clean()
        assert list(refusal.value.message_dict) == ["slug_fr"]
        assert "Comté" in str(refusal.value.message_dict["slug_fr"])

    def test_a_save_that_changes_no_address_asks_for_none(self, django_assert_max_num_queries):
        product = Product.objects.get(pk=ProductFactory().pk)
        with django_assert_max_num_queries(2):
            product.save(update_fields=["popularity"])

    def test_a_bulk_write_is_on_cards_after_commit(self, django_capture_on_commit_callbacks):
        product = VariantFactory(product__slug_fr="comte").product
        refresh_listing(product_ids=[product.pk])
        before = CatalogueRevision.objects.values_list("number", flat=True).first()
        with django_capture_on_commit_callbacks(execute=True):
            Product.objects.filter(pk=product.pk).update(slug_fr="comte-vieux")
        assert ProductCard.objects.get(pk=product.pk).slug_fr == "comte-vieux"
        assert CatalogueRevision.objects.values_list("number", flat=True).first() != before


@pytest.mark.django_db
class TestRayons:
    def test_a_rayon_and_those_under_it_keep_theirs(self):
        top = CategoryFactory(slug_fr="cremerie", slug_en="dairy")
        under = Category.objects.add_child(
            top, {"name_fr": "Œufs", "slug_fr": "cremerie-oeufs", "slug_en": "dairy-eggs"}
        )
        top.refresh_from_db()
        top.slug_fr = "fromagerie"
        top.save()
        Category.objects.filter(pk=under.pk).update(slug_fr="oeufs")
        assert french(category=top) == {"cremerie", "fromagerie"}
        assert french(category=under) == {"cremerie-oeufs", "oeufs"}
        with pytest.raises(SlugTaken):
            CategoryFactory(slug_fr="cremerie")

    def test_a_deleted_rayon_gives_its_addresses_back(self):
        rayon = CategoryFactory(slug_fr="noel")
        Category.objects.get(pk=rayon.pk).delete()
        assert CategoryFactory(slug_fr="noel").slug_fr == "noel"


@pytest.mark.django_db
class TestBackfill:
    migration = import_module("apps.catalogue.migrations.0016_letters_of_addresses")

    def run(self):
        class Editor:
            pass

        Editor.connection = connection
        self.migration.note_and_rename(apps, Editor)

    def written(self, model, pk, **slugs):
        """As the release before this one wrote it: no slug is recorded."""
        model._base_manager.filter(pk=pk).update(**slugs)
        PageAddress.objects.all().delete()

    def test_gives_back_the_letters_that_a_name_had_lost(self):
        rayon = CategoryFactory(name_fr="Lait, beurre et œufs", name_en="Milk, butter and eggs")
        product = ProductFactory(name_fr="Œufs de plein air", name_en="Free-range eggs", category=rayon, code="OEUF 6")
        coded = ProductFactory(name_fr="Œufs de plein air", name_en="", category=rayon, code="BŒUF")
        typed = ProductFactory(name_fr="Cœur de laitue", name_en="Lettuce", category=rayon, slug_fr="salade-verte")
        refresh_listing(product_ids=[product.pk])
        self.written(Product, coded.pk, slug_fr="ufs-de-plein-air-buf", slug_en="ufs-de-plein-air")
        self.written(Product, product.pk, slug_fr="ufs-de-plein-air", slug_en="free-range-eggs")
        self.written(Category, rayon.pk, slug_fr="lait-beurre-et-ufs", slug_en="milk-butter-and-eggs")
        self.run()
        self.run()
        for row in (product, coded, typed, rayon):
            row.refresh_from_db()
        assert (product.slug_fr, product.slug_en) == ("oeufs-de-plein-air", "free-range-eggs")
        assert (coded.slug_fr, coded.slug_en) == ("oeufs-de-plein-air-boeuf", "oeufs-de-plein-air")
        assert (typed.slug_fr, rayon.slug_fr) == ("salade-verte", "lait-beurre-et-oeufs")
        assert french(product=product) == {"ufs-de-plein-air", "oeufs-de-plein-air"}
        assert french(category=rayon) == {"lait-beurre-et-ufs", "lait-beurre-et-oeufs"}
        assert french(product=typed) == {"salade-verte"}

    def test_a_rayon_with_its_parents_address_in_front_follows_it(self):
        above = CategoryFactory(name_fr="Œufs", name_en="Eggs")
        below = CategoryFactory(name_fr="Bœuf", name_en="Beef", parent=above)
        plain = CategoryFactory(name_fr="Bio", name_en="Organic", parent=above)
        self.written(Category, above.pk, slug_fr="ufs", slug_en="eggs")
        self.written(Category, below.pk, slug_fr="ufs-buf", slug_en="ufs-buf")
        self.written(Category, plain.pk, slug_fr="ufs-bio", slug_en="organic")
        self.run()
        self.run()
        for row in (above, below, plain):
            row.refresh_from_db()
        assert (above.slug_fr, below.slug_fr, below.slug_en) == ("oeufs", "oeufs-boeuf", "oeufs-boeuf")
        assert (plain.slug_fr, plain.slug_en) == ("oeufs-bio", "organic")
        assert french(category=plain) == {"ufs-bio", "oeufs-bio"}

    def test_an_address_that_is_taken_gets_a_number(self):
        rayon = CategoryFactory()
        taken = ProductFactory(name_fr="Autre", slug_fr="coeur", slug_en="other", category=rayon)
        product = ProductFactory(name_fr="Cœur", name_en="Heart", slug_en="heart", category=rayon)
        self.written(Product, product.pk, slug_fr="cur")
        self.run()
        for row in (taken, product):
            row.refresh_from_db()
        assert (taken.slug_fr, product.slug_fr) == ("coeur", "coeur-2")


@pytest.mark.mysql
@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_two_renames_to_one_address(self):
        products = [ProductFactory(slug_fr=f"p{number}") for number in range(4)]

        def rename(pk):
            product = Product.objects.get(pk=pk)
            by_save(product, "le-meme")

        results = race(*[lambda pk=product.pk: rename(pk) for product in products])
        assert results.count(None) == 1
        assert len(of_kind(results, IntegrityError)) == 3
        owner = PageAddress.objects.get(slug="le-meme", language="fr").product
        assert list(Product.objects.filter(slug_fr="le-meme")) == [owner]

    def test_leaving_an_address_while_another_takes_it(self):
        leaving, taking = ProductFactory(slug_fr="comte"), ProductFactory(slug_fr="brie")

        def rename(pk, slug):
            by_save(Product.objects.get(pk=pk), slug)

        results = race(lambda: rename(leaving.pk, "comte-vieux"), lambda: rename(taking.pk, "comte"))
        assert results[0] is None
        assert isinstance(results[1], IntegrityError)
        assert PageAddress.objects.get(slug="comte", language="fr").product == leaving
