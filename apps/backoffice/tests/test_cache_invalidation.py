"""What staff change beside products is on every shopper's page at once."""

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse

from apps.accounts.tests.factories import StaffFactory
from apps.backoffice.services.groups import sync_groups
from apps.backoffice.tests.forms import form_of
from apps.catalogue import listing, revision
from apps.catalogue.models import Attribute, Brand, Category, EconomicOperator
from apps.catalogue.services.listing import refresh_listing
from apps.catalogue.tests.factories import CategoryFactory, VariantFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def staff(client):
    sync_groups()
    user = StaffFactory()
    user.groups.add(Group.objects.get(name="Catalogue"))
    client.force_login(user)
    return user


def make(model):
    if model is Category:
        return CategoryFactory()
    if model is EconomicOperator:
        return model.objects.create(name="Ferme", postal_address="Lyon", electronic_address="a@exemple.fr")
    if model is Brand:
        return model.objects.create(name="Vieux nom", slug="vieux-nom")
    return Attribute.objects.create(code="label", name_fr="Label", kind=Attribute.Kind.choices[0][0])


@pytest.mark.parametrize("model", [Brand, Attribute, EconomicOperator, Category])
@pytest.mark.parametrize("verb", ["change", "delete", "delete_selected"])
def test_pages_are_drawn_anew(client, model, verb):
    row = make(model)
    base = f"admin:catalogue_{model._meta.model_name}"
    before = revision.current()
    if verb == "change":
        url = reverse(f"{base}_change", args=[row.pk])
        response = client.post(url, form_of(client, url))
    elif verb == "delete":
        response = client.post(reverse(f"{base}_delete", args=[row.pk]), {"post": "yes"})
    else:
        data = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
        response = client.post(reverse(f"{base}_changelist"), data)
    assert response.status_code == 302
    assert revision.current() != before
    assert model.objects.filter(pk=row.pk).exists() == (verb == "change")


# MySQL finds a word only once it is committed.
@pytest.mark.django_db(transaction=True)
def test_a_renamed_brand_is_found_by_its_new_name(client):
    brand = make(Brand)
    product = VariantFactory(product__brand=brand, product__name_fr="Miel").product
    refresh_listing(product_ids=[product.pk])
    url = reverse("admin:catalogue_brand_change", args=[brand.pk])
    client.post(url, form_of(client, url) | {"name": "Ruchers Dupont"})
    found = listing.search("dupont", filters=listing.Filters(), sort="", page=1)
    assert [card.name for card in found.cards] == ["Miel"]


def test_an_earlier_version_put_back_is_listed(client):
    product = VariantFactory(product__name_fr="Miel").product
    url = reverse("admin:catalogue_product_change", args=[product.pk])
    client.post(url, form_of(client, url))
    first = product.history.earliest()
    client.post(url, form_of(client, url) | {"name_fr": "Confiture"})
    old = reverse("admin:catalogue_product_simple_history", args=[product.pk, first.pk])
    page = client.get(old).context["adminform"].form
    data = {bound.html_name: bound.value() for bound in page if bound.value() not in (None, False)}
    assert client.post(old, data | {"attribute_values": []}).status_code == 302
    product.refresh_from_db()
    assert (product.name_fr, product.card.name_fr) == ("Miel", "Miel")
