"""Direct upload of a picture from the browser to the bucket, which is on another origin."""

import re

import pytest
from django.urls import reverse
from environ import Env
from playwright.sync_api import expect

from apps.accounts.tests.factories import StaffFactory
from apps.catalogue.models import ProductImage
from apps.catalogue.tests.factories import ProductFactory
from apps.catalogue.tests.images import picture_bytes
from webmarket import files
from webmarket.tests.conftest import BUCKET
from webmarket.tests.journeys.conftest import DESKTOP, PHONE, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])]


@pytest.fixture
def staff(page, shop, size):
    sign_in(page.context, shop, StaffFactory(is_superuser=True))
    page.set_viewport_size(size)


@pytest.fixture
def product(on_s3, shop, settings):
    """On the page of its pictures; only the bucket's uploads are on S3, so that pages show what lies on disk."""
    on_s3()
    bucket = files.storages(Env(), bucket=BUCKET, region="eu-west-3", var_dir=settings.VAR_DIR)
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
        "uploads": bucket["uploads"],
    }
    return ProductFactory()


def open_images(page, product):
    page.goto(reverse("admin:catalogue_product_change", args=[product.pk]) + "#images")
    page.get_by_role("link", name="Ajouter un objet Image supplémentaire").click()
    return page.locator("input[type=file][name=images-0-file]")


def choose(field, content: bytes, name: str = "miel.png"):
    field.set_input_files({"name": name, "mimeType": "image/png", "buffer": content})


def test_it_is_there_before_the_form_leaves(staff, page, product, look):
    sent = []
    page.on("request", lambda request: sent.append(request) if request.method == "POST" else None)
    choose(open_images(page, product), picture_bytes(size=(640, 480)))
    expect(page.get_by_role("status").filter(has_text="miel.png est envoyée")).to_be_visible()
    look(page, "admin-image-envoyee")
    page.get_by_role("button", name="Enregistrer", exact=True).click()
    page.wait_for_url(re.compile(r"/product/(#.*)?$"))
    assert ProductImage.objects.get(product=product).width == 640
    to_bucket, form = [request for request in sent if "envoi-image" not in request.url][:2]
    assert BUCKET in to_bucket.url
    assert b"miel.png" not in (form.post_data_buffer or b"")


def test_what_the_bucket_refuses_leaves_with_the_form(staff, page, product, look):
    page.route(f"**/{BUCKET}*", lambda route: route.abort())
    choose(open_images(page, product), picture_bytes(size=(640, 480)))
    expect(page.get_by_role("status").filter(has_text="partira avec le formulaire")).to_be_visible()
    look(page, "admin-image-avec-le-formulaire")
    page.get_by_role("button", name="Enregistrer", exact=True).click()
    page.wait_for_url(re.compile(r"/product/(#.*)?$"))
    assert ProductImage.objects.get(product=product).width == 640


def test_one_too_heavy_is_told_at_once(staff, page, product):
    choose(open_images(page, product), b"x" * (9 * 1024 * 1024))
    expect(page.get_by_role("status").filter(has_text="8 Mo")).to_be_visible()
