"""Clients of the two services that used to run on their own, by their contracts (docs/api-for-old-clients.md)."""

from typing import Any

import pytest

from apps.accounts.tests.factories import StaffFactory
from apps.api.models import Scope
from apps.api.tests.caller import Caller, logged_in, with_key
from apps.comments.models import MAX_SECTION, Comment
from apps.prospects.models import Prospect, ProspectEvent
from apps.prospects.tests.factories import ProspectFactory, make_stages

pytestmark = pytest.mark.django_db
FORM = {
    "firstName": "Léa",
    "lastName": "Petit",
    "email": "lea@exemple.fr",
    "phone": None,
    "company": None,
    "message": None,
    "source": "landing",
    "consent": None,
    "captchaToken": None,
    "newsletter": True,
    "utm_campaign": "printemps",
}
Kind = ProspectEvent.Kind


@pytest.fixture(autouse=True)
def stages():
    return make_stages()


@pytest.fixture
def team() -> Caller:
    return logged_in(StaffFactory(is_superuser=True))


def patch(team: Caller, card: Prospect, **body: Any) -> Any:
    return team("patch", f"prospects/{card.public_id}", body)


class TestTheForm:
    def test_is_taken_with_fields_of_its_own_and_null_for_what_is_empty(self):
        response = Caller()("post", "prospects", FORM)
        assert response.status_code == 201
        assert response["X-Ignored-Fields"] == "newsletter, utm_campaign"
        body = response.json()
        assert {"id", "status", "createdAt", "updatedAt", "timestamp"} <= set(body)
        assert body["status"] == "nouveau"
        card = Prospect.objects.get()
        assert (card.phone, card.company, card.message, card.source, card.consent_at) == ("", "", "", "landing", None)

    def test_says_nothing_of_ignored_fields_where_there_are_none(self):
        accepted = {name: value for name, value in FORM.items() if name not in ("newsletter", "utm_campaign")}
        assert "X-Ignored-Fields" not in Caller()("post", "prospects", accepted)

    @pytest.mark.parametrize("field", ["firstName", "lastName", "email"])
    def test_null_is_nothing_where_something_must_be(self, field: str):
        response = Caller()("post", "prospects", {**FORM, field: None})
        assert (response.status_code, list(response.json()["fields"])) == (400, [field])


class TestTheBoard:
    def test_moves_a_card_by_its_status_alone(self, team: Caller):
        card, other = ProspectFactory(), ProspectFactory()
        response = patch(team, card, status="contacte")
        assert response.status_code == 200
        assert response.json()["status"] == "contacte"
        assert response["X-Last-Write-Wins"] == "true"
        event = card.events.get()
        assert (event.kind, event.from_stage.code, event.to_stage.code) == (Kind.MOVED, "nouveau", "contacte")
        assert patch(team, other, status="contacte").status_code == 200
        board = team("get", "prospects/board?status=contacte").json()["columns"][0]["cards"]
        assert [each["id"] for each in board] == [str(other.public_id), str(card.public_id)]

    def test_knows_a_status_as_people_write_it(self, team: Caller, stages):
        card = ProspectFactory()
        assert patch(team, card, status="Contacté").json()["status"] == "contacte"
        found = team("get", "prospects?status=CONTACTÉ").json()["results"]
        assert [each["id"] for each in found] == [str(card.public_id)]

    def test_finds_a_column_whose_code_has_capitals(self, team: Caller, stages):
        stages["contacte"].code = "VIP"
        stages["contacte"].save()
        card = ProspectFactory()
        assert patch(team, card, status="VIP").json()["status"] == "VIP"
        assert len(team("get", "prospects?status=VIP").json()["results"]) == 1

    def test_the_status_that_a_card_has_already_is_no_move(self, team: Caller):
        card = ProspectFactory()
        response = patch(team, card, status="nouveau")
        assert (response.status_code, response.json()["version"]) == (200, 1)
        assert not card.events.exists()

    def test_is_asked_for_a_reason_where_the_column_asks_one(self, team: Caller):
        card = ProspectFactory()
        refused = patch(team, card, status="perdu", company="Ferme")
        assert (refused.status_code, refused.json()["code"]) == (400, "reason_required")
        card.refresh_from_db()
        assert (card.company, card.version) == ("", 1)
        assert patch(team, card, status="perdu", reason="Trop cher").status_code == 200
        assert card.events.get().reason == "Trop cher"

    def test_an_unknown_status_is_refused_and_nothing_changes(self, team: Caller):
        card = ProspectFactory()
        refused = patch(team, card, status="ailleurs", company="Ferme")
        assert (refused.status_code, refused.json()["code"]) == (400, "unknown_stage")
        card.refresh_from_db()
        assert card.company == ""

    def test_a_status_and_fields_are_one_change(self, team: Caller):
        card = ProspectFactory()
        body = patch(team, card, status="contacte", company="Ferme").json()
        assert (body["status"], body["company"], body["version"]) == ("contacte", "Ferme", 2)
        assert [event.kind for event in card.events.all()] == [Kind.CHANGED, Kind.MOVED]

    def test_a_stale_version_still_refuses_a_status(self, team: Caller):
        card = ProspectFactory()
        patch(team, card, status="contacte")
        refused = patch(team, card, version=1, status="gagne")
        assert (refused.status_code, refused.json()["code"]) == (409, "stale_version")
        assert "X-Last-Write-Wins" not in patch(team, card, version=2, status="gagne")


