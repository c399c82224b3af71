"""One person across the whole shop: what is held, and its erasure."""

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.accounts.models import DataAccess, User
from apps.accounts.tests.factories import StaffFactory, UserFactory
from apps.backoffice.services.groups import sync_groups
from apps.comments.models import Comment
from apps.orders.models import Order
from apps.orders.tests.factories import OrderFactory
from apps.prospects.models import Prospect
from apps.prospects.tests.factories import ProspectFactory, make_stages

pytestmark = pytest.mark.django_db(transaction=True)
LEA = "lea@exemple.fr"


@pytest.fixture
def boss(client):
    from django.contrib.auth.models import Group

    sync_groups()
    make_stages()
    user = StaffFactory()
    user.groups.add(Group.objects.get(name="Administration"))
    client.force_login(user)
    return user


def ask(client, **data):
    return client.post(reverse("admin:person"), {"email": LEA, **data})


def everything():
    user = UserFactory(email=LEA)
    ProspectFactory(email=LEA, last_name="Prospecte", message="Bonjour <b>vous</b>")
    finished = {"status": Order.Status.DELIVERED, "paid_at": timezone.now(), "email": LEA}
    guest = OrderFactory(**finished)
    own = OrderFactory(user=user, **finished)
    comment = Comment.objects.create(section_id="s", author="Léa", text="Bien", user=user, first_status="PUBLISHED")
    guest_comment = Comment.objects.create(
        section_id="s", author="Léa P.", text="Très bien", email=LEA, first_status="PUBLISHED"
    )
    return user, guest, own, comment, guest_comment


def test_shows_all_of_it_and_logs_who_looked(client, boss):
    _user, guest, own, *_ = everything()
    page = ask(client).content.decode()
    for part in ("Prospecte", guest.number, own.number, "Très bien", "&lt;b&gt;vous"):
        assert part in page
    logged = DataAccess.objects.get()
    assert (logged.by, logged.action) == (boss, "LOOKED_UP")
    assert LEA not in logged.detail


def test_says_that_nothing_is_known(client, boss):
    assert "Nous ne savons rien" in ask(client).content.decode()


def test_erases_what_the_law_lets_us_erase(client, boss):
    everything()
    assert ask(client, erase="1", sure="on").status_code == 302
    assert not Prospect.objects.exists()
    assert not User.objects.filter(email=LEA).exists()
    for order in Order.objects.all():
        assert (order.email, order.phone, order.user) == ("", "", None)
        assert order.recipient
    assert set(Comment.objects.values_list("author", "email")) == {("Ancien client", "")}
    assert {logged.action for logged in DataAccess.objects.all()} == {"ERASED"}
    assert "Nous ne savons rien" in ask(client).content.decode()


def test_asks_twice(client, boss):
    everything()
    assert ask(client, erase="1").status_code == 422
    assert Prospect.objects.exists()


def test_an_open_order_keeps_all_of_it(client, boss):
    ProspectFactory(email=LEA)
    OrderFactory(email=LEA, status=Order.Status.PREPARING, paid_at=timezone.now())
    assert ask(client, erase="1", sure="on").status_code == 409
    assert Prospect.objects.exists()


def test_a_colleague_is_not_erased_here(client, boss):
    StaffFactory(email=LEA)
    ProspectFactory(email=LEA)
    assert ask(client, erase="1", sure="on").status_code == 409
    assert Prospect.objects.exists()


@pytest.mark.parametrize("email", ["", "pas une adresse", "x" * 300 + "@exemple.fr"])
def test_refuses_what_is_no_address(client, boss, email):
    assert client.post(reverse("admin:person"), {"email": email}).status_code == 422


def test_is_for_those_with_the_permission_alone(client, boss):
    from apps.backoffice.tests.prospects import colleague

    client.force_login(colleague())
    assert ask(client).status_code == 403
    assert client.get(reverse("admin:person")).status_code == 403
