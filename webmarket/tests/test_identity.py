"""Exact comparison of identifiers, by code points, on SQLite and MySQL.

The tests are the same on both databases; with MySQL's default collation nearly all of them fail.
"""

import re
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.cache import cache
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.accounts.invitations import find_account
from apps.accounts.models import User
from apps.accounts.tests.factories import StaffFactory, UserFactory
from apps.api.models import StoredResponse
from apps.backoffice.models import SavedView
from apps.basket.services.lines import NotForSale, add
from apps.catalogue.models import Attribute, Brand, Product, Variant
from apps.catalogue.tests.factories import BrandFactory, ProductFactory, VariantFactory
from apps.checkout import personal_data
from apps.comments.models import Comment
from apps.comments.personal_data import comments_of
from apps.comments.purchases import email_hash
from apps.comments.services.write import find_repeat as find_comment
from apps.comments.tests.factories import CommentFactory
from apps.common import throttle
from apps.common.email_addresses import canonical_email
from apps.common.tests.races import of_kind, race
from apps.orders.models import Order
from apps.orders.personal_data import claim_guest_orders, guest_orders
from apps.orders.tests.factories import OrderFactory
from apps.payments.models import WebhookEvent
from apps.prospects.models import Prospect
from apps.prospects.tests.factories import ProspectFactory, make_stages
from apps.storefront.tests import purchase
from apps.storefront.tests.conftest import delivery_methods, variant  # noqa: F401

pytestmark = pytest.mark.django_db
PASSWORD = "un mot de passe solide"
VICTIM = "paul.strasse@exemple.fr"
# Other people's e-mail addresses, which exist and which our forms accept.
LOOKALIKES = [
    "paul.strasse@exémple.fr",
    "paul.strasse@éxemple.fr",
    "paul.strasse@exemple.ﬁ.fr",
    "paul.strasse@exempłe.fr",
    "paul.strasse@ехеmple.fr",
    "paul.strasse@exemple.fr.example",
    "paulstrasse@exemple.fr",
    "paul_strasse@exemple.fr",
    "paul.strasse+x@exemple.fr",
]
# Spellings of the victim's own.
SPELLINGS = [
    "Paul.Strasse@EXEMPLE.fr",
    " paul.strasse@exemple.fr\u00a0",
    "paul.strasse@exemple.fr\u200b",
    "\ufeffpaul.strasse@exem\u00adple.fr",
    "ｐａｕｌ．ｓｔｒａｓｓｅ＠ｅｘｅｍｐｌｅ．ｆｒ",
    "paul.\u017ftra\u017f\u017fe@exemple.fr",
]
# Pairs that are equal for MySQL's default collation or SQLite's LIKE.
PAIRS = [
    ("été", "ete"),
    ("strasse", "straße"),
    ("abc", "ABC"),
    ("abc", "ａｂｃ"),
    ("abc", "abc\u200b"),
    ("abc", "ab\u00adc"),
    ("abc", "abc "),
    ("isi", "ısı"),
    ("isi", "İsi"),
    ("oeuf", "œuf"),
    ("a_c", "abc"),
    ("a%", "abc"),
]


def stored_response(key: str) -> StoredResponse:
    now = timezone.now()
    return StoredResponse.objects.create(key=key, request_hash="d", holder="h", held_until=now, created_at=now)


@pytest.fixture(autouse=True)
def fresh_limits(db):
    cache.clear()


@pytest.fixture
def deliver_mail(django_capture_on_commit_callbacks):
    def run(call):
        with django_capture_on_commit_callbacks(execute=True):
            return call()

    return run


def account(email: str, **fields) -> User:
    user = UserFactory(email=email, **fields)
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return user


def traces(email: str) -> None:
    """Personal data of somebody without an account."""
    make_stages()
    OrderFactory(email=email)
    CommentFactory(email=email)
    ProspectFactory(email=email)


