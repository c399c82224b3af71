"""Pages of the account, for its owner and for strangers."""

import json
import zoneinfo
from datetime import datetime

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from apps.accounts.models import Address, User
from apps.accounts.tests.factories import AddressFactory, StaffFactory, UserFactory
from apps.basket.models import Basket
from apps.catalogue.tests.factories import VariantFactory
from apps.orders.models import Order
from apps.orders.tests.factories import OrderFactory, OrderLineFactory

pytestmark = pytest.mark.django_db
PASSWORD = "un mot de passe solide"
ADDRESS = {"recipient": "Camille Martin", "line1": "1 rue Neuve", "postcode": "69 001", "city": "Lyon"}


@pytest.fixture(autouse=True)
def fresh_limits(db):
    cache.clear()


@pytest.fixture
def user(client) -> User:
    user = UserFactory(email="camille@exemple.fr")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    client.force_login(user)
    return user


PAGES = ["account", "profile", "addresses", "address_create", "account_orders", "account_data", "erase_account"]


@pytest.mark.parametrize("name", PAGES)
def test_pages_are_for_their_owner_and_no_cache(client, user, name):
    answer = client.get(reverse(f"storefront:{name}"))
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    assert 'style="' not in answer.content.decode()
    client.logout()
    assert client.get(reverse(f"storefront:{name}")).url.startswith(reverse("account_login"))


def stranger_urls() -> list[tuple[str, str]]:
    address, order = AddressFactory(), OrderFactory(user=UserFactory())
    return [
        ("get", reverse("storefront:address_update", args=[address.pk])),
        ("post", reverse("storefront:address_update", args=[address.pk])),
        ("post", reverse("storefront:address_delete", args=[address.pk])),
        ("post", reverse("storefront:address_default", args=[address.pk])),
        ("get", reverse("storefront:account_order", args=[order.number])),
        ("post", reverse("storefront:buy_again", args=[order.number])),
    ]


@pytest.mark.parametrize("number", range(6))
def test_a_stranger_gets_404_and_changes_nothing(client, user, number):
    method, url = stranger_urls()[number]
    before = list(Address.objects.values())
    assert getattr(client, method)(url, ADDRESS).status_code == 404
    assert list(Address.objects.values()) == before


def test_profile_keeps_names_and_language(client, user):
    data = {"first_name": "Zoé", "last_name": "Durand", "phone": "06 12 34 56 78", "language": "en"}
    assert client.post(reverse("storefront:profile"), data).status_code == 303
    user.refresh_from_db()
    assert (user.first_name, user.language) == ("Zoé", "en")


@pytest.mark.parametrize(
    ("field", "value"), [("phone", "abc"), ("language", "xx"), ("first_name", "é" * 81), ("first_name", "a\0b")]
)
def test_profile_refuses_nonsense_beside_the_field(client, user, field, value):
    data = {"first_name": "Zoé", "last_name": "", "phone": "", "language": "fr", field: value}
    answer = client.post(reverse("storefront:profile"), data)
    assert answer.status_code in (400, 422)
    user.refresh_from_db()
    assert user.first_name == "Camille"


def test_the_first_address_becomes_the_usual_one_and_another_takes_its_place(client, user):
    client.post(reverse("storefront:address_create"), ADDRESS)
    first = Address.objects.get()
    assert first.is_default
    assert first.postcode == "69001"
    client.post(reverse("storefront:address_create"), ADDRESS | {"line1": "2 rue Neuve", "is_default": "on"})
    assert [(address.line1, address.is_default) for address in Address.objects.order_by("pk")] == [
        ("1 rue Neuve", False),
        ("2 rue Neuve", True),
    ]
    client.post(reverse("storefront:address_delete", args=[Address.objects.get(is_default=True).pk]))
    assert Address.objects.get().is_default


def test_a_wrong_postcode_is_explained_and_nothing_typed_is_lost(client, user):
    answer = client.post(reverse("storefront:address_create"), ADDRESS | {"postcode": "6900"})
    assert answer.status_code == 422
    assert "cinq chiffres" in answer.content.decode()
    assert "1 rue Neuve" in answer.content.decode()


def test_the_address_book_has_an_end(client, user):
    AddressFactory.create_batch(30, user=user)
    answer = client.post(reverse("storefront:address_create"), ADDRESS)
    assert answer.status_code == 422
    assert Address.objects.count() == 30


@pytest.mark.parametrize("page", ["", "2", "0", "-1", "1e9", "abc", "%00", "9" * 400])
def test_orders_are_paged_whatever_is_asked(client, user, page):
    OrderFactory.create_batch(21, user=user)
    assert client.get(reverse("storefront:account_orders") + f"?page={page}").status_code in (200, 400)


def test_a_list_of_orders_costs_the_same_for_one_and_for_twenty(client, user, django_assert_max_num_queries):
    url = reverse("storefront:account_orders")
    OrderFactory(user=user)
    client.get(url)
    with django_assert_max_num_queries(9) as few:
        client.get(url)
    OrderFactory.create_batch(19, user=user)
    with django_assert_max_num_queries(len(few)):
        client.get(url)


def test_an_order_shows_its_lines(client, user):
    order = OrderFactory(user=user)
    page = client.get(reverse("storefront:account_order", args=[order.number])).content.decode()
    assert "Miel de lavande" in page
    assert "29,90" in page


