"""The written table of docs/admin-rights.md against what is registered, against real accounts and real requests."""

import re

import pytest
from allauth.account.admin import EmailAddressAdmin
from allauth.account.models import EmailAddress
from allauth.account.utils import filter_users_by_email
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.core import checks
from django.core.management import CommandError, call_command
from django.template.response import SimpleTemplateResponse
from django.urls import NoReverseMatch, reverse
from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask
from unfold.admin import ModelAdmin

from apps.accounts.models import User
from apps.accounts.tests.factories import StaffFactory, UserFactory
from apps.backoffice import rights
from apps.backoffice.models import SavedView
from apps.backoffice.services.groups import GROUPS, sync_groups
from apps.backoffice.tests.forms import form_of
from apps.catalogue.tests.factories import ProductFactory
from apps.orders.models import Order
from apps.orders.tests.factories import OrderFactory
from apps.prospects.models import Prospect
from apps.prospects.tests.factories import ProspectFactory

pytestmark = [pytest.mark.django_db, pytest.mark.either_database]
COLUMNS = rights.columns()
SCREENS = sorted(rights.screens())
# Pages that take a POST, or neither.
BY_SENDING = {
    "backoffice:board_delete_view",
    "backoffice:board_move",
    "backoffice:board_save_view",
    "catalogue_image_ticket",
    *(f"catalogue_import_{verb}" for verb in ("ask_again", "columns", "confirm", "encoding", "pause", "reopen")),
    *(f"catalogue_import_{verb}" for verb in ("resume", "stop", "undo")),
    "history_import_confirm",
    "history_import_invite",
    "history_import_undo",
    "imports_shopexport_ask",
    "logout",
    "prospect_import_confirm",
    "shop_shop_open",
    *(f"stock_sheet_{verb}" for verb in ("book", "discard", "enter", "pieces")),
    "prospects_card_delete",
    "prospects_card_file",
    "prospects_card_merge",
    "prospects_card_move",
    "prospects_card_note",
    "prospects_card_unfile",
    "prospects_card_unmerge",
    "prospects_restore",
}


@pytest.fixture
def groups(db):
    return sync_groups()


def somebody_of(column: str) -> User:
    if column == rights.SUPERUSER:
        return StaffFactory(is_superuser=True)
    user = StaffFactory()
    user.groups.add(Group.objects.get(name=column))
    return user


@pytest.fixture
def unrendered(monkeypatch: pytest.MonkeyPatch):
    """Pages answer with their status alone: whether a colleague may open one is decided before it is rendered."""

    def leave_out() -> None:
        monkeypatch.setattr(SimpleTemplateResponse, "rendered_content", "")
        monkeypatch.setattr(admin.site, "each_context", lambda request: {})

    return leave_out


def url_of(name: str) -> str:
    """A page's address; what it is about need not exist where a view asks for the right first."""
    if name == "autocomplete":
        source = {"app_label": "catalogue", "model_name": "attributevalue", "field_name": "attribute"}
        return reverse("admin:autocomplete", query=source)
    if name == "catalogue_product_simple_history":
        product = ProductFactory()
        return reverse(f"admin:{name}", args=[product.pk, product.history.get().pk])
    arguments = {
        "app_label": "catalogue",
        "content_type_id": 0,
        "id": 999,
        "name": "backup_manager",
        "object_id": 999,
        "public_id": "00000000-0000-4000-8000-000000000000",
        "verb": "prepare",
        "version_id": 999,
    }
    if name == "orders_order_verb":
        arguments["pk"] = OrderFactory(status=Order.Status.CONFIRMED).pk
    route = rights.pages()[name]
    full = name if ":" in name else f"admin:{name}"
    if wanted := re.findall(r"<(?:\w+:)?(\w+)>", route):
        return reverse(full, kwargs={each: arguments.get(each, 999) for each in wanted})
    return reverse(full, args=[999] * route.count("("))


def test_what_is_registered_is_what_was_decided():
    assert rights.table() == rights.written(), "see `manage.py admin_rights`: who may this? Then write it down."


