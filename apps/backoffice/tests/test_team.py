import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group
from django.urls import reverse

from apps.accounts.models import User
from apps.accounts.tests.factories import StaffFactory
from apps.backoffice.services.groups import sync_groups

pytestmark = pytest.mark.django_db
URL = reverse("backoffice:team")


@pytest.fixture(autouse=True)
def groups(db):
    sync_groups()


def test_the_page_says_who_is_in_the_team(client, staff, django_assert_max_num_queries):
    for _ in range(3):
        StaffFactory().groups.set(Group.objects.filter(name="Commandes"))
    with_key = StaffFactory(email="cle@exemple.fr", is_active=False)
    Authenticator.objects.create(user=with_key, type=Authenticator.Type.WEBAUTHN, data={})
    with django_assert_max_num_queries(20):
        page = client.get(URL).content.decode()
    assert "cle@exemple.fr · aucun rôle" in page
    assert page.count("sans second facteur") == 4
    assert page.count("suspendu") == 1


def test_an_owner_invites_changes_and_suspends(client, staff):
    sent = {"verb": "invite", "email": "dominique@exemple.fr", "first_name": "Dominique", "roles": ["Commandes"]}
    assert client.post(URL, sent).status_code == 302
    user = User.objects.get(email="dominique@exemple.fr")
    assert [group.name for group in user.groups.all()] == ["Commandes"]
    client.post(URL, {"verb": "roles", "colleague": user.pk, "roles": ["Catalogue", "owner"]})
    user.refresh_from_db()
    assert ([group.name for group in user.groups.all()], user.is_superuser) == (["Catalogue"], True)
    client.post(URL, {"verb": "suspend", "colleague": user.pk})
    assert not User.objects.get(pk=user.pk).is_active
    client.post(URL, {"verb": "resume", "colleague": user.pk})
    assert User.objects.get(pk=user.pk).is_active


@pytest.mark.parametrize(
    "sent",
    [{"email": "non", "roles": ["Commandes"]}, {"email": "a@exemple.fr"}, {"email": "a@exemple.fr", "roles": ["x"]}],
)
def test_a_mistaken_invitation_is_said_and_kept(client, staff, sent):
    response = client.post(URL, {"verb": "invite", "first_name": "Dominique"} | sent)
    assert response.status_code == 400
    assert 'value="Dominique"' in response.content.decode()
    assert User.objects.count() == 1


@pytest.mark.parametrize("number", ["", "x", "0", "999999999", "99999999999999999999", "²"])
def test_nobody_else_s_number_does_anything(client, staff, number):
    assert client.post(URL, {"verb": "suspend", "colleague": number}).status_code == 302
    assert User.objects.get().is_active


def test_the_last_owner_is_told_why_nothing_happened(client, staff):
    response = client.post(URL, {"verb": "suspend", "colleague": staff.pk}, follow=True)
    assert "dernier propriétaire" in response.content.decode()
    assert User.objects.get().is_active


def test_the_account_s_own_page_changes_no_rights(client, staff):
    colleague = StaffFactory()
    url = reverse("admin:accounts_user_change", args=[colleague.pk])
    assert client.get(url).status_code == 200
    client.post(url, {"email": colleague.email, "language": "fr", "is_superuser": "on", "is_active": ""})
    colleague.refresh_from_db()
    assert (colleague.is_superuser, colleague.is_active, colleague.is_staff) == (False, True, True)


def test_others_have_no_page_of_the_team(client):
    colleague = StaffFactory()
    colleague.groups.set(Group.objects.all())
    client.force_login(colleague)
    assert client.get(URL).status_code == 403
    assert client.post(URL, {"verb": "invite", "email": "a@exemple.fr", "roles": ["owner"]}).status_code == 403