def test_buys_again_what_is_still_sold_and_says_what_is_not(client, user):
    sold = VariantFactory(sku="MIEL-250")
    order = OrderFactory(user=user)
    OrderLineFactory(order=order, sku="DISPARU", product_name="Tasse bleue")
    answer = client.post(reverse("storefront:buy_again", args=[order.number]), follow=True)
    assert answer.redirect_chain[-1][0] == reverse("storefront:basket")
    assert "Tasse bleue" in answer.content.decode()
    [line] = Basket.objects.get(user=user).lines.all()
    assert (line.variant, line.quantity) == (sold, 2)


def test_nothing_left_to_buy_again_stays_on_the_order(client, user):
    order = OrderFactory(user=user)
    url = reverse("storefront:account_order", args=[order.number])
    answer = client.post(reverse("storefront:buy_again", args=[order.number]), follow=True)
    assert answer.redirect_chain[-1][0] == url
    assert "n’est plus en vente" in answer.content.decode()


def test_guest_orders_join_the_account_of_a_verified_address_only(client, user):
    mine, other = OrderFactory(email="CAMILLE@exemple.fr"), OrderFactory(email="autre@exemple.fr")
    assert "1 commande a été passée" in client.get(reverse("storefront:account_orders")).content.decode()
    client.post(reverse("storefront:claim_orders"))
    mine.refresh_from_db()
    other.refresh_from_db()
    assert (mine.user, other.user) == (user, None)
    EmailAddress.objects.update(verified=False)
    OrderFactory(email="camille@exemple.fr")
    client.post(reverse("storefront:claim_orders"))
    assert Order.objects.of(user).count() == 1


def test_the_export_holds_all_that_is_mine_and_nothing_else(client, user):
    AddressFactory(user=user, city="Lyon")
    AddressFactory(city="Marseille")
    order = OrderFactory(user=user)
    Basket.objects.create(user=user)
    answer = client.post(reverse("storefront:export_data"))
    assert answer["Content-Disposition"].startswith("attachment")
    data = json.loads(answer.content)
    assert data["account"]["email"] == "camille@exemple.fr"
    assert [address["city"] for address in data["account"]["addresses"]] == ["Lyon"]
    assert [found["number"] for found in data["orders"]] == [order.number]
    assert data["orders"][0]["lines"][0]["product"] == "Miel de lavande"
    assert data["orders"][0]["total"] == "29.90"
    assert len(data["baskets"]) == 1
    assert "Marseille" not in answer.content.decode()


class TestErasure:
    def erase(self, client, password=PASSWORD):
        return client.post(reverse("storefront:erase_account"), {"password": password, "understood": "on"})

    def test_keeps_sales_and_forgets_the_rest(self, client, user, django_capture_on_commit_callbacks):
        paid = OrderFactory(user=user, status=Order.Status.DELIVERED, paid_at=timezone.now(), phone="0612345678")
        unpaid = OrderFactory(user=user, status=Order.Status.EXPIRED)
        AddressFactory(user=user)
        Basket.objects.create(user=user)
        token = paid.access_token
        with django_capture_on_commit_callbacks(execute=True):
            answer = self.erase(client)
        assert answer.url == reverse("storefront:account_erased")
        assert client.get(answer.url).status_code == 200
        user.refresh_from_db()
        assert (user.email, user.first_name, user.is_active) == (f"efface-{user.pk}@compte.invalid", "", False)
        assert user.erased_at
        assert not user.has_usable_password()
        assert not Address.objects.exists()
        assert not Basket.objects.exists()
        assert not EmailAddress.objects.exists()
        paid.refresh_from_db()
        assert (paid.user, paid.email, paid.phone) == (None, "", "")
        assert (paid.recipient, paid.line1) == ("Camille Martin", "12 rue des Halles")
        assert paid.access_token != token
        assert paid.lines.count() == 1
        unpaid.refresh_from_db()
        assert (unpaid.recipient, unpaid.line1, unpaid.city) == ("", "", "")
        [message] = mail.outbox
        assert message.to == ["camille@exemple.fr"]
        assert "effacé" in message.subject

    def test_ends_every_session(self, client, user, django_user_model):
        other_browser = type(client)()
        other_browser.force_login(user)
        self.erase(client)
        for browser in (client, other_browser):
            assert browser.get(reverse("storefront:account")).status_code == 302

    @pytest.mark.parametrize("status", ["AWAITING_PAYMENT", "CONFIRMED", "PREPARING", "READY", "SHIPPED"])
    def test_waits_for_open_orders(self, client, user, status):
        order = OrderFactory(user=user, status=status, shipped_at=timezone.now() if status == "SHIPPED" else None)
        answer = self.erase(client)
        assert answer.status_code == 422
        assert order.number in answer.content.decode()
        user.refresh_from_db()
        assert user.email == "camille@exemple.fr"
        assert mail.outbox == []

    def test_does_not_wait_for_ever_for_a_parcel(self, client, user):
        OrderFactory(user=user, status="SHIPPED", shipped_at=datetime(2026, 1, 1, tzinfo=zoneinfo.ZoneInfo("UTC")))
        assert self.erase(client).status_code == 303

    def test_asks_for_the_password(self, client, user):
        assert self.erase(client, password="autre").status_code == 422
        for _attempt in range(10):
            self.erase(client, password="autre")
        assert self.erase(client).status_code == 422
        user.refresh_from_db()
        assert user.erased_at is None

    def test_refuses_an_account_of_the_team(self, client):
        client.force_login(StaffFactory())
        answer = self.erase(client)
        assert answer.status_code == 422
        assert "administrateur" in answer.content.decode()
        assert not User.objects.exclude(erased_at=None).exists()
