import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group
from django.urls import reverse

from apps.accounts.tests.factories import StaffFactory, UserFactory
from apps.backoffice.services.groups import sync_groups
from apps.orders.tests.factories import OrderFactory

pytestmark = pytest.mark.django_db


def member_of(*names):
    sync_groups()
    user = StaffFactory()
    user.groups.set(Group.objects.filter(name__in=names))
    return user


@pytest.mark.parametrize(
    ("group", "url_name", "status"),
    [
        ("Catalogue", "catalogue_product_changelist", 200),
        ("Catalogue", "orders_order_changelist", 403),
        ("Catalogue", "accounts_user_changelist", 403),
        ("Commandes", "orders_order_changelist", 200),
        ("Commandes", "auth_group_changelist", 403),
        ("Assistance", "orders_order_changelist", 200),
        ("Assistance", "payments_payment_changelist", 200),
        ("Assistance", "auth_group_changelist", 403),
        ("Administration", "auth_group_changelist", 200),
        ("Administration", "accounts_user_changelist", 200),
    ],
)
def test_each_group_sees_what_its_job_needs(client, group, url_name, status):
    client.force_login(member_of(group))
    assert client.get(reverse(f"admin:{url_name}")).status_code == status


@pytest.mark.parametrize(
    ("group", "model", "status"),
    [
        ("Catalogue", "catalogue_product", 200),
        ("Catalogue", "orders_order", 403),
        ("Commandes", "orders_order", 200),
    ],
)
def test_only_who_sees_a_list_may_export_it(client, group, model, status):
    client.force_login(member_of(group))
    assert client.get(reverse(f"admin:{model}_export")).status_code == status


def test_a_formula_typed_by_a_customer_is_text_in_an_export(client):
    OrderFactory(recipient='=HYPERLINK("https://exemple.fr")')
    client.force_login(member_of("Commandes"))
    fields = {f"orderresource_{name}": "on" for name in ("number", "recipient")}
    csv = client.post(reverse("admin:orders_order_export"), {"format": "0", "resource": "", **fields})
    assert csv["Content-Type"] == "text/csv"
    assert "HYPERLINK" in csv.content.decode()
    assert "'=HYPERLINK" in csv.content.decode()
    assert ",=HYPERLINK" not in csv.content.decode()
    assert ',"=HYPERLINK' not in csv.content.decode()


def test_customers_are_sent_to_the_staff_login(client):
    client.force_login(UserFactory())
    response = client.get(reverse("admin:index"))
    assert response.status_code == 302
    assert "/admin/login/" in response.url


def test_nobody_becomes_superuser_by_editing_one(client):
    boss = StaffFactory(is_superuser=True)
    client.force_login(member_of("Administration"))
    assert client.post(reverse("admin:auth_user_password_change", args=[boss.pk]), {}).status_code == 403
    url = reverse("admin:accounts_user_change", args=[boss.pk])
    client.post(url, {"email": "moi@exemple.fr"})
    boss.refresh_from_db()
    assert boss.email != "moi@exemple.fr"


def test_administration_cannot_make_itself_superuser(client):
    user = member_of("Administration")
    client.force_login(user)
    url = reverse("admin:accounts_user_change", args=[user.pk])
    client.post(url, {"email": user.email, "is_superuser": "on", "language": "fr"})
    user.refresh_from_db()
    assert not user.is_superuser


def test_groups_can_be_synchronised_again():
    assert sync_groups() == sync_groups()


def test_the_admin_alone_may_evaluate_scripts(client):
    client.force_login(StaffFactory(is_superuser=True))
    assert "'unsafe-eval'" in client.get(reverse("admin:index"))["Content-Security-Policy"]
    assert "unsafe" not in client.get("/")["Content-Security-Policy"]


def test_staff_land_on_the_dashboard_after_login(client):
    StaffFactory(email="equipe@exemple.fr")
    page = client.get(reverse("admin:login"))
    assert f'name="next" value="{reverse("admin:index")}"' in page.content.decode()


def test_a_password_alone_does_not_open_the_admin_to_who_has_a_second_factor(client):
    user = StaffFactory(email="equipe@exemple.fr", password="un mot de passe solide")
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": "x"})
    data = {"username": user.email, "password": "un mot de passe solide"}
    page = client.post(reverse("admin:login"), data).content.decode()
    assert "double authentification" in page
    assert client.get(reverse("admin:index")).status_code == 302


def test_staff_are_locked_out_after_five_wrong_passwords(client):
    user = StaffFactory(email="equipe@exemple.fr", password="un mot de passe solide")
    for _ in range(5):
        client.post(reverse("admin:login"), {"username": user.email, "password": "faux"})
    response = client.post(reverse("admin:login"), {"username": user.email, "password": "un mot de passe solide"})
    assert response.status_code == 429
    assert client.get(reverse("admin:index")).status_code == 302
