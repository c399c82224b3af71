import pytest
from django.core import mail
from django.core.cache import cache
from django.urls import reverse

from apps.catalogue.services.listing import refresh_listing
from apps.catalogue.tests.factories import ProductFactory, VariantFactory
from apps.shop.identity import current

pytestmark = pytest.mark.django_db
URL = "/contact/"
MESSAGE = {"name": "Camille", "email": "camille@exemple.fr", "order_number": "WM-1", "message": "Bonjour\n<b>!</b>"}


@pytest.fixture(autouse=True)
def fresh_limits(db):
    cache.clear()


@pytest.fixture
def write(client, django_capture_on_commit_callbacks):
    def run(**changes):
        with django_capture_on_commit_callbacks(execute=True):
            return client.post(URL, MESSAGE | changes)

    return run


def test_a_message_reaches_the_shop_and_is_answered_by_reply(client, write):
    answer = write()
    assert answer.url == reverse("storefront:contact_sent")
    assert client.get(answer.url).status_code == 200
    [sent] = mail.outbox
    assert sent.to == [current().email]
    assert sent.reply_to == ["camille@exemple.fr"]
    assert "<b>!</b>" in sent.body
    assert "<b>!" not in sent.alternatives[0].content


@pytest.mark.parametrize(
    ("field", "value"),
    [("email", "non"), ("message", ""), ("message", "x" * 5001), ("name", "a\nb\0"), ("name", "x" * 121)],
)
def test_what_is_wrong_is_said_and_what_was_typed_is_kept(write, field, value):
    answer = write(**{field: value})
    assert answer.status_code in (400, 422)
    assert mail.outbox == []
    if answer.status_code == 422:
        assert "error-summary" in answer.content.decode()
        assert field == "name" or "Camille" in answer.content.decode()


def test_a_header_cannot_be_smuggled_in(write):
    answer = write(name="Camille\r\nBcc: tous@exemple.fr")
    for message in mail.outbox:
        assert message.recipients() == message.to
        assert "\n" not in message.subject
    assert answer.status_code < 500


def test_a_robot_is_thanked_and_ignored(write):
    assert write(website="https://spam.example").url == reverse("storefront:contact_sent")
    assert mail.outbox == []


def test_a_flood_is_stopped(write):
    for number in range(5):
        assert write(message=f"Bonjour {number}").status_code == 303
    answer = write()
    assert answer.status_code == 429
    assert "Camille" in answer.content.decode()
    assert len(mail.outbox) == 5


def test_pressing_again_sends_one_message_and_uses_up_one(write):
    assert {write().url for _time in range(8)} == {reverse("storefront:contact_sent")}
    assert len(mail.outbox) == 1
    for number in range(4):
        assert write(message=f"Bonjour {number}").status_code == 303
    assert write(message="Bonjour").status_code == 429
    # The one that was sent first is still answered as it was.
    assert write().url == reverse("storefront:contact_sent")
    assert len(mail.outbox) == 5


@pytest.mark.parametrize(
    ("path", "fields"), [(URL, MESSAGE), ("/suivre-une-commande/", {"number": "WM-7K3Q-9F1M", "email": "a@exemple.fr"})]
)
def test_the_addresses_of_one_connection_are_counted_together(client, path, fields):
    """A subscriber of IPv6 has a /64 to choose from."""
    answers = [
        client.post(path, fields | {"message": f"Bonjour {number}"}, REMOTE_ADDR=f"2001:db8::{number}")
        for number in range(11)
    ]
    assert answers[-1].status_code == 429
    assert client.post(path, fields, REMOTE_ADDR="2001:db8:0:1::1").status_code == 303


def test_an_order_number_may_come_with_the_link(client):
    assert 'value="WM-7"' in client.get(URL + "?commande=WM-7").content.decode()


@pytest.mark.parametrize(
    ("path", "name"), [("/contact/", "«\u202fMiel «\u202fbrut\u202f»\u202f»"), ("/en/contact/", "Raw honey")]
)
def test_a_sold_out_product_is_named_in_the_message(client, path, name):
    product = ProductFactory(name_fr="Miel «\u202fbrut\u202f»", name_en="Raw honey", slug_fr="miel", slug_en="honey")
    slug = "honey" if path.startswith("/en/") else "miel"
    variant = VariantFactory(product=product, on_hand=0)
    refresh_listing(product_ids=[variant.product_id])
    prefix = "/en/product/" if slug == "honey" else "/produit/"
    page = client.get(f"{prefix}{slug}/").content.decode()
    assert f'href="{path}?produit={slug}"' in page
    assert name in client.get(f"{path}?produit={slug}").content.decode()


@pytest.mark.parametrize("slug", ["rien", "", "a" * 5000, "<script>"])
def test_a_product_that_is_none_leaves_the_message_empty(client, slug):
    page = client.get("/contact/", {"produit": slug})
    assert page.status_code == 200
    assert page.context["form"]["message"].value() in (None, "")