@pytest.mark.parametrize("other", LOOKALIKES)
class TestALookalike:
    def test_is_given_nothing_of_the_other(self, other: str):
        traces(VICTIM)
        user = account(other)
        assert claim_guest_orders(user=user) == 0
        assert not comments_of(user)
        exported = personal_data.collect_customer(user=user, now=timezone.now())
        assert f"'{VICTIM}'" not in str(exported)

    def test_is_not_found_nor_erased_for_the_other(self, other: str):
        traces(VICTIM)
        traces(other)
        Order.objects.update(status=Order.Status.CANCELLED)
        staff = StaffFactory()
        person = personal_data.collect_person(email=other, by=staff, now=timezone.now())
        assert (len(person.orders), len(person.comments), len(person.prospects)) == (1, 1, 1)
        personal_data.erase_person(email=other, by=staff, now=timezone.now())
        assert Order.objects.filter(email=VICTIM).count() == 1
        assert Comment.objects.filter(email=VICTIM).count() == 1
        assert list(Prospect.objects.values_list("email", flat=True)) == [VICTIM]

    def test_may_have_an_account_beside_and_cannot_enter_the_other(self, other: str, client, deliver_mail):
        victim = account(VICTIM)
        answer = deliver_mail(
            lambda: client.post(reverse("account_signup"), {"email": other, "password1": f"{PASSWORD} aussi"})
        )
        assert answer.status_code == 302
        assert User.objects.exclude(pk=victim.pk).get().email == canonical_email(other)
        assert mail.outbox[0].to == [canonical_email(other)]
        client.post(re.search(r"https?://\S+/confirmer\S*|https?://\S+confirm\S*", mail.outbox[0].body)[0])
        client.logout()
        for login, password, who in (
            (VICTIM, f"{PASSWORD} aussi", None),
            (other, PASSWORD, None),
            (VICTIM, PASSWORD, str(victim.pk)),
        ):
            client.post(reverse("account_login"), {"login": login, "password": password})
            assert client.session.get("_auth_user_id") == who

    def test_resets_no_password_of_the_other(self, other: str, client, deliver_mail):
        account(VICTIM)
        deliver_mail(lambda: client.post(reverse("account_reset_password"), {"email": other}))
        assert [message.to for message in mail.outbox if VICTIM in message.to] == []

    def test_is_counted_and_remembered_apart(self, other: str):
        assert email_hash(other) != email_hash(VICTIM)
        assert find_account(email=VICTIM) is None
        account(other)
        assert find_account(email=VICTIM) is None
        assert not Prospect.objects.with_email(VICTIM)


@pytest.mark.parametrize("written", SPELLINGS)
class TestAnotherSpelling:
    def test_is_the_same_person(self, written: str):
        traces(written)
        user = account(VICTIM)
        assert guest_orders(user).count() == 1
        assert comments_of(user).count() == 1
        assert Prospect.objects.with_email(written).count() == 1
        person = personal_data.collect_person(email=written, by=StaffFactory(), now=timezone.now())
        assert (person.user, len(person.orders), len(person.prospects)) == (user, 1, 1)

    def test_logs_in_and_makes_no_second_account(self, written: str, client, deliver_mail):
        user = account(VICTIM)
        deliver_mail(lambda: client.post(reverse("account_signup"), {"email": written, "password1": f"{PASSWORD}!"}))
        assert User.objects.get() == user
        with pytest.raises(IntegrityError), transaction.atomic():
            User.objects.create_user(written)
        client.post(reverse("account_login"), {"login": written, "password": PASSWORD})
        assert client.session["_auth_user_id"] == str(user.pk)

    def test_is_one_count_of_failed_logins(self, written: str, client):
        staff = StaffFactory(email=VICTIM)
        for attempt in range(5):
            spelled = (written, VICTIM)[attempt % 2]
            answer = client.post(reverse("admin:login"), {"username": spelled, "password": "non"})
        assert answer.status_code == 429
        assert staff.check_password(PASSWORD)


