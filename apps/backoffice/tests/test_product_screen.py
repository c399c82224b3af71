import io
import re
from decimal import Decimal

import pytest
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from apps.accounts.tests.factories import StaffFactory
from apps.backoffice.services.groups import sync_groups
from apps.backoffice.tests.forms import form_of
from apps.catalogue.models import PriceEntry, Product, ProductImage, StockMovement, Variant
from apps.catalogue.services import saved_uploads
from apps.catalogue.services.direct_uploads import UploadLost
from apps.catalogue.services.prices import start_reduction
from apps.catalogue.services.stock import hold_stock, sell_holds
from apps.catalogue.tests.factories import CategoryFactory, ProductFactory, VariantFactory, many_variants

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


def test_an_exception_to_withdrawal_is_chosen_and_taken_back(client, staff):
    product = VariantFactory().product
    for chosen in ("PERISHABLE", ""):
        data = form_of(client, change(product)) | {"withdrawal_exception": chosen}
        assert client.post(change(product), data).status_code == 302
        product.refresh_from_db()
        assert product.withdrawal_exception == chosen


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
    response = client.post(url, form_of(client, url) | {"counted": "2", "reason": "LOSS"})
    assert "3 pièces sont promises" in response.content.decode()
    screen = change(variant.product)
    response = client.post(screen, form_of(client, screen) | {"variants-0-counted": "2"})
    assert "3 pièces sont promises" in response.content.decode()
    variant.stock.refresh_from_db()
    assert variant.stock.on_hand == 5


def sell(variant, quantity):
    now = timezone.now()
    with transaction.atomic():
        hold_stock(quantities={variant.pk: quantity}, reference="WM-1", now=now)
        sell_holds(reference="WM-1", now=now)


@pytest.mark.parametrize("screen", ["product", "stock"])
def test_saving_a_page_does_not_undo_a_sale_made_while_it_was_open(client, staff, screen):
    variant = VariantFactory(on_hand=10)
    url = change(variant.product) if screen == "product" else reverse("admin:catalogue_stock_change", args=[variant.pk])
    name = {"product": "variants-0-weight_g", "stock": "low_threshold"}[screen]
    data = form_of(client, url) | {name: "7", "reason": "CORRECTION"}
    sell(variant, 2)
    assert client.post(url, data).status_code == 302
    variant.stock.refresh_from_db()
    assert variant.stock.on_hand == 8


@pytest.mark.parametrize("screen", ["product", "stock"])
def test_a_count_typed_over_a_number_that_moved_is_asked_for_again(client, staff, screen):
    variant = VariantFactory(on_hand=10)
    url = change(variant.product) if screen == "product" else reverse("admin:catalogue_stock_change", args=[variant.pk])
    name = {"product": "variants-0-counted", "stock": "counted"}[screen]
    data = form_of(client, url) | {name: "12", "reason": "CORRECTION"}
    sell(variant, 2)
    response = client.post(url, data)
    assert "pendant votre saisie" in response.content.decode()
    variant.stock.refresh_from_db()
    assert variant.stock.on_hand == 8
    initial = f"initial-{name}"
    assert re.search(rf'name="{initial}" value="8"', response.content.decode())
    assert client.post(url, data | {initial: "8"}).status_code == 302
    variant.stock.refresh_from_db()
    assert variant.stock.on_hand == 12


def test_saving_a_page_does_not_end_a_reduction_that_began_while_it_was_open(client, staff):
    variant = VariantFactory(price=Decimal("12.50"))
    data = form_of(client, change(variant.product)) | {"variants-0-weight_g": "321"}
    start_reduction(variant=variant, amount=Decimal("9.90"), author=None, now=timezone.now())
    assert client.post(change(variant.product), data).status_code == 302
    variant.refresh_from_db()
    assert (variant.price, variant.regular_price, variant.weight_g) == (Decimal("9.90"), Decimal("12.50"), 321)


def test_what_the_price_per_kilo_needs_is_typed_with_the_variant(client, staff):
    variant = VariantFactory(price=Decimal("12.50"))
    data = form_of(client, change(variant.product))
    data |= {"variants-0-content_quantity": "250", "variants-0-content_unit": ""}
    assert "prix au kilo" in client.post(change(variant.product), data).content.decode()
    client.post(change(variant.product), data | {"variants-0-content_unit": "GRAM"})
    variant.refresh_from_db()
    assert variant.unit_price == Decimal("50.00")


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


def picture() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (700, 700), "#256B4C").save(buffer, "PNG")
    return buffer.getvalue()


def refused_with_a_picture(client, product, **wrong):
    """The page of a save that failed, and what a browser would send of it without choosing anything again."""
    data = form_of(client, change(product)) | {
        "images-TOTAL_FORMS": "1",
        "images-0-file": SimpleUploadedFile("pot de miel.png", picture()),
        "images-0-alt_fr": "Un pot de miel",
        "images-0-position": "0",
        **wrong,
    }
    response = client.post(change(product), data)
    assert response.status_code in (200, 409)
    token = re.search(r'name="images-0-file-sent"[^>]*value="([^"]+)"', response.content.decode(), re.DOTALL)
    return response, data | {"images-0-file": "", "images-0-file-sent": token[1] if token else ""}


