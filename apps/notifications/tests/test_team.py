"""E-mails to staff: true when they are sent, and only to active staff."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.utils import timezone

from apps.accounts.models import User
from apps.accounts.tests.factories import StaffFactory
from apps.common.models import OutboxEmail
from apps.common.outbox import compose
from apps.prospects import services
from apps.prospects.emails import TeamEmail
from apps.prospects.models import Prospect
from apps.prospects.retention import UNHEARD_OF_RETENTION, warn_of_the_end
from apps.prospects.tests.factories import ProspectFactory, make_stages

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def warning() -> OutboxEmail:
    """Of two cards that nobody has been in contact with for three years."""
    make_stages()
    StaffFactory().user_permissions.add(Permission.objects.get(codename="change_prospect"))
    now = timezone.now()
    for name in ("Petit", "Moreau"):
        ProspectFactory(last_name=name, last_contact_at=now - UNHEARD_OF_RETENTION - timedelta(days=1))
    warn_of_the_end(now=now)
    return OutboxEmail.objects.get(kind=TeamEmail.RETENTION)


def test_who_was_contacted_since_is_not_named(warning):
    petit, moreau = Prospect.objects.order_by("pk").values_list("pk", flat=True)
    services.add_note(prospect_id=petit, text="Appelé", key="a", by=services.Author(), now=timezone.now())
    body = compose(warning).body
    assert "Moreau" in body
    assert "Petit" not in body
    services.add_note(prospect_id=moreau, text="Appelée", key="b", by=services.Author(), now=timezone.now())
    assert compose(warning) is None


def test_who_has_left_the_team_is_not_notified(warning):
    User.objects.update(is_active=False)
    assert compose(warning) is None