@pytest.mark.usefixtures("delivery_methods", "variant")
@pytest.mark.parametrize(
    "name",
    ["x" * 560, "\ufdfa" * 254, "\ufdfa" * 15 + "@exemple.fr", f"{'é' * 300}@exemple.fr", f"paul@{'é' * 300}.fr"],
)
def test_a_name_longer_than_any_account_opens_no_door_and_breaks_none(name: str, client):
    doors = [
        (reverse("admin:login"), {"username": name, "password": PASSWORD}),
        (reverse("account_login"), {"login": name, "password": PASSWORD}),
        (reverse("account_signup"), {"email": name, "password1": PASSWORD}),
        (reverse("account_reset_password"), {"email": name}),
        (reverse("storefront:find_order"), {"number": "WM-7K3Q-9F1M", "email": name}),
        (reverse("storefront:contact"), {"name": name, "email": name, "order_number": name, "message": name}),
    ]
    for door, fields in doors:
        assert client.post(door, fields).status_code in (200, 400, 422)
    purchase.add(client, "CONFITURE")
    assert purchase.fill_in(client, email=name).status_code == 400
    answer = client.post("/api/auth/login", {"email": name, "password": "x"}, content_type="application/json")
    assert answer.status_code == 400
    assert not User.objects.exists()


@pytest.mark.parametrize("domain", ["exémple.fr", "EXÉMPLE.FR", "exe\u0301mple.fr", "xn--exmple-cva.fr"])
def test_a_domain_in_letters_and_in_a_labels_is_one(domain: str, client):
    user = account(f"paul@{domain}")
    assert user.email == "paul@xn--exmple-cva.fr"
    assert User.objects.get(email="paul@exémple.fr") == user
    assert EmailAddress.objects.get().email == user.email
    client.post(reverse("account_login"), {"login": "paul@exémple.fr", "password": PASSWORD})
    assert client.session["_auth_user_id"] == str(user.pk)


@pytest.mark.parametrize(
    "written", ["pául@exemple.fr", "kıvanc@exemple.fr", "İpek@exemple.fr", "paul@\u2603\ufe0f..fr"]
)
def test_an_address_that_no_mail_reaches_is_refused_everywhere(written: str, client):
    assert client.post(reverse("account_signup"), {"email": written, "password1": PASSWORD}).status_code == 200
    assert not User.objects.exists()
    answer = client.post("/api/auth/login", {"email": written, "password": PASSWORD}, content_type="application/json")
    assert answer.status_code == 400
    data = {"firstName": "Paul", "lastName": "S", "email": written, "consent": True}
    assert client.post("/api/prospects", data, content_type="application/json").status_code == 400
    assert not Prospect.objects.exists()


@pytest.mark.parametrize(("one", "other"), PAIRS)
class TestTwoTexts:
    def test_name_two_sections(self, one: str, other: str):
        CommentFactory(section_id=f"page-{one}")
        CommentFactory(section_id=f"page-{other}")
        assert Comment.objects.filter(section_id=f"page-{one}").count() == 1
        assert Comment.objects.filter(thread_section=f"page-{one}").count() == 1
        for section in (one, other):
            CommentFactory(section_id=section, buyer_email="b" * 64, rating=5, bought_on=timezone.localdate())

    def test_name_two_models_of_two_products(self, one: str, other: str):
        model = VariantFactory(sku=one, product=ProductFactory(code=one))
        assert Variant.objects.filter(sku=other).first() is None
        assert Product.objects.filter(code__in=[other]).first() is None
        with pytest.raises(NotForSale):
            add(basket=None, key=None, user=None, sku=other, quantity=1, now=timezone.now())
        VariantFactory(sku=other, product=ProductFactory(code=other))
        assert Variant.objects.get(sku=one) == model

    def test_name_two_rows_of_every_small_table(self, one: str, other: str):
        owner = StaffFactory()
        for text in (one, other):
            BrandFactory(name=text, slug=text)
            Attribute.objects.create(code=text, name_fr="Poids", kind=Attribute.Kind.CHOICE)
            SavedView.objects.create(owner=owner, name=text)
            WebhookEvent.objects.create(gateway="demo_card", event_id=text, payload={})
        assert SavedView.objects.filter(name=one).count() == 1
        assert Brand.objects.get(slug=other).name == other

    def test_are_two_keys_of_requests(self, one: str, other: str):
        make_stages()
        CommentFactory(request_key=one, request_hash="d")
        stored_response(one)
        assert find_comment(request_key=other, request_hash="d") is None
        assert not StoredResponse.objects.filter(key=other).exists()
        CommentFactory(request_key=other)
        stored_response(other)

    def test_are_two_secrets_and_two_sessions(self, one: str, other: str, client):
        order = OrderFactory(access_token=one, number=one)
        assert not Order.objects.filter(access_token=other).exists()
        assert not Order.objects.filter(number=other).exists()
        OrderFactory(access_token=other, number=other)
        assert Order.objects.get(number=one) == order

    def test_are_counted_apart(self, one: str, other: str):
        for who in (one, other):
            assert throttle.attempt(action="essai", who=who, times=1, within=timedelta(minutes=1)) == 0


