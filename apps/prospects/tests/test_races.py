"""Two people on one board at the same moment."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection
from django.utils import timezone

from apps.prospects import services
from apps.prospects.models import Prospect
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


def test_a_request_sent_twice_at_once_makes_one_prospect():
    make_stages()

    def create() -> object:
        return services.create_prospect(
            details=services.Details("Léa", "Petit", "lea@exemple.fr"),
            verified=True,
            consent_version="",
            address="",
            now=timezone.now(),
            request_key="k",
        ).pk

    assert len(set(at_once(*[create] * 4))) == 1
    assert Prospect.objects.count() == 1
