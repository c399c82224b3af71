"""What a file or a queue names as it was called before."""

import pytest
from celery import current_app

from apps.catalogue.models import PageAddress, Product
from apps.catalogue.tests.factories import CategoryFactory, ProductFactory
from apps.imports.catalogue.plan import CategoryPaths
from apps.imports.tests.importing import imported, merchant


@pytest.mark.django_db
def test_a_file_of_before_the_renaming_finds_the_rayon():
    rayon = CategoryFactory(name_fr="Crémerie", slug_fr="cremerie")
    rayon.slug_fr, rayon.name_fr = "fromagerie", "Fromagerie"
    rayon.save()
    paths = CategoryPaths()
    assert paths.slug_to_id["cremerie"] == rayon.pk
    assert paths.child(0, "Crémerie") == rayon.pk


@pytest.mark.django_db
def test_an_import_gives_another_address_than_a_former_one():
    former = ProductFactory(slug_fr="coeur-de-laitue", slug_en="lettuce-heart")
    former.slug_fr = "laitue"
    former.save()
    imported(merchant("3560070139675;Cœur de laitue;;Œufs et légumes;2,00;5,5;12;"))
    product = Product.objects.get(code="3560070139675")
    assert product.slug_fr == "coeur-de-laitue-3560070139675"
    assert product.category.slug_fr == "oeufs-et-legumes"
    slugs = PageAddress.objects.filter(language="fr", product=product)
    assert set(slugs.values_list("slug", flat=True)) == {product.slug_fr}
    assert product.slug_en == "coeur-de-laitue"


def test_messages_of_the_previous_release_find_their_tasks():
    current_app.loader.import_default_modules()
    assert {"catalogue.preview_import", "catalogue.apply_import"} <= set(current_app.tasks)
