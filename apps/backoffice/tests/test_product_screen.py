import io
from decimal import Decimal

import pytest
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from apps.accounts.tests.factories import StaffFactory
from apps.backoffice.services.groups import sync_groups
from apps.backoffice.tests.forms import form_of
from apps.catalogue.models import PriceEntry, Product, ProductImage, StockMovement, Variant
from apps.catalogue.tests.factories import CategoryFactory, ProductFactory, VariantFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(client):
    sync_groups()
    user = StaffFactory()
    user.groups.add(Group.objects.get(name="Catalogue"))
    client.force_login(user)
    return user


def change(product: Product) -> str:
    return reverse("admin:catalogue_product_change", args=[product.pk])


def test_a_new_price_goes_through_the_ledger(client, staff):
    variant = VariantFactory(price=Decimal("12.50"))
    data = form_of(client, change(variant.product)) | {"variants-0-amount": "13.90"}
    response = client.post(change(variant.product), data)
    assert response.status_code == 302, response.context["errors"]
    variant.refresh_from_db()
    assert variant.price == Decimal("13.90")
    assert PriceEntry.objects.filter(variant=variant).latest("effective_at").author == staff


def test_a_counted_stock_goes_through_the_ledger(client, staff):
    variant = VariantFactory(on_hand=10)
    client.post(change(variant.product), form_of(client, change(variant.product)) | {"variants-0-counted": "7"})
    movement = StockMovement.objects.filter(stock__variant=variant).latest("pk")
    assert (movement.delta, movement.reason, movement.author) == (-3, "CORRECTION", staff)


def test_saving_untouched_writes_no_ledger_line(client, staff):
    variant = VariantFactory()
    client.post(change(variant.product), form_of(client, change(variant.product)))
    assert PriceEntry.objects.filter(variant=variant).count() == 1
    assert StockMovement.objects.filter(stock__variant=variant).count() == 1


def test_a_new_variant_has_its_price_stock_and_ledgers(client, staff):
    product = ProductFactory()
    data = form_of(client, change(product)) | {
        "variants-TOTAL_FORMS": "1",
        "variants-0-sku": "NEUF-1",
        "variants-0-amount": "4.20",
        "variants-0-counted": "6",
        "variants-0-weight_g": "100",
        "variants-0-position": "0",
        "variants-0-is_active": "on",
    }
    client.post(change(product), data)
    variant = Variant.objects.get(sku="NEUF-1")
    assert (variant.price, variant.stock.on_hand) == (Decimal("4.20"), 6)
    assert variant.price_entries.count() == 1
    assert variant.stock.movements.count() == 1


def test_script_in_a_description_is_taken_out(client, staff):
    product = ProductFactory()
    data = form_of(client, change(product)) | {"description_fr": "<p>Doux</p><script>alert(1)</script>"}
    client.post(change(product), data)
    product.refresh_from_db()
    assert product.description_fr == "<p>Doux</p>"


def test_what_staff_write_is_kept_in_the_history(client, staff):
    product = ProductFactory(name_fr="Miel")
    client.post(change(product), form_of(client, change(product)) | {"name_fr": "Miel de lavande"})
    assert list(product.history.values_list("name_fr", "history_user"))[:1] == [("Miel de lavande", staff.pk)]


def test_the_screen_asks_the_same_number_of_queries_for_3_and_100_variants(
    client, staff, django_assert_max_num_queries
):
    product = ProductFactory()
    VariantFactory.create_batch(3, product=product)
    with django_assert_max_num_queries(30) as few:
        client.get(change(product))
    VariantFactory.create_batch(97, product=product)
    with django_assert_max_num_queries(30) as many:
        client.get(change(product))
    assert len(many) == len(few)


def test_products_are_archived_not_deleted(client, staff):
    product = ProductFactory()
    assert client.post(reverse("admin:catalogue_product_delete", args=[product.pk]), {"post": "yes"}).status_code == 403
    client.post(reverse("admin:catalogue_product_changelist"), {"action": "archive", "_selected_action": [product.pk]})
    product.refresh_from_db()
    assert product.state == Product.State.ARCHIVED


def test_a_stock_below_what_orders_are_owed_is_refused(client, staff):
    variant = VariantFactory(on_hand=5)
    variant.stock.reserved = 3
    variant.stock.save()
    url = reverse("admin:catalogue_stock_change", args=[variant.pk])
    response = client.post(url, {"counted": "2", "reason": "LOSS", "low_threshold": "3"})
    assert "3 pièces sont promises" in response.content.decode()
    variant.stock.refresh_from_db()
    assert variant.stock.on_hand == 5


def test_the_tree_of_rayons_is_edited_in_place(client, staff):
    parent, child = CategoryFactory(), CategoryFactory()
    url = reverse("admin:catalogue_category_change", args=[child.pk])
    data = form_of(client, url) | {"treebeard_position": "first-child", "treebeard_ref_node": str(parent.pk)}
    response = client.post(url, data)
    assert response.status_code == 302, response.context["errors"]
    child.refresh_from_db()
    assert child.path.startswith(parent.path)


def upload(client, product, content: bytes, name: str):
    data = form_of(client, change(product)) | {
        "images-TOTAL_FORMS": "1",
        "images-0-file": SimpleUploadedFile(name, content),
        "images-0-alt_fr": "Un pot de miel",
        "images-0-position": "0",
    }
    return client.post(change(product), data)


def test_an_uploaded_image_is_kept_and_its_renditions_drawn(client, staff, django_capture_on_commit_callbacks):
    product = VariantFactory().product
    buffer = io.BytesIO()
    Image.new("RGB", (700, 700), "#256B4C").save(buffer, "PNG")
    with django_capture_on_commit_callbacks(execute=True):
        assert upload(client, product, buffer.getvalue(), "miel.png").status_code == 302
    image = ProductImage.objects.get(product=product)
    assert (image.width, image.state) == (700, "READY")
    assert image.renditions


def test_a_file_that_is_no_image_is_refused_and_nothing_kept(client, staff):
    product = VariantFactory().product
    response = upload(client, product, b"%PDF-1.7 not a picture", "miel.png")
    assert response.status_code == 200
    assert "n’est pas une image" in response.content.decode()
    assert not ProductImage.objects.exists()