def test_members_of_the_groups_may_what_the_table_says(groups):
    people = {column: User.objects.get(pk=somebody_of(column).pk) for column in COLUMNS}
    assert rights.table(people) == rights.written()


@pytest.mark.parametrize("column", COLUMNS)
def test_every_screen_opens_to_whom_the_table_says_and_to_nobody_else(client, groups, column, unrendered):
    if column != rights.SUPERUSER:
        unrendered()
    client.force_login(somebody_of(column))
    decided = rights.decided()
    wrong = []
    for label in SCREENS:
        name = f"admin:{label.lower().replace('.', '_')}"
        asked = {"V": client.get(reverse(f"{name}_changelist")), "A": client.get(reverse(f"{name}_add"))}
        # Nobody has number 999999: who may is told so, who may not is refused before; a card is looked for first.
        number = ProspectFactory().pk if label == "prospects.Prospect" else 999999
        asked["C"] = client.post(reverse(f"{name}_change", args=[number]), {})
        asked["D"] = client.post(reverse(f"{name}_delete", args=[999999]), {"post": "yes"})
        if "X" in "".join(decided[label].values()):
            asked["X"] = client.get(reverse(f"{name}_export"))
        for code, answer in asked.items():
            if (answer.status_code != 403) != (code in decided[label][column]):
                wrong.append((label, code, answer.status_code))
    assert not wrong


@pytest.mark.parametrize("column", COLUMNS)
def test_every_other_page_opens_to_whom_the_table_says_and_to_nobody_else(client, groups, column, unrendered):
    if column != rights.SUPERUSER:
        unrendered()
    user = somebody_of(column)
    decided = rights.decided()
    wrong = []
    for name in rights.pages():
        client.force_login(user)
        url = url_of(name)
        answer = client.post(url, {}) if name in BY_SENDING else client.get(url)
        refused = answer.status_code == 403 or (name == "orders_order_verb" and answer.status_code == 404)
        if name == "autocomplete":
            # It asks for the right to see the list that is looked up.
            refused = answer.status_code == 403 and "V" in decided["catalogue.Attribute"][column]
        if answer.status_code == 405 or refused == (decided[name][column] == "yes"):
            wrong.append((name, answer.status_code))
    assert not wrong


@pytest.mark.parametrize("who", ["nobody", "a customer"])
def test_no_page_opens_to_who_is_not_of_the_team(client, groups, who):
    if who == "a customer":
        user = UserFactory()
        user.groups.set(Group.objects.all())
        client.force_login(user)
    lists = [reverse(f"admin:{label.lower().replace('.', '_')}_changelist") for label in SCREENS]
    others = [url_of(name) for name in rights.pages() if name not in ("login", "logout")]
    for url in [*lists, *others]:
        for answer in (client.get(url), client.post(url, {})):
            assert answer.status_code == 302, url
            assert answer.url.startswith(reverse("admin:login")), url


@pytest.mark.parametrize("column", COLUMNS)
def test_a_look_up_while_typing_shows_only_lists_that_one_may_see(client, groups, column):
    client.force_login(somebody_of(column))
    decided = rights.decided()
    tried = 0
    for model, screen in admin.site._registry.items():
        fields = dict.fromkeys(screen.autocomplete_fields, screen)
        for inline in screen.inlines:
            fields |= dict.fromkeys(inline.autocomplete_fields, inline)
        for name, owner in fields.items():
            field = owner.model._meta.get_field(name) if owner is not screen else model._meta.get_field(name)
            source = field.model._meta
            query = {"app_label": source.app_label, "model_name": source.model_name, "field_name": name}
            answer = client.get(reverse("admin:autocomplete"), query)
            may = "V" in decided[field.remote_field.model._meta.label][column]
            assert (answer.status_code == 200) == may, (source.label, name)
            tried += 1
    assert tried


