"""Cards keep the order that people gave them, however often one place is chosen."""

import pytest
from django.utils import timezone

from apps.prospects import services
from apps.prospects.models import Prospect
from apps.prospects.personal_data import erase_prospects
from apps.prospects.tests.factories import ProspectFactory, make_stages

pytestmark = pytest.mark.django_db


def test_a_place_without_a_number_left_is_made():
    stage = make_stages()["contacte"]
    top = ProspectFactory(stage=stage, rank=1)
    bottom = ProspectFactory(stage=stage, rank=2)
    card = ProspectFactory()
    services.move_prospect(
        prospect_id=card.pk,
        version=1,
        stage_code="contacte",
        after=top.public_id,
        before=bottom.public_id,
        by=services.Author(name="test"),
        now=timezone.now(),
    )
    assert list(Prospect.objects.filter(stage=stage).order_by("rank")) == [top, card, bottom]


def test_a_neighbour_that_left_is_no_obstacle():
    stages = make_stages()
    gone = ProspectFactory(stage=stages["gagne"])
    there = ProspectFactory(stage=stages["contacte"])
    card = ProspectFactory()
    services.move_prospect(
        prospect_id=card.pk,
        version=1,
        stage_code="contacte",
        after=gone.public_id,
        by=services.Author(name="test"),
        now=timezone.now(),
    )
    assert list(Prospect.objects.filter(stage=stages["contacte"]).order_by("rank")) == [card, there]


def test_a_person_is_forgotten_with_the_history():
    make_stages()
    now = timezone.now()
    card = ProspectFactory(email="lea@exemple.fr")
    services.update_prospect(
        prospect_id=card.pk, version=1, changes={"company": "Ferme"}, by=services.Author(name="test"), now=now
    )
    # At some providers another person's address.
    assert erase_prospects(email="lea+x@exemple.fr") == 0
    assert erase_prospects(email="LEA@exemple.fr\u200b") == 1
    assert not Prospect.objects.exists()
