"""Links with former filter codes redirect to the same list by the present ones."""

import io

import pytest
from django.core.exceptions import ValidationError
from django.test import override_settings
from django.urls import reverse

from apps.accounts.tests.factories import StaffFactory
from apps.catalogue.models import Attribute, AttributeValue, Brand
from apps.catalogue.models.filter_address import former_codes
from apps.catalogue.models.page_address import SlugTaken
from apps.catalogue.services.listing import refresh_listing
from apps.catalogue.services.revision import bump_revision
from apps.catalogue.tests.factories import BrandFactory, CategoryFactory, VariantFactory
from apps.imports.catalogue.export import write_catalogue
from apps.imports.tests.importing import imported

pytestmark = pytest.mark.django_db


@pytest.fixture
def value():
    rayon = CategoryFactory(name_fr="Fromages", name_en="Cheese", slug_fr="fromages", slug_en="cheese")
    attribute = Attribute.objects.create(code="lait", name_fr="Lait", name_en="Milk")
    value = AttributeValue.objects.create(attribute=attribute, slug="brebis", label_fr="Brebis", label_en="Sheep")
    brand = BrandFactory(name="Juraflore", slug="juraflore")
    for number in range(2):
        product = VariantFactory(product__category=rayon, product__brand=brand, product__name_fr="Comté").product
        product.attribute_values.add(value)
        other = VariantFactory(product__category=rayon, product__name_fr=f"Comté fruité {number}").product
        refresh_listing(product_ids=[product.pk, other.pk])
    return value


def rename(row, code):
    setattr(row, row.filter_column, code)
    row.save()
    bump_revision()


def follow(client, path):
    answer = client.get(path)
    return answer.status_code, answer.headers.get("Location")


def total(client, path):
    return client.get(path).context["listing"].total


def test_a_renamed_brand_is_found_by_its_links(client, value):
    brand = Brand.objects.get(slug="juraflore")
    rename(brand, "jura")
    rename(brand, "haut-jura")
    for path, query in (("/rayon/fromages/", ""), ("/en/aisle/cheese/", ""), ("/recherche/", "q=comt%C3%A9&")):
        for old in ("juraflore", "jura"):
            status, url = follow(client, f"{path}?{query}marque={old}&prix=2-5&tri=nom&utm_source=lettre")
            assert (status, url) == (301, f"{path}?{query}marque=haut-jura&prix=2-5&tri=nom&utm_source=lettre")
        if not query:  # MySQL's full-text search sees nothing that is not committed
            assert total(client, f"{path}?marque=haut-jura") == 2
    rename(brand, "jura")
    assert follow(client, "/rayon/fromages/?marque=jura") == (200, None)
    assert follow(client, "/rayon/fromages/?marque=haut-jura&marque=autre") == (
        301,
        "/rayon/fromages/?marque=jura&marque=autre",
    )


def test_a_renamed_characteristic_and_value_in_one_step_with_the_rayon(client, value):
    rename(value, "ovin")
    rename(value.attribute, "animal")
    rename(value, "de-brebis")
    for query in ("c-lait=brebis", "c-lait=ovin", "c-lait=de-brebis", "c-animal=brebis"):
        assert follow(client, f"/rayon/fromages/?{query}") == (301, "/rayon/fromages/?c-animal=de-brebis")
    assert total(client, "/rayon/fromages/?c-animal=de-brebis") == 2
    rayon = value.products.first().category
    rayon.slug_fr = "nos-fromages"
    rayon.save()
    bump_revision()
    status, url = follow(client, "/rayon/fromages/?c-lait=brebis&page=1")
    assert (status, url) == (301, "/rayon/nos-fromages/?c-animal=de-brebis&page=1")
    assert follow(client, url)[0] == 200


def test_a_code_of_before_means_nothing_else(client, value):
    """Two that change places would each be found at the other's links."""
    brand, other = Brand.objects.get(slug="juraflore"), BrandFactory(name="Bel", slug="bel")
    rename(brand, "jura")
    with pytest.raises(SlugTaken):
        Brand.objects.create(name="Autre", slug="juraflore")
    with pytest.raises(SlugTaken):
        rename(other, "juraflore")
    with pytest.raises(SlugTaken):
        Brand.objects.filter(pk=other.pk).update(slug="juraflore")
    with pytest.raises(SlugTaken):
        Brand.objects.bulk_create([Brand(name="Encore", slug="juraflore")])
    with pytest.raises(ValidationError, match=r"celle de .*Juraflore"):
        Brand(name="Autre", slug="juraflore").full_clean()
    rename(value, "ovin")
    with pytest.raises(SlugTaken):
        AttributeValue.objects.create(attribute=value.attribute, slug="brebis", label_fr="Brebis")
    elsewhere = Attribute.objects.create(code="goût", name_fr="Goût")
    assert AttributeValue.objects.create(attribute=elsewhere, slug="brebis", label_fr="Brebis").pk
    brand.products.update(brand=None)
    brand.delete()
    assert Brand.objects.create(name="Autre", slug="juraflore").pk


