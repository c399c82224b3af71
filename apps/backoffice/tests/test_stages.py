"""The columns that staff edit: none goes away with cards in it, or out of the history that names it."""

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.accounts.models import User
from apps.prospects import services
from apps.prospects.models import Stage
from apps.prospects.tests.factories import ProspectFactory, make_stages

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(client):
    user = User.objects.create_superuser("equipe@exemple.fr", "x")
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return user


def delete(client, stage):
    return client.post(reverse("admin:prospects_stage_delete", args=[stage.pk]), {"post": "yes"}, follow=True)


def hide(client, stage):
    data = {name: getattr(stage, name) for name in ("name_fr", "name_en", "position", "colour", "outcome")}
    return client.post(reverse("admin:prospects_stage_change", args=[stage.pk]), data | {"is_hidden": "on"})


def test_a_column_with_cards_is_not_deleted_and_says_so(client, staff):
    stage = make_stages()["contacte"]
    ProspectFactory.create_batch(2, stage=stage)
    assert "contient encore 2 cartes" in delete(client, stage).content.decode()
    assert Stage.objects.filter(pk=stage.pk).exists()


def test_a_column_that_history_names_is_not_deleted_but_can_be_hidden(client, staff):
    stages = make_stages()
    card = ProspectFactory(stage=stages["contacte"])
    services.move_prospect(
        prospect_id=card.pk, version=1, stage_code="gagne", by=services.Author(user=staff), now=timezone.now()
    )
    assert "Masquez-la plutôt" in delete(client, stages["contacte"]).content.decode()
    assert hide(client, stages["contacte"]).status_code == 302
    board = client.get(reverse("backoffice:board"))
    assert "contacte" not in [column.stage.code for column in board.context["columns"]]
    with pytest.raises(services.UnknownStage):
        services.move_prospect(
            prospect_id=card.pk, version=2, stage_code="contacte", by=services.Author(user=staff), now=timezone.now()
        )


def test_a_column_without_cards_or_history_is_deleted(client, staff):
    stage = Stage.objects.create(code="essai", name_fr="Essai")
    delete(client, stage)
    assert not Stage.objects.filter(pk=stage.pk).exists()


def test_neither_a_column_with_cards_nor_the_last_one_is_hidden(client, staff):
    stages = make_stages()
    ProspectFactory(stage=stages["contacte"])
    assert "contient encore 1 carte" in hide(client, stages["contacte"]).content.decode()
    Stage.objects.exclude(code="gagne").update(is_hidden=True)
    assert "dernière colonne" in hide(client, stages["gagne"]).content.decode()
    assert not Stage.objects.get(code="gagne").is_hidden


def test_a_hidden_column_in_which_a_card_stands_is_still_drawn(client, staff):
    card = ProspectFactory(stage=make_stages()["contacte"])
    Stage.objects.filter(code="contacte").update(is_hidden=True)
    assert str(card) in client.get(reverse("backoffice:board")).content.decode()


def test_the_list_edits_order_and_limits(client, staff):
    make_stages()
    page = client.get(reverse("admin:prospects_stage_changelist")).content.decode()
    assert 'name="form-0-wip_limit"' in page
    assert 'name="form-0-position"' in page