@pytest.mark.parametrize(
    "secret",
    [
        "orders_order_changelist?access_token__startswith=a",
        "orders_order_changelist?access_token=a",
        "orders_order_changelist?user__password__startswith=p",
        "comments_comment_changelist?email__contains=a",
        "comments_comment_changelist?buyer_email__gt=a",
        "axes_accessattempt_changelist?post_data__contains=a",
        "api_apikey_changelist?secret_hash__startswith=a",
        "operations_duejob_changelist?token__startswith=a",
        "accounts_user_changelist?password__startswith=p",
    ],
)
def test_a_list_answers_nothing_about_what_its_screen_does_not_show(client, groups, secret):
    """Letter by letter, a filter in the address would give away a column that nobody shows."""
    client.force_login(somebody_of("Administration"))
    page, _mark, query = secret.partition("?")
    assert client.get(f"{reverse(f'admin:{page}')}?{query}").status_code == 400


@pytest.mark.parametrize(
    "url",
    [
        "orders_order_changelist?status__exact=READY",
        "orders_order_changelist?payment_method=demo_card",
        "orders_order_changelist?delivery_kind__exact=HOME",
        "orders_order_changelist?postcode__startswith=69",
        "prospects_prospect_changelist?stage__id__exact=1",
        "catalogue_plannedreduction_changelist?state__exact=REFUSED",
        "catalogue_product_changelist?category__id__exact=1",
        "catalogue_product_changelist?id__in=1,2",
        "accounts_user_changelist?groups__id__exact=1",
        "accounts_user_changelist?is_staff__exact=1",
    ],
)
def test_a_list_is_filtered_by_what_its_screen_shows(client, groups, url):
    client.force_login(somebody_of("Administration"))
    page, _mark, query = url.partition("?")
    assert client.get(f"{reverse(f'admin:{page}')}?{query}").status_code == 200


@pytest.mark.parametrize("column", COLUMNS)
def test_the_menu_finds_only_lists_that_one_may_see(client, groups, column):
    client.force_login(somebody_of(column))
    search = reverse("admin:search")
    for _again in range(2):
        found = client.get(search, {"s": "o"}).content.decode()
        for label in SCREENS:
            link = reverse(f"admin:{label.lower().replace('.', '_')}_changelist")
            assert link not in found or rights.decided()[label][column], label
    assert reverse("admin:catalogue_product_changelist") in client.get(search, {"s": "PRODUIT"}).content.decode()
    for page in ("x", "0", "999"):
        assert client.get(search, {"s": "o", "page": page, "extended": "1"}).status_code == 200
    assert client.get(search).content == b""


@pytest.mark.parametrize("column", COLUMNS)
def test_an_earlier_version_is_put_back_by_who_may_change_a_product(client, groups, column):
    product = ProductFactory(name_fr="Avant")
    first = product.history.get()
    product.name_fr = "Après"
    product.save()
    client.force_login(somebody_of(column))
    client.post(reverse("admin:catalogue_product_simple_history", args=[product.pk, first.pk]), {"name_fr": "Avant"})
    product.refresh_from_db()
    assert product.name_fr == "Après" or "C" in rights.decided()["catalogue.Product"][column]


def test_a_new_screen_action_or_page_waits_for_a_decision(monkeypatch):
    class Loud(ModelAdmin):
        actions = ["shout"]

        @admin.action(description="crier")
        def shout(self, request, queryset):
            raise AssertionError

    monkeypatch.setitem(admin.site._registry, SavedView, Loud(SavedView, admin.site))
    with pytest.raises(CommandError, match=r"(?s)backoffice\.SavedView.*shout"):
        call_command("admin_rights")
    monkeypatch.delitem(admin.site._registry, SavedView)
    call_command("admin_rights")
    monkeypatch.delitem(rights.PAGES, "person")
    with pytest.raises(CommandError, match="`person`"):
        call_command("admin_rights")