@pytest.mark.parametrize("typed", ["tasse", "TASSE-gres", "Tasse-Gres-Vert"])
def test_staff_find_a_model_in_any_case(typed: str, admin_client):
    VariantFactory(sku="TASSE-GRES-VERT", product=ProductFactory(name_fr="Gobelet", code="GOBELET"))
    answer = admin_client.get(reverse("admin:catalogue_product_changelist"), {"q": typed})
    assert [product.name_fr for product in answer.context["cl"].result_list] == ["Gobelet"]


@pytest.mark.parametrize("typed", ["Paul.STRASSE", "paul.s", "exemple.fr", "paul.strasse@exemple.fr\u200b"])
def test_staff_find_an_order_by_a_part_of_the_address(typed: str, admin_client):
    OrderFactory(email=VICTIM)
    OrderFactory(email="autre@exemple.com")
    answer = admin_client.get(reverse("admin:orders_order_changelist"), {"q": typed})
    assert [order.email for order in answer.context["cl"].result_list] == [VICTIM]


@pytest.mark.mysql
def test_a_beginning_of_an_address_is_read_from_the_index():
    # In an empty table the whole index costs as little as a part of it.
    ProspectFactory.create_batch(30)
    with connection.cursor() as cursor:
        query, params = Prospect.objects.with_email("paul*").values("pk").query.sql_with_params()
        cursor.execute(f"EXPLAIN FORMAT=TRADITIONAL {query}", params)
        row = dict(zip((column[0] for column in cursor.description), cursor.fetchone(), strict=True))
    assert row["key"] == "prospect_email"
    assert row["type"] == "range"


@pytest.mark.mysql
@pytest.mark.django_db(transaction=True)
def test_of_many_sign_ups_with_one_address_one_makes_an_account():
    written = [*SPELLINGS, VICTIM, VICTIM.upper()]
    results = race(*(lambda email=email: User.objects.create_user(email, PASSWORD) for email in written))
    assert len(of_kind(results, User)) == 1
    assert len(of_kind(results, IntegrityError)) == len(written) - 1
    assert User.objects.get().email == VICTIM


@pytest.mark.mysql
@pytest.mark.django_db(transaction=True)
def test_of_many_sign_up_forms_sent_at_once_none_fails():
    """Each gets the same answer, which does not reveal the others."""

    def sign_up(email: str):
        data = {"email": email, "password1": PASSWORD}
        return Client(raise_request_exception=False).post(reverse("account_signup"), data)

    answers = race(*(lambda email=email: sign_up(email) for email in SPELLINGS))
    assert {(answer.status_code, answer.url) for answer in answers} == {
        (302, reverse("account_email_verification_sent"))
    }
    assert User.objects.get().email == VICTIM
    assert EmailAddress.objects.get().email == VICTIM
