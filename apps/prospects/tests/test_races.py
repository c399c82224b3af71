"""Two people on one board at the same moment."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection
from django.utils import timezone

from apps.accounts.models import User
from apps.accounts.tests.factories import StaffFactory
from apps.prospects import services
from apps.prospects.models import Prospect, Stage
from apps.prospects.tests.factories import ProspectFactory, make_stages

pytestmark = [pytest.mark.mysql, pytest.mark.django_db(transaction=True)]


def at_once(*calls: Callable[[], object]) -> list[object]:
    """What each call returned, or the refusal it raised."""
    ready = Barrier(len(calls))

    def run(call: Callable[[], object]) -> object:
        ready.wait()
        try:
            return call()
        except services.StaleVersion as error:
            return error.code
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def test_one_of_two_moves_of_a_card_wins_and_the_other_is_told():
    make_stages()
    card = ProspectFactory()

    def move(stage: str) -> Callable[[], object]:
        return lambda: (
            services.move_prospect(
                prospect_id=card.pk, version=1, stage_code=stage, by=services.Author(name=stage), now=timezone.now()
            ).stage.code
        )

    answers = at_once(*(move(stage) for stage in ("contacte", "qualifie", "gagne", "proposition")))
    assert answers.count("stale_version") == 3
    card.refresh_from_db()
    assert card.version == 2
    assert card.stage.code in answers
    assert card.events.get().to_stage == card.stage


def test_a_column_takes_no_more_cards_at_once_than_its_limit():
    stages = make_stages()
    Stage.objects.filter(pk=stages["gagne"].pk).update(wip_limit=1)
    cards = ProspectFactory.create_batch(4, stage=stages["contacte"])

    def move(card: Prospect) -> Callable[[], object]:
        def run() -> object:
            try:
                return services.move_prospect(
                    prospect_id=card.pk,
                    version=1,
                    stage_code="gagne",
                    within_limit=True,
                    by=services.Author(name="test"),
                    now=timezone.now(),
                ).pk
            except services.StageFull as error:
                return error.code

        return run

    answers = at_once(*(move(card) for card in cards))
    assert answers.count("stage_full") == 3
    assert Prospect.objects.filter(stage=stages["gagne"]).count() == 1


def test_two_people_who_move_one_card_from_one_version_leave_one_line_of_history():
    make_stages()
    card = ProspectFactory()
    people = StaffFactory.create_batch(2)

    def move(user: User) -> Callable[[], object]:
        return lambda: (
            services.move_prospect(
                prospect_id=card.pk,
                version=1,
                stage_code="contacte",
                by=services.Author(user=user),
                now=timezone.now(),
            ).version
        )

    assert sorted(map(str, at_once(*(move(user) for user in people)))) == ["2", "stale_version"]
    assert card.events.count() == 1


def test_a_repeat_at_the_same_moment_is_one_move():
    make_stages()
    card = ProspectFactory()
    user = StaffFactory()

    def move() -> object:
        return services.move_prospect(
            prospect_id=card.pk, version=1, stage_code="contacte", by=services.Author(user=user), now=timezone.now()
        ).version

    assert at_once(move, move, move) == [2, 2, 2]
    assert card.events.count() == 1