def test_checks_look_at_every_screen(monkeypatch):
    class Wrong(ModelAdmin):
        list_display = ["nothing"]

    assert checks.run_checks(tags=[checks.Tags.admin]) == []
    monkeypatch.setitem(admin.site._registry, SavedView, Wrong(SavedView, admin.site))
    assert [error.id for error in checks.run_checks(tags=[checks.Tags.admin])] == ["admin.E108"]


def test_a_package_brings_no_screen_of_its_own():
    admin.site.register(EmailAddress, EmailAddressAdmin)
    assert not admin.site.is_registered(EmailAddress)
    assert all(type(screen).__module__.startswith("apps.") for screen in admin.site._registry.values())


@pytest.mark.parametrize("name", sorted(GROUPS))
def test_a_group_has_no_right_that_nothing_asks_for(groups, name):
    """Each is asked for by a screen, by something inside one, or by a page: the table shows where."""
    models = {label.lower() for label in SCREENS}
    models |= {key.partition(" / inside it ")[2].lower() for key in rights.decided() if " / inside it " in key}
    for permission in Permission.objects.filter(group__name=name).select_related("content_type"):
        model = f"{permission.content_type.app_label}.{permission.content_type.model}"
        assert model in models, permission


class TestNobodyBecomesSomebodyElse:
    @pytest.fixture
    def member(self, client, groups):
        user = somebody_of("Administration")
        client.force_login(user)
        return user

    @pytest.mark.parametrize("model", ["account_emailaddress", "mfa_authenticator", "sessions_session"])
    def test_by_what_packages_keep_about_an_account(self, client, member, model):
        with pytest.raises(NoReverseMatch):
            reverse(f"admin:{model}_add")
        assert client.post(f"/admin/{model.replace('_', '/')}/add/", {}).status_code == 404

    @pytest.mark.parametrize(
        "rank", [{"is_staff": True}, {"is_superuser": True}, {"is_staff": True, "is_superuser": True}]
    )
    def test_by_a_colleagues_password_or_address(self, client, member, rank):
        colleague = UserFactory(email="collegue@exemple.fr", **rank)
        before = colleague.password
        page = reverse("admin:accounts_user_change", args=[colleague.pk])
        data = {"email": "moi@exemple.fr", "language": "fr", "addresses-TOTAL_FORMS": 0, "addresses-INITIAL_FORMS": 0}
        assert client.post(page, data).status_code == 403
        new = {"password1": "une phrase que je connais", "password2": "une phrase que je connais"}
        assert client.post(reverse("admin:auth_user_password_change", args=[colleague.pk]), new).status_code == 403
        colleague.refresh_from_db()
        assert (colleague.email, colleague.password) == ("collegue@exemple.fr", before)

    def test_by_a_colleague_who_is_not_of_the_team_yet(self, client, member):
        waiting = UserFactory()
        waiting.groups.add(Group.objects.get(name="Commandes"))
        assert client.post(reverse("admin:accounts_user_change", args=[waiting.pk]), {}).status_code == 403

    def test_but_a_customers_name_is_put_right(self, client, member):
        customer = UserFactory(first_name="Camile")
        data = {"email": customer.email, "first_name": "Camille", "last_name": "", "phone": "", "language": "fr"}
        inline = {"addresses-TOTAL_FORMS": 0, "addresses-INITIAL_FORMS": 0}
        rights_too = {"is_staff": "on", "is_superuser": "on", "groups": Group.objects.get(name="Commandes").pk}
        answer = client.post(
            reverse("admin:accounts_user_change", args=[customer.pk]), {**data, **inline, **rights_too}
        )
        assert answer.status_code == 302
        customer.refresh_from_db()
        assert customer.first_name == "Camille"
        assert (customer.is_staff, customer.is_superuser, customer.groups.count()) == (False, False, 0)

    def test_by_an_address_that_the_account_had_before(self, client, member):
        customer = UserFactory(email="avant@exemple.fr")
        EmailAddress.objects.create(user=customer, email="avant@exemple.fr", verified=True, primary=True)
        page = reverse("admin:accounts_user_change", args=[customer.pk])
        data = form_of(client, page) | {"email": "apres@exemple.fr"}
        assert client.post(page, data).status_code == 302
        assert list(EmailAddress.objects.values_list("user", "email", "verified", "primary")) == [
            (customer.pk, "apres@exemple.fr", False, True)
        ]
        # Whom a link to a new password is sent for.
        assert [filter_users_by_email(each) for each in ("avant@exemple.fr", "apres@exemple.fr")] == [[], [customer]]

    def test_by_giving_the_own_group_more(self, client, member):
        group = Group.objects.get(name="Administration")
        before = group.permissions.count()
        member.user_permissions.set(Permission.objects.filter(codename__endswith="_group"))
        page = reverse("admin:auth_group_change", args=[group.pk])
        everything = list(Permission.objects.values_list("pk", flat=True))
        assert client.post(page, {"name": group.name, "permissions": everything}).status_code == 403
        assert client.post(reverse("admin:auth_group_add"), {"name": "moi"}).status_code == 403
        assert group.permissions.count() == before

    def test_by_a_task_of_ones_own(self, client, member):
        hour = CrontabSchedule.objects.create(minute="0", hour="3")
        job = PeriodicTask.objects.create(name="nightly", task="orders.expire_unpaid", crontab=hour)
        page = reverse("admin:django_celery_beat_periodictask_change", args=[job.pk])
        data = {
            "enabled": "",
            "minute": "30",
            "hour": "4",
            "day_of_week": "*",
            "task": "operations.cleanup",
            "kwargs": '{"options": {"delete": true}}',
            "name": "autre",
        }
        assert client.post(page, data).status_code == 302
        job.refresh_from_db()
        assert (job.name, job.task, job.kwargs) == ("nightly", "orders.expire_unpaid", "{}")
        assert (job.enabled, job.crontab.hour, job.crontab.minute) == (False, "4", "30")
        hour.refresh_from_db()
        assert hour.hour == "3"
        assert client.post(reverse("admin:django_celery_beat_periodictask_add"), data).status_code == 403


