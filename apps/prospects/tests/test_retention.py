"""Three years after the last contact the team is told, a month later the card forgets who it was about."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.core import mail
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from apps.accounts.tests.factories import StaffFactory
from apps.common.documents import documents
from apps.prospects import services, tasks
from apps.prospects.models import Attachment, FormerTeamEmail, Note, Prospect, ProspectEvent
from apps.prospects.retention import NOTICE, UNHEARD_OF_RETENTION, anonymise_unheard_of, warn_of_the_end
from apps.prospects.tests.factories import ProspectFactory, make_stages

pytestmark = pytest.mark.django_db(transaction=True)
NOW = timezone.now()
LONG_AGO = NOW - UNHEARD_OF_RETENTION - timedelta(days=1)
AUTHOR = services.Author(name="Camille")


@pytest.fixture
def owner():
    make_stages()
    user = StaffFactory()
    user.user_permissions.add(Permission.objects.get(codename="change_prospect"))
    return user


def old_card(**fields):
    return ProspectFactory(last_contact_at=LONG_AGO, **fields)


def test_who_follows_the_card_is_told_once(owner):
    other = StaffFactory()
    other.user_permissions.add(Permission.objects.get(codename="change_prospect"))
    card = old_card(assignee=owner)
    ProspectFactory()
    assert warn_of_the_end(now=NOW) == 1
    assert warn_of_the_end(now=NOW) == 0
    assert [message.to for message in mail.outbox] == [[owner.email]]
    assert str(card) in mail.outbox[0].body
    assert card.events.get().kind == "WARNED"


def test_the_team_is_told_of_a_card_that_nobody_follows(owner):
    old_card()
    warn_of_the_end(now=NOW)
    assert [message.to for message in mail.outbox] == [[owner.email]]


def test_nobody_is_forgotten_without_notice(owner):
    old_card()
    assert anonymise_unheard_of(now=NOW) == 0
    warn_of_the_end(now=NOW)
    assert anonymise_unheard_of(now=NOW + NOTICE - timedelta(seconds=1)) == 0
    assert anonymise_unheard_of(now=NOW + NOTICE) == 1
    assert anonymise_unheard_of(now=NOW + NOTICE) == 0


@pytest.mark.parametrize("contact", ["note", "move"])
def test_a_contact_begins_the_three_years_anew(owner, contact):
    card = old_card()
    warn_of_the_end(now=NOW)
    if contact == "note":
        services.add_note(prospect_id=card.pk, text="Appelé", key="k", by=AUTHOR, now=NOW)
    else:
        services.move_prospect(prospect_id=card.pk, version=1, stage_code="contacte", by=AUTHOR, now=NOW)
    assert anonymise_unheard_of(now=NOW + NOTICE) == 0
    assert warn_of_the_end(now=NOW + NOTICE) == 0
    card.refresh_from_db()
    assert card.email


def test_an_edit_is_no_contact(owner):
    card = old_card()
    services.update_prospect(prospect_id=card.pk, version=1, changes={"company": "x"}, by=AUTHOR, now=NOW)
    assert warn_of_the_end(now=NOW) == 1


def test_nothing_that_tells_who_it_was_is_left(owner):
    card = old_card(
        last_name="Secretissime", email="secretissime@exemple.fr", phone="0612345678", company="Secretissime SARL",
        consent_version="2026-11", consent_at=NOW, consent_address="203.0.113.9",
    )  # fmt: skip
    twin = old_card(last_name="Secretissime", phone="0612345678")
    for number in (card.pk, twin.pk):
        services.add_note(prospect_id=number, text="Secretissime", key=f"k{number}", by=AUTHOR, now=LONG_AGO)
        services.attach_file(
            prospect_id=number, file=SimpleUploadedFile("secretissime.pdf", b"%PDF-x"), by=AUTHOR, now=LONG_AGO
        )
    services.update_prospect(prospect_id=card.pk, version=1, changes={"company": "Secretissime"}, by=AUTHOR, now=NOW)
    services.merge_prospects(
        survivor_id=card.pk,
        survivor_version=2,
        gone_id=twin.pk,
        gone_version=1,
        taken=["last_name"],
        by=AUTHOR,
        now=NOW,
    )
    files = [stored.file.name for stored in Attachment.objects.all()]
    warn_of_the_end(now=NOW)
    assert anonymise_unheard_of(now=NOW + NOTICE) == 1
    assert not Note.objects.exists()
    assert not any(documents().exists(name) for name in files)
    for model in (Prospect, ProspectEvent, FormerTeamEmail, type(card.merges.first())):
        assert "secretissime" not in str(list(model.objects.values())).lower()
    card.refresh_from_db()
    assert (card.stage.code, card.consent_address, card.anonymised_at) == ("nouveau", "", NOW + NOTICE)
    assert Prospect.objects.like(card).count() == 0


def test_the_night_works_in_batches_until_none_is_left(owner, monkeypatch):
    for _ in range(5):
        old_card()
    assert warn_of_the_end(now=NOW, limit=2) == 2
    tasks.anonymise_unheard_of(unknown="argument")
    assert Prospect.objects.filter(warned_at=None).count() == 0


def test_a_deleted_card_takes_its_files_along(owner, tmp_path):
    card = ProspectFactory()
    stored = Attachment(prospect=card, name="a.pdf", size=1, content_type="application/pdf", created_at=NOW)
    stored.file.save("a.pdf", ContentFile(b"%PDF-"))
    services.delete_prospect(prospect_id=card.pk, by=AUTHOR, now=LONG_AGO)
    tasks.purge_deleted()
    assert not Prospect.objects.exists()
    assert not documents().exists(stored.file.name)
