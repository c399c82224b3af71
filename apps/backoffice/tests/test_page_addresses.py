"""Product and rayon screens: an address that was another page's is refused with its name, and nothing typed is lost."""

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from apps.accounts.tests.factories import StaffFactory
from apps.backoffice.services.groups import sync_groups
from apps.backoffice.tests.forms import form_of
from apps.catalogue.models import Category, Product
from apps.catalogue.tests.factories import CategoryFactory, VariantFactory
from apps.common.tests.races import of_kind, race

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def staff(client):
    sync_groups()
    user = StaffFactory()
    user.groups.add(Group.objects.get(name="Catalogue"))
    client.force_login(user)
    return user


def send(client, row, **typed):
    url = reverse(f"admin:catalogue_{row._meta.model_name}_change", args=[row.pk])
    return client.post(url, form_of(client, url) | typed)


def test_a_renamed_product_is_found_at_its_old_address(client):
    product = VariantFactory(product__slug_fr="comte").product
    assert send(client, product, slug_fr="comte-vieux").status_code == 302
    assert client.get("/produit/comte/").headers["Location"] == "/produit/comte-vieux/"


def test_a_renamed_rayon_is_found_at_its_old_address(client):
    rayon = CategoryFactory(slug_fr="fromages")
    VariantFactory(product__category=rayon)
    assert send(client, rayon, slug_fr="nos-fromages").status_code == 302
    assert client.get("/rayon/fromages/").headers["Location"] == "/rayon/nos-fromages/"


@pytest.mark.parametrize("model", [Product, Category])
def test_another_pages_former_address_is_refused_with_its_name(client, model):
    former, other = (
        VariantFactory(product__slug_fr=slug, product__name_fr=name).product
        if model is Product
        else CategoryFactory(slug_fr=slug, name_fr=name)
        for slug, name in [("comte", "Comté d’alpage"), ("brie", "Brie")]
    )
    former.slug_fr = "comte-vieux"
    former.save()
    answer = send(client, other, slug_fr="comte", name_fr="Brie de Meaux")
    assert answer.status_code == 200
    assert answer.context["errors"]
    page = answer.content.decode()
    assert "Comté d’alpage" in page
    assert 'value="Brie de Meaux"' in page
    other.refresh_from_db()
    assert (other.slug_fr, other.name_fr) == ("brie", "Brie")


@pytest.mark.mysql
@pytest.mark.django_db(transaction=True)
def test_whoever_comes_second_at_once_sees_the_form_again(staff):
    rows = [
        VariantFactory(product__slug_fr=slug, product__name_fr=slug).product for slug in ("brie", "comte", "munster")
    ]
    forms = []
    for row in rows:
        client = Client()
        client.force_login(staff)
        url = reverse("admin:catalogue_product_change", args=[row.pk])
        forms.append((client, url, form_of(client, url) | {"slug_fr": "le-meme", "name_fr": "Tapé à la main"}))
    answers = race(*[lambda form=form: form[0].post(*form[1:]) for form in forms])
    assert not of_kind(answers, Exception)
    assert sorted(answer.status_code for answer in answers) == [200, 200, 302]
    for answer in answers:
        if answer.status_code == 200:
            assert "le-meme" in answer.content.decode()
            assert 'value="Tapé à la main"' in answer.content.decode()
    assert Product.objects.filter(slug_fr="le-meme").count() == 1