@pytest.mark.parametrize(
    ("typed", "field"), [({"hour": "25"}, "hour"), ({"minute": "a; b"}, "minute"), ({"day_of_week": ""}, "day_of_week")]
)
def test_a_time_that_does_not_exist_is_refused(client, groups, typed, field):
    client.force_login(somebody_of("Administration"))
    job = PeriodicTask.objects.create(
        name="nightly", task="x", crontab=CrontabSchedule.objects.create(minute="0", hour="3")
    )
    page = reverse("admin:django_celery_beat_periodictask_change", args=[job.pk])
    answer = client.post(page, {"enabled": "on", "minute": "0", "hour": "3", "day_of_week": "*", **typed})
    assert answer.status_code == 200
    assert field in answer.context["adminform"].form.errors
    job.refresh_from_db()
    assert job.crontab.hour == "3"


def test_an_interval_is_changed_for_its_job_alone(client, groups):
    client.force_login(somebody_of("Administration"))
    minute = IntervalSchedule.objects.create(every=1, period="minutes")
    job, other = (PeriodicTask.objects.create(name=name, task="x", interval=minute) for name in ("a", "b"))
    page = reverse("admin:django_celery_beat_periodictask_change", args=[job.pk])
    assert client.get(page).status_code == 200
    assert client.post(page, {"enabled": "on", "every": "5", "period": "minutes"}).status_code == 302
    job.refresh_from_db()
    other.refresh_from_db()
    assert (job.interval.every, other.interval.every) == (5, 1)


def test_a_card_leaves_by_the_trash_alone(client, groups):
    client.force_login(somebody_of("Assistance"))
    card = ProspectFactory()
    assert client.post(reverse("admin:prospects_prospect_delete", args=[card.pk]), {"post": "yes"}).status_code == 403
    data = {"action": "delete_selected", "_selected_action": [card.pk], "post": "yes"}
    client.post(reverse("admin:prospects_prospect_changelist"), data)
    assert Prospect.objects.filter(pk=card.pk).exists()
