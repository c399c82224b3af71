from datetime import timedelta

import pytest
from django.utils import timezone

from apps.common.errors import DomainError
from apps.common.tests.races import of_kind, race
from apps.prospects import services
from apps.prospects.models import Merge, Prospect
from apps.prospects.personal_data import erase_prospects
from apps.prospects.retention import purge_deleted
from apps.prospects.tests.factories import ProspectFactory, make_stages

pytestmark = pytest.mark.django_db(transaction=True)
NOW = timezone.now()
AUTHOR = services.Author(name="Camille")


@pytest.fixture
def pair():
    make_stages()
    survivor = ProspectFactory(phone="06 12 34 56 78", company="Ferme", email="lea@exemple.fr")
    gone = ProspectFactory(
        phone="+33612345678", message="Bonjour", email="LEA+pro@exemple.fr", consent_version="2026-11", consent_at=NOW,
        consent_address="203.0.113.9", last_contact_at=NOW + timedelta(hours=1),
    )  # fmt: skip
    return survivor, gone


def snapshot():
    hidden = {"version", "updated_at"}
    return [
        {name: value for name, value in row.items() if name not in hidden}
        for row in Prospect.objects.order_by("pk").values()
    ]


def merge(survivor, gone, taken=(), now=NOW, versions=(1, 1)):
    return services.merge_prospects(
        survivor_id=survivor.pk, survivor_version=versions[0], gone_id=gone.pk, gone_version=versions[1],
        taken=taken, by=AUTHOR, now=now,
    )  # fmt: skip


def test_the_card_that_stays_takes_what_was_chosen_and_the_proof_of_consent(pair):
    survivor, gone = pair
    services.add_note(prospect_id=gone.pk, text="Note", key="k", by=AUTHOR, now=NOW)
    merge(survivor, gone, taken=["message", "email"])
    survivor.refresh_from_db()
    assert (survivor.message, survivor.company, survivor.email, survivor.email_key) == (
        "Bonjour", "Ferme", gone.email, "lea@exemple.fr",
    )  # fmt: skip
    assert (survivor.consent_version, survivor.consent_address) == ("2026-11", "203.0.113.9")
    assert survivor.notes.get().text == "Note"
    assert list(Prospect.objects.not_deleted()) == [survivor]
    assert services.have_duplicates([survivor]) == set()


def test_undoing_gives_both_back_exactly_what_they_had(pair):
    survivor, gone = pair
    services.add_note(prospect_id=gone.pk, text="Note", key="k", by=AUTHOR, now=NOW)
    before = snapshot()
    undone = services.undo_merge(merge_id=merge(survivor, gone, ["message", "email"]).pk, by=AUTHOR, now=NOW)
    assert snapshot() == before
    assert undone.left_alone == []
    assert gone.notes.get().text == "Note"
    assert [event.kind for event in survivor.events.all()] == ["MERGED", "UNMERGED"]


def test_what_changed_after_the_merge_stays(pair):
    survivor, gone = pair
    done = merge(survivor, gone, ["message", "company"])
    services.update_prospect(prospect_id=survivor.pk, version=2, changes={"company": "Plus tard"}, by=AUTHOR, now=NOW)
    services.add_note(prospect_id=survivor.pk, text="Après", key="after", by=AUTHOR, now=NOW)
    undone = services.undo_merge(merge_id=done.pk, by=AUTHOR, now=NOW)
    survivor.refresh_from_db()
    assert undone.left_alone == ["company"]
    assert (survivor.company, survivor.message) == ("Plus tard", "")
    assert survivor.notes.get().text == "Après"


def test_undoing_is_refused_clearly(pair):
    survivor, gone = pair
    first = merge(survivor, gone)
    with pytest.raises(services.MergeRefused):
        services.undo_merge(merge_id=first.pk, by=AUTHOR, now=NOW + timedelta(days=30))
    third = ProspectFactory()
    second = merge(third, survivor, versions=(1, 2))
    with pytest.raises(services.MergeRefused):
        services.undo_merge(merge_id=first.pk, by=AUTHOR, now=NOW)
    services.undo_merge(merge_id=second.pk, by=AUTHOR, now=NOW)
    services.undo_merge(merge_id=first.pk, by=AUTHOR, now=NOW)
    with pytest.raises(services.MergeRefused):
        services.undo_merge(merge_id=first.pk, by=AUTHOR, now=NOW)
    assert Prospect.objects.not_deleted().count() == 3


def test_a_merged_card_is_neither_restored_nor_purged_alone(pair):
    survivor, gone = pair
    merge(survivor, gone)
    with pytest.raises(services.TooLate):
        services.restore_prospect(prospect_id=gone.pk, by=AUTHOR, now=NOW)
    assert purge_deleted(now=NOW + timedelta(days=99)) == 0
    assert erase_prospects(email="lea@exemple.fr") == 2
    assert not Prospect.objects.exists()


def test_a_card_is_not_merged_into_itself_or_into_one_that_is_gone(pair):
    survivor, gone = pair
    with pytest.raises(services.MergeRefused):
        merge(survivor, survivor)
    services.delete_prospect(prospect_id=gone.pk, by=AUTHOR, now=NOW)
    with pytest.raises(Prospect.DoesNotExist):
        merge(survivor, gone, versions=(1, 2))


def test_duplicates_of_a_page_of_cards_are_found_in_two_queries(pair, django_assert_num_queries):
    cards = [*pair, ProspectFactory()]
    with django_assert_num_queries(2):
        assert services.have_duplicates(cards) == {card.pk for card in pair}


@pytest.mark.mysql
@pytest.mark.parametrize("turned", [False, True], ids=["same way", "crosswise"])
def test_of_two_merges_at_once_one_wins(pair, turned):
    survivor, gone = pair
    answers = race(lambda: merge(survivor, gone), lambda: merge(gone, survivor) if turned else merge(survivor, gone))
    assert len(of_kind(answers, Merge)) == 1
    assert len(of_kind(answers, (services.StaleVersion, Prospect.DoesNotExist))) == 1
    assert Prospect.objects.not_deleted().count() == 1


@pytest.mark.mysql
@pytest.mark.parametrize("moved", [0, 1], ids=["the one that stays", "the one that goes"])
def test_a_merge_and_a_move_at_once_leave_one_winner(pair, moved):
    survivor, gone = pair

    def move():
        return services.move_prospect(prospect_id=pair[moved].pk, version=1, stage_code="contacte", by=AUTHOR, now=NOW)

    answers = race(lambda: merge(survivor, gone), move)
    refused = of_kind(answers, (DomainError, Prospect.DoesNotExist))
    assert len(refused) == 1
    assert Prospect.objects.filter(version__gt=1).exists()


@pytest.mark.mysql
def test_of_two_who_undo_at_once_one_wins(pair):
    done = merge(*pair)
    answers = race(*[lambda: services.undo_merge(merge_id=done.pk, by=AUTHOR, now=NOW)] * 2)
    assert len(of_kind(answers, services.Undone)) == 1
    assert len(of_kind(answers, services.MergeRefused)) == 1
