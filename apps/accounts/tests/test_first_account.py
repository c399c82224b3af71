from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.utils import timezone

from apps.accounts.first_account import LIFETIME, LinkUnusable, check_token, create_owner, new_token
from apps.accounts.invitations import AccountExists
from apps.accounts.models import User
from apps.accounts.tests.factories import StaffFactory, UserFactory

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def owner(token, **changes):
    given = {"email": "Camille@Exemple.fr", "password": "un mot de passe solide", "first_name": "Camille"}
    return create_owner(token=token, **given | changes, language="fr", now=changes.pop("now", NOW))


def test_a_token_makes_an_owner_whose_e_mail_is_verified():
    user = owner(new_token(now=NOW))
    assert (user.email, user.is_superuser, user.is_staff) == ("camille@exemple.fr", True, True)
    assert user.check_password("un mot de passe solide")
    assert EmailAddress.objects.get(user=user).verified


def test_a_token_is_good_once():
    token = new_token(now=NOW, another=True)
    owner(token)
    with pytest.raises(LinkUnusable):
        owner(token, email="autre@exemple.fr")
    assert User.objects.filter(is_superuser=True).count() == 1


def test_a_token_that_failed_may_be_used_again():
    UserFactory(email="camille@exemple.fr")
    token = new_token(now=NOW)
    with pytest.raises(AccountExists):
        owner(token)
    assert owner(token, email="autre@exemple.fr").is_superuser


@pytest.mark.parametrize("token", ["", "x", "a:b:c", f"{'x' * 500}"])
def test_a_forged_token_is_refused(token):
    with pytest.raises(LinkUnusable):
        check_token(token, now=NOW)


def test_a_token_expires():
    token = new_token(now=NOW)
    check_token(token, now=NOW + LIFETIME - timedelta(seconds=2))
    with pytest.raises(LinkUnusable):
        check_token(token, now=NOW + LIFETIME)


def test_an_owner_voids_the_other_tokens_but_those_for_another_one():
    first, second, another = new_token(now=NOW), new_token(now=NOW), new_token(now=NOW, another=True)
    owner(first)
    with pytest.raises(LinkUnusable):
        owner(second, email="b@exemple.fr")
    assert owner(another, email="c@exemple.fr").is_superuser


def test_staff_are_no_owners():
    StaffFactory()
    assert owner(new_token(now=NOW)).is_superuser