def test_a_refused_save_keeps_the_picture(client, staff):
    product = VariantFactory().product
    response, again = refused_with_a_picture(client, product, name_fr="")
    assert "pot de miel.png est gardée" in response.content.decode()
    # Refused once more, and saved.
    response = client.post(change(product), again)
    assert again["images-0-file-sent"] in response.content.decode()
    assert client.post(change(product), again | {"name_fr": "Miel"}).status_code == 302
    assert ProductImage.objects.get(product=product).width == 700


def test_a_picture_survives_what_a_colleague_changed(client, staff):
    product = VariantFactory().product
    page = form_of(client, change(product))
    Product.objects.filter(pk=product.pk).update(origin_fr="Drôme")
    response, again = refused_with_a_picture(client, product, seen=page["seen"], origin_fr="")
    assert response.status_code == 409
    again["seen"] = response.context["adminform"].form["seen"].value()
    again["origin_fr"] = "Drôme"
    assert client.post(change(product), again).status_code == 302
    assert ProductImage.objects.get(product=product).width == 700


def test_a_new_product_keeps_its_picture_too(client, staff):
    url = reverse("admin:catalogue_product_add")
    response = client.post(
        url,
        form_of(client, url)
        | {
            "images-TOTAL_FORMS": "1",
            "images-0-file": SimpleUploadedFile("miel.png", picture()),
            "images-0-position": "0",
        },
    )
    assert "miel.png est gardée" in response.content.decode()


def test_a_kept_picture_is_its_senders_alone(client, staff):
    product = VariantFactory().product
    _response, again = refused_with_a_picture(client, product, name_fr="")
    other = StaffFactory()
    other.groups.add(Group.objects.get(name="Catalogue"))
    client.force_login(other)
    response = client.post(change(product), again | {"name_fr": "Miel"})
    assert "n’est plus là" in response.content.decode()
    assert not ProductImage.objects.exists()


@pytest.mark.parametrize("token", ["kept:", "kept:forged", "kept:a:b:c"])
def test_a_forged_token_is_told(client, staff, token):
    product = VariantFactory().product
    _response, again = refused_with_a_picture(client, product, name_fr="")
    response = client.post(change(product), again | {"name_fr": "Miel", "images-0-file-sent": token})
    assert "n’est plus là" in response.content.decode()


def test_nobody_keeps_more_than_a_bounded_number(client, staff, monkeypatch):
    monkeypatch.setattr(saved_uploads, "MOST", 2)
    upload_ = SimpleUploadedFile("a.png", picture(), "image/png")
    tokens = [saved_uploads.save(picture=upload_, by=staff, label="a.png") for _ in range(4)]
    with pytest.raises(UploadLost):
        saved_uploads.collect(token=tokens[1], by=staff)
    assert saved_uploads.collect(token=tokens[2], by=staff).size == upload_.size


# --- Many variants -------------------------------------------------------------------------------------------------
@pytest.fixture
def many(db):
    product = ProductFactory(name_fr="Tee-shirt")
    many_variants(product, 500, "TS")
    return product


def test_a_product_of_500_variants_is_renamed(client, staff, many):
    page = client.get(change(many))
    assert len(page.content) < 1_500_000
    data = form_of(client, change(many))
    assert len(data) < 1_000
    response = client.post(change(many), data | {"name_fr": "Tee-shirt de coton"})
    assert response.status_code == 302
    many.refresh_from_db()
    assert many.name_fr == "Tee-shirt de coton"
    assert many.variants.count() == 500


def test_the_400th_variant_is_edited_on_its_page(client, staff, many):
    url = f"{change(many)}?variants-page=16"
    data = form_of(client, url)
    index = next(name for name, value in data.items() if value == "TS-399").split("-")[1]
    data |= {f"variants-{index}-weight_g": "321", f"variants-{index}-amount": "19.90", f"variants-{index}-counted": "7"}
    response = client.post(url, data | {"_continue": "1"})
    assert response.status_code == 302
    assert response["Location"].endswith("?variants-page=16")
    variant = many.variants.get(sku="TS-399")
    assert (variant.weight_g, variant.price, variant.stock.on_hand) == (321, Decimal("19.90"), 7)
    assert many.variants.exclude(pk=variant.pk).filter(weight_g=321).count() == 0


def test_a_page_that_rows_have_left_meanwhile_still_saves_its_own(client, staff, many):
    url = f"{change(many)}?variants-page=16"
    data = form_of(client, url) | {"variants-3-weight_g": "321"}
    pk = data["variants-3-id"]
    for number in range(40):
        VariantFactory(product=many, sku=f"FIRST-{number}", position=0)
    assert client.post(url, data).status_code == 302
    assert Variant.objects.get(pk=pk).weight_g == 321
    assert many.variants.filter(weight_g=321).count() == 1


def test_saving_asks_the_database_no_more_for_500_variants_than_for_100(
    client, staff, many, django_assert_max_num_queries
):
    few = ProductFactory()
    many_variants(few, 100, "FEW")
    counts = []
    for product in (few, many):
        data = form_of(client, change(product)) | {"name_fr": "Autre nom"}
        with django_assert_max_num_queries(60) as queries:
            assert client.post(change(product), data).status_code == 302
        counts.append(len(queries))
    assert counts[1] <= counts[0] + 10, "for 400 variants more"
