"""Two colleagues save one record: nothing that one of them saved is undone without a word."""

from datetime import timedelta
from decimal import Decimal

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Group
from django.test import RequestFactory
from django.utils import timezone
from django_celery_beat.models import ClockedSchedule, CrontabSchedule, IntervalSchedule, PeriodicTask, SolarSchedule
from django_celery_results.models import GroupResult

from apps.accounts.models import User
from apps.accounts.tests.factories import UserFactory
from apps.backoffice.edits.admin import GuardedAdmin
from apps.backoffice.tests.forms import form_of
from apps.backoffice.tests.two_people import attribute_value, change, resubmission
from apps.catalogue.models import EconomicOperator, PlannedReduction, SearchSynonym
from apps.catalogue.tests.factories import BrandFactory, CategoryFactory, VariantFactory
from apps.delivery.tests.factories import DeliveryMethodFactory, PickupPointFactory
from apps.prospects.tests.factories import make_stages
from apps.shop.services import the_row

NOW = timezone.now().replace(microsecond=0)


def _crontab():
    return CrontabSchedule.objects.create(minute="0", hour="4")


def _planned():
    return PlannedReduction.objects.create(
        variant=VariantFactory(price=Decimal("10.00")),
        amount=Decimal("8.00"),
        starts_at=NOW + timedelta(days=1),
        ends_at=NOW + timedelta(days=9),
    )


def _finding():
    return apps.get_model("operations.AuditFinding").objects.create(
        key="k",
        check_name="idle",
        severity="LOW",
        resource="arn",
        problem="Rien",
        remedy="Rien",
        sources="shop",
        first_seen_at=NOW,
        last_seen_at=NOW,
    )


# The model: a row of it, a field that its form shows, and what a colleague makes of it.
ROWS = {
    "account.EmailAddress": (
        lambda: EmailAddress.objects.create(user=UserFactory(), email="camille@exemple.fr"),
        {"email": "dominique@exemple.fr"},
    ),
    "django_celery_results.GroupResult": (
        lambda: GroupResult.objects.create(group_id="un", content_type="json", content_encoding="utf-8", result="[]"),
        {"content_encoding": "binary"},
    ),
    "mfa.Authenticator": (
        lambda: Authenticator.objects.create(user=UserFactory(), type="totp", data={"secret": "x"}, last_used_at=NOW),
        {"type": "recovery_codes"},
    ),
    "accounts.User": (UserFactory, {"first_name": "Dominique"}),
    "auth.Group": (lambda: Group.objects.create(name="Vente"), {"name": "Vente et accueil"}),
    "catalogue.Attribute": (lambda: attribute_value().attribute, {"name_fr": "Teinte"}),
    "catalogue.AttributeValue": (attribute_value, {"label_fr": "Rouge vif"}),
    "catalogue.Brand": (BrandFactory, {"name": "Maison Renommée"}),
    "catalogue.Category": (CategoryFactory, {"name_fr": "Rayon renommé"}),
    "catalogue.EconomicOperator": (
        lambda: EconomicOperator.objects.create(name="A", postal_address="B", electronic_address="C"),
        {"name": "Moulins Réunis"},
    ),
    "catalogue.PlannedReduction": (_planned, {"amount": Decimal("7.35")}),
    "catalogue.Product": (lambda: VariantFactory().product, {"name_fr": "Miel de lavande"}),
    "catalogue.Stock": (lambda: VariantFactory().stock, {"low_threshold": 17}),
    "delivery.DeliveryMethod": (DeliveryMethodFactory, {"name_fr": "Coursier"}),
    "delivery.PickupPoint": (PickupPointFactory, {"name": "Relais du pont"}),
    "django_celery_beat.ClockedSchedule": (
        lambda: ClockedSchedule.objects.create(clocked_time=NOW),
        {"clocked_time": NOW + timedelta(days=3)},
    ),
    "django_celery_beat.CrontabSchedule": (_crontab, {"hour": "17"}),
    "django_celery_beat.IntervalSchedule": (
        lambda: IntervalSchedule.objects.create(every=3, period="days"),
        {"every": 41},
    ),
    "django_celery_beat.PeriodicTask": (
        lambda: PeriodicTask.objects.create(name="essai", task="catalogue.draw_waiting", crontab=_crontab()),
        {"enabled": False},
    ),
    "catalogue.SearchSynonym": (
        lambda: SearchSynonym.objects.create(language="fr", words="soda, limonade"),
        {"words": "soda, citronnade"},
    ),
    "django_celery_beat.SolarSchedule": (
        lambda: SolarSchedule.objects.create(event="sunset", latitude=45, longitude=4),
        {"latitude": Decimal("43.5")},
    ),
    "operations.AuditFinding": (
        _finding,
        {"accepted_reason": "Le bastion ferme vendredi.", "accepted_until_date": NOW.date() + timedelta(days=5)},
    ),
    "shop.Shop": (the_row, {"name": "Chez Dominique"}),
    "prospects.Stage": (lambda: next(iter(make_stages().values())), {"name_fr": "À rappeler"}),
}
# What a page asks for at each save.
NEEDED = {"catalogue.Stock": {"reason": "CORRECTION"}}
# Django's form for a change of these is not what changes them, or nothing stands in it.
ELSEWHERE = {
    "prospects.Prospect": "a page of its own, with a version (test_prospect_card)",
    "catalogue.CatalogueImport": "an import is confirmed, not edited",
    "imports.HistoryImport": "an import is confirmed, not edited",
    "prospects.ProspectImport": "an import is confirmed, not edited",
}
REGISTERED = sorted(model._meta.label for model in admin.site._registry)