class TestTheOlderNameOfAStage:
    """`status` stays beside `stage`, in what is asked and in what is answered."""

    @pytest.mark.parametrize("name", ["stage", "status"])
    def test_a_whole_card_is_sent_back_with_either_changed(self, team: Caller, name: str):
        card = ProspectFactory()
        whole = team("get", f"prospects/{card.public_id}").json()
        del whole["version"]
        answer = patch(team, card, **{**whole, name: "contacte"})
        assert (answer.status_code, answer.json()["stage"], answer.json()["status"]) == (200, "contacte", "contacte")

    def test_two_columns_that_are_both_new_are_refused(self, team: Caller):
        card = ProspectFactory()
        refused = patch(team, card, stage="contacte", status="gagne", company="Ferme")
        assert (refused.status_code, list(refused.json()["fields"])) == (400, ["status"])
        card.refresh_from_db()
        assert (card.stage.code, card.company) == ("nouveau", "")

    @pytest.mark.parametrize("name", ["stage", "status"])
    def test_names_the_column_of_a_move_a_list_and_the_board(self, team: Caller, name: str):
        card = ProspectFactory()
        moved = team("post", f"prospects/{card.public_id}/move", {"version": 1, name: "contacte"})
        assert (moved.status_code, moved.json()[name]) == (200, "contacte")
        assert len(team("get", f"prospects?{name}=contacte").json()["results"]) == 1
        (column,) = team("get", f"prospects/board?{name}=contacte").json()["columns"]
        assert (column[name], column["count"]) == ("contacte", 1)
        (event,) = team("get", f"prospects/{card.public_id}").json()["history"]
        assert (event[f"from{name.title()}"], event[f"to{name.title()}"]) == ("nouveau", "contacte")

    def test_a_move_names_a_column(self, team: Caller):
        refused = team("post", f"prospects/{ProspectFactory().public_id}/move", {"version": 1})
        assert (refused.status_code, list(refused.json()["fields"])) == (400, ["stage"])


class TestAVerification:
    def test_ignores_what_it_does_not_know_as_forms_do(self):
        answer = Caller()("post", "verify-recaptcha", {"token": "test-yes-1", "action": "submit"})
        assert (answer.status_code, answer.json()["success"]) == (200, True)
        assert answer["X-Ignored-Fields"] == "action"
        nameless = Caller()("post", "verify-recaptcha", {"response": "test-yes-2"})
        assert (nameless.status_code, list(nameless.json()["fields"])) == (400, ["token"])


class TestWhatIsNoJson:
    @pytest.mark.parametrize("kind", ["", "text/plain;charset=UTF-8", "application/x-www-form-urlencoded"])
    def test_is_refused_by_its_type(self, kind: str):
        answer = Caller().client.generic("POST", "/api/prospects", '{"firstName": "Léa"}', content_type=kind)
        assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")

    @pytest.mark.parametrize("path", ["prospects/", "commentaires/", "Prospects"])
    def test_another_address_is_none(self, path: str):
        assert Caller()("post", path, {}).json()["code"] == "not_found"

    def test_a_parameter_that_no_list_knows_is_refused_by_name(self, team: Caller):
        for path in ("prospects?_=1732700000", "commentaires?sectionId=a&_=1732700000"):
            answer = team("get", path)
            assert (answer.status_code, list(answer.json()["fields"])) == (400, ["_"])


