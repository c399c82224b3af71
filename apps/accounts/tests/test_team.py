from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.utils import timezone

from apps.accounts.emails import AccountEmail
from apps.accounts.models import User
from apps.accounts.team import (
    AlreadyColleague,
    LastOwner,
    NotAColleague,
    NotAnOwner,
    invite_colleague,
    set_active,
    set_roles,
)
from apps.accounts.tests.factories import StaffFactory, UserFactory
from apps.common.models import OutboxEmail

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(db):
    return StaffFactory(is_superuser=True)


@pytest.fixture
def orders(db):
    return Group.objects.create(name="Commandes")


def invite(by, **changes):
    given = {"email": "Dominique@Exemple.fr", "first_name": "Dominique", "groups": [], "owner": False, "language": "fr"}
    return invite_colleague(**given | changes, by=by, now=timezone.now())


def test_a_colleague_is_invited_with_roles_and_without_a_password(owner, orders):
    user = invite(owner, groups=[orders])
    assert (user.email, user.is_staff, user.is_superuser, user.has_usable_password()) == (
        *("dominique@exemple.fr", True, False, False),
    )
    assert list(user.groups.all()) == [orders]
    email = OutboxEmail.objects.get()
    assert (email.kind, email.object_id) == (AccountEmail.TEAM_INVITATION, user.pk)


def test_a_customer_becomes_a_colleague_and_keeps_the_password(owner):
    customer = UserFactory(email="dominique@exemple.fr")
    assert invite(owner).pk == customer.pk
    assert User.objects.get(pk=customer.pk).check_password("un mot de passe solide")


def test_a_colleague_is_not_invited_twice(owner):
    invite(owner)
    with pytest.raises(AlreadyColleague):
        invite(owner, owner=True)
    assert User.objects.filter(is_superuser=True).count() == 1


def test_only_an_owner_changes_the_team(owner, orders):
    colleague = StaffFactory()
    for act in (
        lambda: invite(colleague, owner=True),
        lambda: set_roles(user_id=colleague.pk, groups=[], owner=True, by=colleague),
        lambda: set_active(user_id=owner.pk, active=False, by=colleague),
    ):
        with pytest.raises(NotAnOwner):
            act()
    assert list(User.objects.filter(is_superuser=True, is_active=True)) == [owner]


def test_an_owner_who_was_suspended_meanwhile_changes_nothing(owner):
    other = StaffFactory(is_superuser=True)
    set_active(user_id=other.pk, active=False, by=owner)
    with pytest.raises(NotAnOwner):
        set_active(user_id=owner.pk, active=False, by=other)


def test_roles_are_exactly_those_given(owner, orders):
    colleague = StaffFactory()
    colleague.groups.add(Group.objects.create(name="Catalogue"))
    set_roles(user_id=colleague.pk, groups=[orders], owner=True, by=owner)
    colleague.refresh_from_db()
    assert (list(colleague.groups.all()), colleague.is_superuser) == ([orders], True)


def test_a_customer_has_no_roles(owner):
    with pytest.raises(NotAColleague):
        set_roles(user_id=UserFactory().pk, groups=[], owner=True, by=owner)


def test_the_last_owner_stays(owner):
    StaffFactory(is_superuser=True, is_active=False)
    with pytest.raises(LastOwner):
        set_active(user_id=owner.pk, active=False, by=owner)
    with pytest.raises(LastOwner):
        set_roles(user_id=owner.pk, groups=[], owner=False, by=owner)
    owner.refresh_from_db()
    assert owner.is_superuser
    assert owner.is_active


def test_a_suspended_colleague_is_logged_out(owner, client):
    colleague = StaffFactory()
    client.force_login(colleague)
    assert client.get("/admin/").status_code == 200
    set_active(user_id=colleague.pk, active=False, by=owner)
    assert client.get("/admin/").status_code == 302


@pytest.mark.mysql
@pytest.mark.django_db(transaction=True)
def test_two_owners_who_remove_each_other_at_one_moment_leave_one():
    pair = [StaffFactory(is_superuser=True) for _ in range(2)]
    for _turn in range(8):
        User.objects.filter(pk__in=[user.pk for user in pair]).update(is_active=True, is_superuser=True)
        barrier = Barrier(2)

        def remove(by, other, barrier=barrier):
            try:
                barrier.wait()
                set_roles(user_id=other.pk, groups=[], owner=False, by=by)
            except (LastOwner, NotAnOwner):
                return False
            finally:
                connection.close()
            return True

        with ThreadPoolExecutor(2) as pool:
            done = list(pool.map(remove, pair, reversed(pair)))
        assert sorted(done) == [False, True]
        assert User.objects.filter(is_superuser=True, is_active=True).count() == 1
