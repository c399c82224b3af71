"""A product of an import's preview as its page would look."""

import re

import pytest
from django.urls import reverse

from apps.accounts.tests.factories import StaffFactory
from apps.catalogue.models import Product, Variant
from apps.imports.tests.received import applied, previewed
from apps.imports.tests.test_files import content

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(client):
    """`page(its, number)`: the sample's page as an owner sees it; its text without tags."""
    client.force_login(StaffFactory(is_superuser=True), backend="django.contrib.auth.backends.ModelBackend")

    def page(its, number: int = 0, query: str = "") -> str:
        response = client.get(reverse("storefront:import_sample", args=[its.pk, number]) + query)
        assert response.status_code == 200
        assert response["Cache-Control"] == "private, no-store"
        assert 'method="post" action="/panier/ajouter/"' not in response.content.decode()
        return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", response.content.decode()))

    return page


def test_shows_new_products_with_their_rayon_price_and_variants(page):
    its = previewed(content("w01"), name="w01.csv")
    text = page(its)
    for word in ("Miel de lavande", "Miels", "9,90", "En stock", "2 images se téléchargent", "rien n’est encore écrit"):
        assert word in text
    number = next(at for at, sample in enumerate(its.report["samples"]) if sample["code"] == "PULL")
    assert "Taille" in page(its, number)
    assert "PULL-M" in page(its, number, "?modele=PULL-M")
    assert not Product.objects.exists()


def test_shows_a_changed_product_with_what_the_file_leaves_alone(page):
    applied("ref;nom;description;marque;rayon;prix_ttc;stock\nM;Miel;Du Var.;La Ruche;Miels;9,90;3\n")
    Product.objects.update(state="PUBLISHED")
    its = previewed("ref;nom;rayon;prix_ttc\nM;Miel de lavande;Miels;8,50\n")
    text = page(its)
    for word in ("Miel de lavande", "Du Var.", "La Ruche", "8,50", "Plus que 3 en stock"):
        assert word in text
    assert "9,90" not in text
    assert (Product.objects.get().name_fr, str(Variant.objects.get().price)) == ("Miel", "9.90")


def test_is_for_those_who_may_see_imports(client):
    its = previewed("ref;nom;rayon;prix_ttc\nM;Miel;Miels;8,50\n")
    url = reverse("storefront:import_sample", args=[its.pk, 0])
    assert client.get(url).status_code == 404
    client.force_login(StaffFactory(), backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(url).status_code == 404


def test_there_is_no_page_of_what_is_no_sample(client):
    its = previewed("ref;nom;rayon;prix_ttc\nM;Miel;Miels;8,50\n")
    client.force_login(StaffFactory(is_superuser=True), backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(reverse("storefront:import_sample", args=[its.pk, 1])).status_code == 404
    assert client.get(reverse("storefront:import_sample", args=[its.pk + 1, 0])).status_code == 404


def test_a_description_is_as_safe_as_on_the_product_s_page(page):
    its = previewed("ref;nom;description;rayon;prix_ttc\nM;Miel;<p>Bon</p><script>alert(1)</script>;Miels;8,50\n")
    assert "alert" not in page(its)


def test_the_preview_names_them(client):
    client.force_login(StaffFactory(is_superuser=True), backend="django.contrib.auth.backends.ModelBackend")
    its = previewed("ref;nom;rayon;prix_ttc\nM;Miel;Miels;8,50\n")
    change = client.get(reverse("admin:catalogue_catalogueimport_change", args=[its.pk])).content.decode()
    assert f'href="{reverse("storefront:import_sample", args=[its.pk, 0])}"' in change