class TestAChangeWithoutAVersion:
    def test_is_the_last_write_and_says_so(self, team: Caller):
        card = ProspectFactory()
        patch(team, card, firstName="Anna")
        response = patch(team, card, firstName="Zoé")
        assert (response.status_code, response.json()["firstName"]) == (200, "Zoé")
        assert response["X-Last-Write-Wins"] == "true"
        assert [event.changes["first_name"][1] for event in card.events.all()] == ["Anna", "Zoé"]

    def test_may_bring_the_whole_card_back(self, team: Caller):
        card = ProspectFactory(phone="0612345678")
        whole = team("get", f"prospects/{card.public_id}").json()
        del whole["version"]
        response = patch(team, card, **{**whole, "firstName": "Zoé", "phone": None, "verified": True})
        assert response.status_code == 200
        assert {"id", "verified", "createdAt", "history"} <= set(response["X-Ignored-Fields"].split(", "))
        before = card.verified
        card.refresh_from_db()
        assert (card.first_name, card.phone, card.verified, card.version) == ("Zoé", "", before, 2)

    def test_of_a_deleted_card_finds_none(self, team: Caller):
        card = ProspectFactory()
        team("delete", f"prospects/{card.public_id}")
        assert patch(team, card, status="contacte").status_code == 404

    def test_needs_the_right_as_any_other(self):
        card = ProspectFactory()
        assert patch(Caller(), card, status="contacte").status_code == 401
        assert patch(with_key(Scope.PROSPECTS_READ), card, status="contacte").status_code == 403
        assert patch(with_key(Scope.PROSPECTS_WRITE), card, status="contacte").status_code == 200


class TestReadingAll:
    def test_goes_on_by_the_cursor_until_there_is_none(self, team: Caller):
        ProspectFactory.create_batch(27)
        seen, cursor = [], ""
        while cursor is not None:
            page = team("get", f"prospects?status=nouveau&limit=10{cursor and f'&cursor={cursor}'}").json()
            seen += page["results"]
            cursor = page["nextCursor"]
        assert len({card["id"] for card in seen}) == 27


class TestSections:
    NAMES = (
        "article?id=12&page=2",
        "https://blog.example/a b/?q=l’été#fin",
        "Développement durable",
        " avec des bords ",
        " ",
        "日本語/🍯",
        "100 % <b>",
        "a" * 121,
        "é" * MAX_SECTION,
    )

    @pytest.mark.parametrize("section", NAMES)
    def test_are_whatever_a_site_calls_them(self, section: str):
        comment = {"sectionId": section, "author": "Léa", "text": "Bien", "captchaToken": "test-yes-1", "website": ""}
        written = Caller()("post", "commentaires", comment)
        assert (written.status_code, written.json()["sectionId"]) == (201, section)
        assert written["X-Ignored-Fields"] == "website"
        assert Comment.objects.get().section_id == section
        for path in ("/api/commentaires", "/api/commentaires/fils"):
            found = Caller().client.get(path, {"sectionId": section}).json()["results"]
            assert [each["id"] for each in found] == [written.json()["id"]]
            assert (
                Caller().client.get(path, {"sectionId": section + "x" if len(section) < 500 else "x"}).json()["results"]
                == []
            )

    @pytest.mark.parametrize("section", ["", "a\nb", "a\x7f", "x" * (MAX_SECTION + 1), 12, None, ["a"]])
    def test_that_are_no_text_are_refused_by_name(self, section: Any):
        comment = {"sectionId": section, "author": "Léa", "text": "Bien"}
        response = Caller()("post", "commentaires", comment)
        assert (response.status_code, list(response.json()["fields"])) == (400, ["sectionId"])

    def test_differ_by_every_character(self):
        names = ("a", "A", "á", "a ", " a", "ａ")
        for number, section in enumerate(names):
            comment = {"sectionId": section, "author": "Léa", "text": section, "captchaToken": f"test-yes-{number}"}
            assert Caller()("post", "commentaires", comment).status_code == 201
        stored = Comment.objects.order_by("pk").values_list("section_id", flat=True)
        assert tuple(stored) == names