def test_every_way_of_writing_keeps_the_code_of_before(value):
    brand = Brand.objects.get(slug="juraflore")
    Brand.objects.filter(pk=brand.pk).update(slug="b")
    brand.refresh_from_db()
    brand.slug = "c"
    Brand.objects.bulk_update([brand], ["slug"])
    part = Brand.objects.only("name").get(pk=brand.pk)
    part.slug = "d"
    part.save()
    Brand.objects.get(pk=brand.pk).save(update_fields=["name"])
    assert former_codes().brands == {"juraflore": "d", "b": "d", "c": "d"}


def test_staff_are_told_whose_a_code_was(client, value):
    rename(Brand.objects.get(slug="juraflore"), "jura")
    client.force_login(StaffFactory(is_superuser=True))
    answer = client.post(reverse("admin:catalogue_brand_add"), {"name": "Autre", "slug": "juraflore"})
    assert answer.status_code == 200
    assert "est, ou a été, celle de «\u202fJuraflore" in answer.content.decode()


def test_staff_are_told_as_well_when_somebody_else_was_faster(client, value, monkeypatch):
    """Between the look at the form and the write another took the code."""
    client.force_login(StaffFactory(is_superuser=True))
    validate = Brand.validate_unique
    looks = []

    def blind_once(brand, exclude=None):
        looks.append(brand)
        if len(looks) > 1:
            validate(brand, exclude)

    rename(Brand.objects.get(slug="juraflore"), "jura")
    monkeypatch.setattr(Brand, "validate_unique", blind_once)
    answer = client.post(reverse("admin:catalogue_brand_add"), {"name": "Autre", "slug": "juraflore"})
    assert (answer.status_code, len(looks)) == (200, 2)
    assert "est, ou a été, celle de" in answer.content.decode()
    assert not Brand.objects.filter(name="Autre").exists()


def test_a_file_of_before_means_what_it_meant(value):
    stream = io.StringIO(newline="")
    write_catalogue(stream)
    rename(Brand.objects.get(slug="juraflore"), "jura")
    brands = Brand.objects.count()
    rename(value, "ovin")
    rename(value.attribute, "animal")
    products = set(value.products.values_list("pk", flat=True))
    for _ in range(2):
        assert imported(stream.getvalue()).rejected == 0
        assert (Brand.objects.count(), Attribute.objects.count(), AttributeValue.objects.count()) == (brands, 1, 1)
        assert set(value.products.values_list("pk", flat=True)) == products


@override_settings(PAGE_CACHE=True)
def test_no_answer_of_before_is_kept(client, value):
    brand = Brand.objects.get(slug="juraflore")
    path = "/rayon/fromages/?marque=juraflore"
    assert follow(client, path)[0] == 200
    rename(brand, "jura")
    moved = client.get(path)
    assert (moved.status_code, moved.headers["Cache-Control"]) == (301, "private, no-cache")
    rename(brand, "juraflore")
    assert follow(client, path)[0] == 200


def test_the_api_takes_them(client, value):
    rename(Brand.objects.get(slug="juraflore"), "jura")
    rename(value, "ovin")
    assert client.get("/api/products?rayon=fromages&marque=juraflore").json()["total"] == 2
    assert client.get("/api/products?rayon=fromages&c-lait=brebis").json()["total"] == 2
    assert client.get("/api/products?rayon=fromages&marque=jamais-vue").json()["total"] == 0


def test_costs_nothing_where_nothing_was_renamed(client, value, django_assert_max_num_queries):
    client.get("/rayon/fromages/?marque=juraflore")
    with django_assert_max_num_queries(6) as before:
        client.get("/rayon/fromages/?prix=2-5")
    with django_assert_max_num_queries(len(before) + 1):
        client.get("/rayon/fromages/?marque=juraflore")