def has_fields(label: str) -> bool:
    """Whether a superuser finds something to change in the form of an existing row."""
    model = apps.get_model(label)
    model_admin = admin.site._registry[model]
    request = RequestFactory().get("/")
    request.user = User(is_superuser=True, is_staff=True, is_active=True)
    row = model(pk=1)
    return model_admin.has_change_permission(request, row) and bool(
        {name for _title, options in model_admin.get_fieldsets(request, row) for name in flat(options["fields"])}
        - set(model_admin.get_readonly_fields(request, row))
    )


def flat(fields):
    return [name for each in fields for name in (each if isinstance(each, list | tuple) else [each])]


@pytest.mark.parametrize("label", REGISTERED)
def test_no_change_form_restores_what_a_colleague_changed(client, staff, label):
    model = apps.get_model(label)
    assert isinstance(admin.site._registry[model], GuardedAdmin)
    if label not in ROWS:
        assert label in ELSEWHERE or not has_fields(label), f"{label} can be changed: add a row of it to ROWS"
        return
    make, theirs = ROWS[label]
    row = make()
    page = form_of(client, change(row)) | NEEDED.get(label, {})
    model._base_manager.filter(pk=row.pk).update(**theirs)
    response = client.post(change(row), page)
    assert response.status_code == 409
    row = model._base_manager.get(pk=row.pk)
    assert {name: getattr(row, name) for name in theirs} == theirs
    taken = {conflict.field for conflict in response.context["edit_taken"]}
    assert taken == set(theirs), response.context["edit_asked"]
    # Told once, the same page can be saved.
    response = client.post(change(row), resubmission(response) | NEEDED.get(label, {}))
    assert response.status_code == 302, response.context["edit_mistakes"]
    row = model._base_manager.get(pk=row.pk)
    assert {name: getattr(row, name) for name in theirs} == theirs


@pytest.mark.parametrize("label", [label for label in REGISTERED if label in ROWS])
def test_a_page_that_nobody_else_touched_is_saved(client, staff, label):
    row = ROWS[label][0]()
    response = client.post(change(row), form_of(client, change(row)) | NEEDED.get(label, {}))
    assert response.status_code == 302, response.context["edit_conflicts"] or response.context["edit_mistakes"]
