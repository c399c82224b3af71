"""A planned reduction that cannot begin is told to the team, once."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import Group
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from apps.accounts.tests.factories import StaffFactory
from apps.backoffice.services.groups import sync_groups
from apps.backoffice.services.refused_reductions import notify_of_refused_reductions
from apps.backoffice.tests.forms import form_of
from apps.catalogue.models import PlannedReduction
from apps.catalogue.services import prices
from apps.catalogue.services.planned_prices import apply_planned_prices
from apps.catalogue.tests.factories import VariantFactory
from apps.common.models import OutboxEmail
from apps.common.tests.races import race


def priced_variant(**fields):
    variant = VariantFactory(price=Decimal("10.00"), **fields)
    prices.set_price(variant=variant, amount=Decimal("9.00"), now=timezone.now() - timedelta(days=60))
    return variant


def planned(variant, amount="12.00", **fields) -> PlannedReduction:
    now = timezone.now()
    period = {"starts_at": now - timedelta(minutes=1), "ends_at": now + timedelta(days=1)}
    return PlannedReduction.objects.create(variant=variant, amount=amount, **period | fields)


def colleague(group: str, **fields):
    sync_groups()
    user = StaffFactory(**fields)
    user.groups.add(Group.objects.get(name=group))
    return user


@pytest.mark.django_db
def test_who_may_plan_reductions_gets_one_letter(django_capture_on_commit_callbacks):
    planner = colleague("Catalogue")
    english = colleague("Administration", language="en")
    colleague("Assistance")
    first = priced_variant(sku="CONFITURE", product__name_fr="Confiture de figues", product__name_en="Fig jam")
    for variant in (first, priced_variant()):
        planned(variant)
    apply_planned_prices(now=timezone.now())
    with django_capture_on_commit_callbacks(execute=True):
        assert notify_of_refused_reductions(now=timezone.now()) == 2
        assert notify_of_refused_reductions(now=timezone.now()) == 0
    assert {message.to[0] for message in mail.outbox} == {planner.email, english.email}
    messages = {message.to[0]: message for message in mail.outbox}
    assert messages[planner.email].subject == "2 réductions prévues ont été refusées"
    assert "Confiture de figues (CONFITURE) — 12,00" in messages[planner.email].body
    assert "prix le plus bas" in messages[planner.email].body
    assert "state__exact=REFUSED" in messages[planner.email].body
    assert messages[english.email].subject == "2 planned reductions were refused"
    assert "Fig jam (CONFITURE) — €12.00" in messages[english.email].body


@pytest.mark.django_db
def test_with_nobody_to_tell_it_waits_for_somebody(django_assert_num_queries):
    planned(priced_variant())
    apply_planned_prices(now=timezone.now())
    assert notify_of_refused_reductions(now=timezone.now()) == 0
    colleague("Catalogue")
    assert notify_of_refused_reductions(now=timezone.now()) == 1


@pytest.mark.django_db
def test_the_first_page_names_it_until_it_is_deleted(client):
    client.force_login(colleague("Catalogue"))
    variant = priced_variant(product__name_fr="Confiture de figues")
    row = planned(variant)
    assert "refused-reductions-title" not in client.get(reverse("admin:index")).content.decode()
    apply_planned_prices(now=timezone.now())
    page = client.get(reverse("admin:index")).content.decode()
    assert "1 réduction prévue refusée" in page
    assert "Confiture de figues" in page
    client.post(reverse("admin:catalogue_plannedreduction_delete", args=[row.pk]), {"post": "yes"})
    assert "refused-reductions-title" not in client.get(reverse("admin:index")).content.decode()


@pytest.mark.django_db
class TestScreen:
    def add(self, client, variant, **typed):
        url = reverse("admin:catalogue_plannedreduction_add")
        data = form_of(client, url) | {
            "variant": str(variant.pk),
            "amount": "8.00",
            "starts_at_0": "2027-01-06",
            "starts_at_1": "08:00",
            "ends_at_0": "2027-02-02",
            "ends_at_1": "20:00",
        }
        return client.post(url, data | typed)

    @pytest.fixture(autouse=True)
    def staff(self, client):
        user = colleague("Catalogue")
        client.force_login(user)
        return user

    def test_plans_one(self, client, staff):
        self.add(client, priced_variant())
        row = PlannedReduction.objects.get()
        assert (row.amount, row.state, row.author) == (8, "PLANNED", staff)

    @pytest.mark.parametrize(
        ("typed", "sentence"),
        [
            ({"amount": "9.00"}, "Le prix le plus bas des 30 derniers jours est de 9,00"),
            ({"starts_at_0": "2020-01-01", "ends_at_0": "2020-01-02"}, "Cette période est déjà passée"),
            ({"ends_at_0": "2027-01-01"}, "La fin doit venir après le début."),
        ],
    )
    def test_says_at_entry_what_would_be_refused(self, client, typed, sentence):
        answer = self.add(client, priced_variant(), **typed)
        assert answer.status_code == 200
        assert sentence in answer.content.decode()
        assert not PlannedReduction.objects.exists()

    def test_a_page_sent_after_it_began_changes_nothing(self, client):
        row = planned(priced_variant(), "8.00", starts_at=timezone.now() + timedelta(minutes=5))
        url = reverse("admin:catalogue_plannedreduction_change", args=[row.pk])
        data = {
            "variant": str(row.variant_id),
            "amount": "5.00",
            "starts_at_0": "2030-01-06",
            "starts_at_1": "08:00",
            "ends_at_0": "2030-02-02",
            "ends_at_1": "20:00",
        }
        assert client.get(url).status_code == 200
        apply_planned_prices(now=timezone.now() + timedelta(minutes=6))
        answer = client.post(url, data)
        row.refresh_from_db()
        assert answer.status_code in (302, 403)
        assert (row.amount, row.state) == (8, "RUNNING")

    def test_stops_one_that_runs(self, client):
        variant = priced_variant()
        row = planned(variant, "8.00")
        apply_planned_prices(now=timezone.now())
        data = {"action": "stop", "_selected_action": [row.pk]}
        answer = client.post(reverse("admin:catalogue_plannedreduction_changelist"), data, follow=True)
        variant.refresh_from_db()
        row.refresh_from_db()
        assert "1 réduction arrêtée." in answer.content.decode()
        assert (variant.price, variant.reference_price, row.state) == (9, None, "ENDED")


@pytest.mark.mysql
@pytest.mark.django_db(transaction=True)
def test_many_workers_tell_it_once():
    colleague("Catalogue")
    planned(priced_variant())
    apply_planned_prices(now=timezone.now())
    counts = race(*[lambda: notify_of_refused_reductions(now=timezone.now())] * 6)
    assert sorted(counts) == [0, 0, 0, 0, 0, 1]
    assert OutboxEmail.objects.filter(key__startswith="reductions-refused-").count() == 1
