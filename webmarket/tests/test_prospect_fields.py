"""A field of a card stands in one list (apps/prospects/fields.py), and every place that takes fields follows it."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from apps.accounts.tests.factories import StaffFactory
from apps.api.serializers import camel_case
from apps.api.tests.caller import logged_in
from apps.backoffice.prospects.export import ProspectResource
from apps.backoffice.prospects.forms import CardForm
from apps.prospects import services
from apps.prospects.fields import CONTACT, FIELDS, SEARCHED, Kind
from apps.prospects.models import Prospect
from apps.prospects.personal_data import collect_prospects_by_email, erase_prospects
from apps.prospects.retention import NOTICE, UNHEARD_OF_RETENTION, anonymise_unheard_of
from apps.prospects.services.imports import import_prospects, receive_prospects
from apps.prospects.tests.factories import ProspectFactory, make_stages

pytestmark = pytest.mark.django_db(transaction=True)
SAMPLES = {
    Kind.LINE: "Secretissime",
    Kind.TEXT: "Secretissime,\nsur deux lignes",
    Kind.EMAIL: "secretissime@exemple.fr",
    Kind.PHONE: "06 12 34 56 78",
    Kind.DATE: timezone.localdate(),
}
FILLED = {name: SAMPLES[field.kind] for name, field in FIELDS.items() if field.kind in SAMPLES}


@pytest.fixture(autouse=True)
def staff():
    make_stages()
    return StaffFactory(is_superuser=True)


def values(card: Prospect) -> dict[str, object]:
    return {name: getattr(card, name) for name in FILLED}


def test_every_column_that_people_fill_in_is_listed():
    columns = {field.name for field in Prospect._meta.concrete_fields if field.editable and not field.auto_created}
    assert columns - {"stage"} == set(FIELDS)


def test_the_page_of_a_card_has_every_field():
    assert set(CardForm.base_fields) == {*FIELDS, "version"}


def test_the_api_takes_and_gives_every_field(staff):
    sent = {camel_case(name): str(value) for name, value in FILLED.items()}
    path = f"prospects/{ProspectFactory().public_id}"
    answer = logged_in(staff)("patch", path, {"version": 1, **sent}).json()
    assert {name: answer[name] for name in sent} == sent
    assert values(Prospect.objects.get()) == FILLED


def test_whoever_leaves_their_name_can_give_every_field_of_a_contact(staff):
    sent = {camel_case(field.name): SAMPLES[field.kind] for field in CONTACT}
    assert logged_in(staff)("post", "prospects", sent).status_code == 201
    card = Prospect.objects.get()
    assert {field.name: getattr(card, field.name) for field in CONTACT} == {
        field.name: SAMPLES[field.kind] for field in CONTACT
    }


def test_a_list_takes_back_every_field_that_was_exported(staff):
    ProspectFactory(**FILLED)
    rows = ProspectResource().export(Prospect.objects.all()).csv
    erase_prospects(email=FILLED["email"])
    file = SimpleUploadedFile("liste.csv", rows.encode())
    received = receive_prospects(file=file, by=staff, now=timezone.now())
    import_prospects(import_id=received.pk, by=staff, now=timezone.now())
    assert values(Prospect.objects.get()) == FILLED


@pytest.mark.parametrize("name", SEARCHED)
def test_a_card_is_found_by_every_field_that_is_searched(name):
    wanted = ProspectFactory(**{name: "aiguille@exemple.fr"})
    ProspectFactory()
    assert list(Prospect.objects.matching("aiguille")) == [wanted]


def test_a_person_is_given_every_field_of_a_contact():
    ProspectFactory(**FILLED)
    (given,) = collect_prospects_by_email(email=FILLED["email"])
    for field in CONTACT:
        assert given[field.name] == FILLED[field.name]


def test_merging_takes_any_field(staff):
    survivor, gone = ProspectFactory(), ProspectFactory(**FILLED)
    by, now = services.Author(user=staff), timezone.now()
    services.merge_prospects(
        survivor_id=survivor.pk, survivor_version=1, gone_id=gone.pk, gone_version=1, taken=list(FILLED), by=by, now=now
    )
    survivor.refresh_from_db()
    assert values(survivor) == FILLED


def test_anonymising_empties_every_field_but_those_that_outlive():
    now = timezone.now()
    ProspectFactory(**FILLED, last_contact_at=now - UNHEARD_OF_RETENTION - timedelta(days=1), warned_at=now - NOTICE)
    assert anonymise_unheard_of(now=now) == 1
    left = {name: value for name, value in values(Prospect.objects.get()).items() if value}
    assert left == {"first_name": "Anonyme"} | {name: FILLED[name] for name in FILLED if FIELDS[name].outlives}
