"""The board of prospects as staff open it: who may, what it shows, what it costs, and moves by plain forms."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone

from apps.accounts.tests.factories import StaffFactory
from apps.backoffice.models import SavedView
from apps.prospects.models import Prospect, Stage
from apps.prospects.services import Author, move_prospect
from apps.prospects.tests.factories import ProspectFactory, make_stages

# A search on MySQL finds only what is committed: no test here searches by full text.
pytestmark = pytest.mark.django_db
BOARD = "backoffice:board"


def member(*verbs: str):
    user = StaffFactory()
    names = [f"{verb}_prospect" for verb in verbs]
    user.user_permissions.set(Permission.objects.filter(codename__in=names))
    return user


@pytest.fixture
def staff(client):
    make_stages()
    user = member("view", "change")
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return user


def sign_in(client, user):
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")


def card_names(response) -> list[str]:
    return [str(card.prospect) for column in response.context["columns"] for card in column.cards]


def press(client, card, **data):
    data = {"version": card.version, "stage": "contacte", "place": "top"} | data
    return client.post(reverse("backoffice:board_move", args=[card.public_id]), data)


def send_script(client, card, **data):
    data = {"version": card.version, "stage": "contacte"} | data
    url = reverse("backoffice:board_move", args=[card.public_id])
    return client.post(url, data, headers={"Accept": "application/json"})


class TestWhoMay:
    def test_nobody_without_the_right_to_see_prospects(self, client):
        sign_in(client, member())
        assert client.get(reverse(BOARD)).status_code == 403

    def test_who_may_only_look_is_offered_no_move_and_refused_one(self, client):
        make_stages()
        card = ProspectFactory()
        sign_in(client, member("view"))
        page = client.get(reverse(BOARD)).content.decode()
        assert str(card) in page
        assert "data-can-move" not in page
        assert reverse("backoffice:board_move", args=[card.public_id]) not in page
        assert press(client, card).status_code == 403
        assert Prospect.objects.get().version == 1

    def test_a_stranger_is_sent_to_the_login(self, client):
        assert client.get(reverse(BOARD)).url.startswith(reverse("admin:login"))


class TestWhatItShows:
    def test_columns_in_their_order_with_counts(self, client, staff):
        stages = make_stages()
        Stage.objects.filter(code="perdu").update(position=0)
        Stage.objects.filter(code="nouveau").update(position=9)
        ProspectFactory.create_batch(2, stage=stages["contacte"])
        ProspectFactory(stage=stages["contacte"], deleted_at=timezone.now())
        columns = client.get(reverse(BOARD)).context["columns"]
        assert columns[0].stage.code in ("perdu", "nouveau")
        assert columns[-1].stage.code == "nouveau"
        assert {column.stage.code: column.count for column in columns if column.count} == {"contacte": 2}

    def test_a_card_that_waits_too_long_and_an_action_that_is_late_say_so_in_words(self, client, staff):
        stage = make_stages()["contacte"]
        Stage.objects.filter(pk=stage.pk).update(cold_after_days=7)
        now = timezone.now()
        ProspectFactory(
            stage=stage,
            stage_since=now - timedelta(days=8),
            next_action="Rappeler",
            next_action_date=timezone.localdate() - timedelta(days=1),
        )
        ProspectFactory(stage=stage, stage_since=now - timedelta(days=6))
        page = client.get(reverse(BOARD)).content.decode()
        assert page.count("Froid") == 1
        assert page.count("En retard</strong>") == 1

    @pytest.mark.parametrize(
        ("query", "names"),
        [
            ("q=ferme", {"Ada Ferme"}),
            ("assignee=me", {"Ada Ferme"}),
            ("assignee=none", {"Bob Gare", "Cléo Halle"}),
            ("source=salon", {"Bob Gare"}),
            ("action=late", {"Bob Gare"}),
            ("action=none", {"Cléo Halle"}),
            ("cold=1", {"Cléo Halle"}),
            ("assignee=none&source=salon", {"Bob Gare"}),
            ("assignee=x&source=inconnue&action=jamais&more=x.y&more=nouveau.99999", None),
        ],
    )
    def test_filters_in_the_address(self, client, staff, query, names):
        stages = make_stages()
        Stage.objects.filter(code="contacte").update(cold_after_days=7)
        today = timezone.localdate()
        ProspectFactory(first_name="Ada", last_name="Ferme", assignee=staff, next_action="Rappeler")
        ProspectFactory(first_name="Bob", last_name="Gare", source="salon", next_action_date=today - timedelta(days=2))
        ProspectFactory(
            first_name="Cléo",
            last_name="Halle",
            stage=stages["contacte"],
            stage_since=timezone.now() - timedelta(days=8),
        )
        response = client.get(f"{reverse(BOARD)}?{query}")
        assert set(card_names(response)) == (names or {"Ada Ferme", "Bob Gare", "Cléo Halle"})

    def test_a_long_column_shows_more_at_a_link(self, client, staff):
        ProspectFactory.create_batch(60)
        first = client.get(reverse(BOARD))
        column = first.context["columns"][0]
        assert (len(column.cards), column.count) == (25, 60)
        second = client.get(f"{reverse(BOARD)}?{column.more}").context["columns"][0]
        assert len(second.cards) == 50
        third = client.get(f"{reverse(BOARD)}?{second.more}").context["columns"][0]
        assert (len(third.cards), third.more) == (60, "")

    @pytest.mark.parametrize("query", ["", "q=lea&assignee=none"])
    def test_costs_the_same_with_more_cards(self, client, staff, django_assert_max_num_queries, query):
        stages = make_stages()
        url = f"{reverse(BOARD)}?{query}"
        ProspectFactory.create_batch(3, stage=stages["contacte"], assignee=None if query else staff)
        with django_assert_max_num_queries(30) as few:
            client.get(url)
        for stage in stages.values():
            ProspectFactory.create_batch(30, stage=stage, assignee=staff if not query else None)
        with django_assert_max_num_queries(30) as many:
            client.get(url)
        assert len(many) == len(few)


class TestFollowing:
    def test_nothing_is_sent_while_nothing_changed(self, client, staff, django_assert_max_num_queries):
        card = ProspectFactory()
        url = f"{reverse(BOARD)}?part=columns"
        first = client.get(url)
        assert "<html" not in first.content.decode()
        with django_assert_max_num_queries(8):
            again = client.get(url, headers={"If-None-Match": first["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
        move_prospect(prospect_id=card.pk, version=1, stage_code="gagne", by=Author(name="Sacha"), now=timezone.now())
        assert client.get(url, headers={"If-None-Match": first["ETag"]}).status_code == 200

    def test_a_changed_column_is_a_change(self, client, staff):
        url = f"{reverse(BOARD)}?part=columns"
        first = client.get(url)
        Stage.objects.filter(code="contacte").update(wip_limit=3)
        assert client.get(url, headers={"If-None-Match": first["ETag"]}).status_code == 200


class TestMoves:
    def test_by_a_plain_form_and_back_to_where_one_was(self, client, staff):
        card = ProspectFactory()
        board = client.get(f"{reverse(BOARD)}?q=petit")
        url = f"{reverse('backoffice:board_move', args=[card.public_id])}?back=/admin/board/%3Fq%3Dpetit"
        assert url in board.content.decode()
        assert client.get(url).status_code == 200
        answer = client.post(url, {"version": 1, "stage": "contacte", "place": "bottom"})
        assert answer.url == f"{reverse(BOARD)}?q=petit"
        card.refresh_from_db()
        assert (card.stage.code, card.version) == ("contacte", 2)
        assert card.events.get().by == staff

    @pytest.mark.parametrize("back", ["https://ailleurs.example/", "//ailleurs.example", "/admin/", "javascript:x"])
    def test_back_leads_nowhere_else(self, client, staff, back):
        card = ProspectFactory()
        answer = client.post(
            f"{reverse('backoffice:board_move', args=[card.public_id])}?back={back}",
            {"version": 1, "stage": "contacte", "place": "top"},
        )
        assert answer.url == reverse(BOARD)

    @pytest.mark.parametrize(("place", "expected"), [("top", "cab"), ("bottom", "abc"), ("up", "acb"), ("down", "abc")])
    def test_to_a_place_in_its_own_column(self, client, staff, place, expected):
        cards = {name: ProspectFactory(first_name=name, rank=rank * 10**9) for rank, name in enumerate("abc")}
        press(client, cards["c"], stage="nouveau", place=place)
        assert "".join(Prospect.objects.order_by("rank").values_list("first_name", flat=True)) == expected

    def test_a_stale_form_is_refused_names_who_moved_and_goes_on_from_the_fresh_card(self, client, staff):
        card = ProspectFactory(first_name="Ada", last_name="Ferme")
        sacha = StaffFactory(first_name="Sacha", last_name="Petit")
        move_prospect(prospect_id=card.pk, version=1, stage_code="qualifie", by=Author(user=sacha), now=timezone.now())
        answer = press(client, card)
        assert answer.status_code == 422
        page = answer.content.decode()
        assert "Sacha Petit a déplacé Ada Ferme dans" in page
        assert 'name="version" value="2"' in page
        assert Prospect.objects.get().version == 2

    def test_a_script_is_told_who_moved_and_where_the_card_is(self, client, staff):
        card = ProspectFactory()
        sacha = StaffFactory(first_name="Sacha", last_name="Petit")
        move_prospect(prospect_id=card.pk, version=1, stage_code="qualifie", by=Author(user=sacha), now=timezone.now())
        answer = send_script(client, card)
        assert answer.status_code == 409
        body = answer.json()
        assert (body["code"], body["stage"], body["version"]) == ("stale_version", "qualifie", 2)
        assert body["detail"].startswith("Sacha Petit a déplacé")

    def test_a_repeat_whose_answer_was_lost_is_no_refusal(self, client, staff):
        card = ProspectFactory()
        assert send_script(client, card).json()["version"] == 2
        again = send_script(client, card)
        assert (again.status_code, again.json()["version"]) == (200, 2)
        assert card.events.count() == 1

    def test_a_card_that_is_gone_is_said_to_be(self, client, staff):
        card = ProspectFactory(deleted_at=timezone.now())
        answer = send_script(client, card)
        assert (answer.status_code, answer.json()["code"]) == (404, "gone")

    def test_a_reason_is_asked_where_the_column_wants_one(self, client, staff):
        card = ProspectFactory()
        assert press(client, card, stage="perdu").status_code == 422
        assert send_script(client, card, stage="perdu").json()["code"] == "reason_required"
        assert press(client, card, stage="perdu", reason="Trop cher").status_code == 302
        assert card.events.get().reason == "Trop cher"

    def test_a_full_column_asks_for_a_confirmation(self, client, staff):
        stage = make_stages()["contacte"]
        Stage.objects.filter(pk=stage.pk).update(wip_limit=1)
        ProspectFactory(stage=stage)
        card = ProspectFactory()
        assert press(client, card).status_code == 422
        assert send_script(client, card).json()["code"] == "stage_full"
        assert send_script(client, card, confirmed="on").status_code == 200
        column = next(each for each in client.get(reverse(BOARD)).context["columns"] if each.stage.code == "contacte")
        assert column.is_over

    @pytest.mark.parametrize("data", [{"version": "x"}, {"version": 10**30}, {"stage": "lune"}, {"after": "x"}])
    def test_nonsense_is_refused(self, client, staff, data):
        card = ProspectFactory()
        assert send_script(client, card, **data).status_code == 400
        assert press(client, card, **data).status_code == 422
        assert Prospect.objects.get().version == 1


class TestSavedViews:
    def save(self, client, **data):
        return client.post(reverse("backoffice:board_save_view"), data)

    def test_keeps_filters_and_replaces_them_under_the_same_name(self, client, staff):
        answer = self.save(client, name="Les miens", address="assignee=me&truc=1")
        assert answer.url == f"{reverse(BOARD)}?assignee=me"
        self.save(client, name="Les miens", address="cold=1", is_shared="on")
        view = SavedView.objects.get()
        assert (view.owner, view.query, view.is_shared) == (staff, "cold=1", True)
        assert "Les miens" in client.get(reverse(BOARD)).content.decode()

    def test_a_colleague_sees_what_is_shared_and_deletes_nothing(self, client, staff):
        colleague = StaffFactory()
        shared = SavedView.objects.create(owner=colleague, name="Partagée", is_shared=True)
        SavedView.objects.create(owner=colleague, name="Secrète")
        page = client.get(reverse(BOARD)).content.decode()
        assert "Partagée" in page
        assert "Secrète" not in page
        assert client.post(reverse("backoffice:board_delete_view", args=[shared.pk])).status_code == 404

    def test_deletes_ones_own(self, client, staff):
        view = SavedView.objects.create(owner=staff, name="Ancienne")
        client.post(reverse("backoffice:board_delete_view", args=[view.pk]))
        assert not SavedView.objects.exists()

    @pytest.mark.parametrize("data", [{}, {"name": "x" * 61}])
    def test_nonsense_is_refused(self, client, staff, data):
        self.save(client, **data)
        assert not SavedView.objects.exists()
