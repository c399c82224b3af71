import json
from uuid import uuid4

import pytest
import time_machine

from apps.accounts.tests.factories import StaffFactory, UserFactory
from apps.api.models import Scope
from apps.api.tests.caller import Caller, logged_in, with_key
from apps.common.captcha.altcha import Challenge, solve
from apps.prospects.models import Prospect, ProspectEvent
from apps.prospects.tests.factories import ProspectFactory, make_stages

pytestmark = pytest.mark.django_db
LEA = {"firstName": "Léa", "lastName": "Petit", "email": "Lea@Exemple.fr", "captchaToken": "test-yes-1"}


@pytest.fixture(autouse=True)
def stages():
    return make_stages()


@pytest.fixture
def team() -> Caller:
    return logged_in(StaffFactory(is_superuser=True))


class TestLeavingOnesName:
    def test_is_kept_and_answered(self):
        response = Caller()("post", "prospects", {**LEA, "consent": True, "phone": "06 12 34 56 78"})
        assert response.status_code == 201
        body = response.json()
        assert set(body) == {*("id", "firstName", "lastName", "email", "status", "timestamp", "createdAt", "updatedAt")}
        assert (body["status"], body["createdAt"]) == ("nouveau", body["timestamp"])
        prospect = Prospect.objects.get()
        assert prospect.verified
        assert prospect.stage.code == "nouveau"
        assert prospect.phone_key == "33612345678"
        assert (prospect.consent_version, prospect.consent_address) == ("2026-11", "127.0.0.1")
        assert prospect.events.get().kind == ProspectEvent.Kind.CREATED

    def test_answers_a_known_and_an_unknown_address_alike(self):
        ProspectFactory(email="lea@exemple.fr")
        of_existing = Caller()("post", "prospects", LEA)
        of_unknown = Caller()("post", "prospects", {**LEA, "email": "autre@exemple.fr", "captchaToken": "test-yes-2"})
        assert of_existing.status_code == of_unknown.status_code == 201
        assert set(of_existing.json()) == set(of_unknown.json())

    def test_a_repeat_gets_the_first_answer_and_needs_no_new_captcha(self):
        first = Caller()("post", "prospects", LEA, idempotency_key="abc")
        again = Caller()("post", "prospects", LEA, idempotency_key="abc")
        assert again.status_code == 201
        assert again.content == first.content
        assert Prospect.objects.count() == 1

    def test_a_key_used_for_something_else_is_refused(self):
        Caller()("post", "prospects", LEA, idempotency_key="abc")
        other = Caller()("post", "prospects", {**LEA, "lastName": "Grand"}, idempotency_key="abc")
        assert other.status_code == 422
        assert other.json()["code"] == "idempotency_key_reused"

    @pytest.mark.parametrize("field", ["status", "id", "version", "verified", "stage_id", "first_name"])
    def test_refuses_fields_that_are_not_the_visitors(self, field: str):
        response = Caller()("post", "prospects", {**LEA, field: "1"})
        assert response.status_code == 400
        assert list(response.json()["fields"]) == [field]
        assert not Prospect.objects.exists()

    def test_names_what_is_missing(self):
        response = Caller()("post", "prospects", {"firstName": "Léa"})
        assert response.status_code == 400
        assert response.json()["code"] == "invalid"
        assert set(response.json()["fields"]) == {"lastName", "email"}

    def test_text_is_as_long_as_the_schema_counts_it(self):
        assert Caller()("post", "prospects", {**LEA, "lastName": " " + "x" * 80}).json()["fields"]["lastName"]
        assert Caller()("post", "prospects", {**LEA, "lastName": " " + "x" * 79}).status_code == 201

    def test_a_body_too_large_is_refused(self):
        response = Caller()("post", "prospects", {**LEA, "message": "x" * 70_000})
        assert response.status_code == 413
        assert response.json()["code"] == "too_large"

    @pytest.mark.parametrize("raw", ["[]", "{", '{"email": NaN}', '{"a": 1, "a": 2}', '"\\ud800"', "[" * 9000])
    def test_what_is_no_json_object_is_refused(self, raw: str):
        caller = Caller()
        response = caller.client.post("/api/prospects", data=raw, content_type="application/json")
        assert response.status_code == 400
        assert response.json()["code"] == "unreadable"

    def test_other_kinds_of_bodies_are_refused(self):
        response = Caller().client.post("/api/prospects", data=LEA)
        assert response.status_code == 415

    def test_emoji_and_right_to_left_text_survive(self):
        Caller()("post", "prospects", {**LEA, "message": "שלום 👩‍🌾 <script>alert(1)</script>"})
        assert Prospect.objects.get().message == "שלום 👩‍🌾 <script>alert(1)</script>"


class TestCaptcha:
    def test_a_bad_token_is_refused(self):
        response = Caller()("post", "prospects", {**LEA, "captchaToken": "test-no-1"})
        assert response.status_code == 400
        assert response.json()["code"] == "captcha_refused"

    def test_a_token_is_good_once(self):
        Caller()("post", "prospects", LEA)
        assert Caller()("post", "prospects", LEA).json()["code"] == "captcha_refused"

    def test_without_one_it_is_kept_unverified(self):
        response = Caller()("post", "prospects", {**LEA, "captchaToken": ""})
        assert response.status_code == 201
        assert not Prospect.objects.get().verified

    def test_a_provider_that_is_down_loses_nobody(self):
        assert Caller()("post", "prospects", {**LEA, "captchaToken": "test-down-1"}).status_code == 201
        assert not Prospect.objects.get().verified

    def test_unverified_ones_are_throttled_harder(self):
        without = {name: value for name, value in LEA.items() if name != "captchaToken"}
        answers = [Caller()("post", "prospects", without) for _ in range(6)]
        assert [answer.status_code for answer in answers] == [201] * 5 + [429]
        assert int(answers[-1]["Retry-After"]) > 3000
        assert Caller()("post", "prospects", LEA).status_code == 201

    def test_the_old_order_of_calls_works_once_within_ten_minutes(self):
        without = {name: value for name, value in LEA.items() if name != "captchaToken"}
        verified = Caller()("post", "verify-recaptcha", {"token": "test-yes-9"})
        assert verified.json() == {"success": True, "score": 0.9}
        for _ in range(2):
            Caller()("post", "prospects", without)
        assert list(Prospect.objects.order_by("pk").values_list("verified", flat=True)) == [True, False]

    def test_the_old_order_of_calls_ends_after_ten_minutes_and_with_the_client(self):
        without = {name: value for name, value in LEA.items() if name != "captchaToken"}
        with time_machine.travel("2026-11-20T12:00:00Z", tick=False) as clock:
            Caller()("post", "verify-recaptcha", {"token": "test-yes-9"})
            Caller(user_agent="another")("post", "prospects", without)
            clock.shift(601)
            Caller()("post", "prospects", without)
        assert not Prospect.objects.filter(verified=True).exists()

    def test_our_own_proof_of_work_is_accepted_once(self):
        challenge = Challenge(**Caller()("get", "captcha/challenge").json())
        token = solve(challenge)
        assert Caller()("post", "verify-recaptcha", {"token": token}).json() == {"success": True}
        assert Caller()("post", "verify-recaptcha", {"token": token}).json() == {"success": False}

    def test_our_own_proof_of_work_ends(self):
        with time_machine.travel("2026-11-20T12:00:00Z", tick=False) as clock:
            token = solve(Challenge(**Caller()("get", "captcha/challenge").json()))
            clock.shift(700)
            assert Caller()("post", "verify-recaptcha", {"token": token}).json() == {"success": False}

    def test_a_challenge_of_somebody_elses_is_no_proof(self):
        given = Caller()("get", "captcha/challenge").json()
        token = solve(Challenge(**{**given, "signature": "0" * 64}))
        assert Caller()("post", "verify-recaptcha", {"token": token}).json() == {"success": False}

    def test_a_broken_provider_is_told(self):
        response = Caller()("post", "verify-recaptcha", {"token": "test-down-1"})
        assert response.status_code == 503
        assert response.json()["code"] == "captcha_unavailable"


class TestWhoMayRead:
    PATHS = ("prospects", "prospects/board", f"prospects/{uuid4()}")

    @pytest.mark.parametrize("path", PATHS)
    def test_strangers_may_not(self, path: str):
        assert Caller()("get", path).status_code == 401

    @pytest.mark.parametrize("path", PATHS)
    def test_customers_and_staff_without_the_right_may_not(self, path: str):
        assert logged_in(UserFactory())("get", path).status_code == 403
        assert logged_in(StaffFactory())("get", path).status_code == 403

    def test_a_key_may_what_its_scopes_say(self):
        prospect = ProspectFactory()
        reader = with_key(Scope.PROSPECTS_READ)
        assert reader("get", "prospects").status_code == 200
        assert reader("delete", f"prospects/{prospect.public_id}").status_code == 403
        assert with_key(Scope.COMMENTS_WRITE)("get", "prospects").status_code == 403


class TestList:
    def test_filters(self, team: Caller, stages):
        lea = ProspectFactory(email="lea@exemple.fr", company="Ferme du Lac")
        paul = ProspectFactory(email="paul@autre.fr", stage=stages["perdu"])

        def found(query: str) -> set[str]:
            return {card["id"] for card in team("get", f"prospects?{query}").json()["results"]}

        assert found("") == {str(lea.public_id), str(paul.public_id)}
        assert found("status=perdu") == {str(paul.public_id)}
        assert found("status=rien") == set()
        assert found("email=LEA@exemple.fr") == {str(lea.public_id)}
        assert found("email=lea*") == found("email=lea") == found("q=ferme") == {str(lea.public_id)}
        assert found("email=lea@exemple.f") == set()
        assert found("assignee=999") == set()

    def test_goes_on_where_it_ended(self, team: Caller):
        ProspectFactory.create_batch(5)
        seen, cursor = [], ""
        while cursor is not None:
            page = team("get", f"prospects?limit=2{cursor and f'&cursor={cursor}'}").json()
            seen += [card["id"] for card in page["results"]]
            cursor = page["nextCursor"]
        newest = Prospect.objects.order_by("-created_at", "-pk").values_list("public_id", flat=True)
        assert seen == [str(each) for each in newest]

    @pytest.mark.parametrize(
        "query", ["cursor=x", "cursor=LTEuMQ", "limit=0", "limit=1000", "colour=red", "assignee=x"]
    )
    def test_refuses_what_it_does_not_understand(self, team: Caller, query: str):
        response = team("get", f"prospects?{query}")
        assert response.status_code == 400
        assert response.json()["fields"]

    @pytest.mark.parametrize("path", ["prospects?limit=100", "prospects/board"])
    def test_asks_as_much_for_thirty_as_for_three(self, team: Caller, path: str, django_assert_num_queries):
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        ProspectFactory.create_batch(3, assignee=StaffFactory())
        team("get", path)
        with CaptureQueriesContext(connection) as few:
            team("get", path)
        for _ in range(27):
            ProspectFactory(assignee=StaffFactory())
        with django_assert_num_queries(len(few)):
            assert team("get", path).status_code == 200


class TestCard:
    def test_shows_history_and_duplicates(self, team: Caller):
        prospect = ProspectFactory(email="lea@exemple.fr", phone="0612345678")
        twin = ProspectFactory(email="lea+foire@exemple.fr")
        other = ProspectFactory(phone="+33 6 12 34 56 78")
        body = team("get", f"prospects/{prospect.public_id}").json()
        assert body["duplicates"] == [str(twin.public_id), str(other.public_id)]
        assert body["history"] == []

    def test_changes_and_tells_who_changed_what(self, team: Caller):
        prospect = ProspectFactory(company="")
        path = f"prospects/{prospect.public_id}"
        response = team("patch", path, {"version": 1, "company": "Ferme", "email": "NEUF@exemple.fr"})
        assert response.status_code == 200
        assert response.json()["version"] == 2
        (event,) = team("get", path).json()["history"]
        assert event["kind"] == "CHANGED"
        assert event["changes"]["company"] == ["", "Ferme"]
        prospect.refresh_from_db()
        assert prospect.email == prospect.email_key == "neuf@exemple.fr"

    def test_a_stale_change_is_refused_with_the_fresh_card(self, team: Caller):
        prospect = ProspectFactory(company="")
        path = f"prospects/{prospect.public_id}"
        team("patch", path, {"version": 1, "company": "Première"})
        response = team("patch", path, {"version": 1, "company": "Seconde"})
        assert response.status_code == 409
        assert response.json()["code"] == "stale_version"
        assert response.json()["current"]["company"] == "Première"
        assert response.json()["current"]["version"] == 2

    @pytest.mark.parametrize("body", [{"version": 1, "verified": True}, {"version": 1, "utm": "x"}])
    def test_refuses_other_fields_where_a_version_is_given(self, team: Caller, body: dict):
        response = team("patch", f"prospects/{ProspectFactory().public_id}", body)
        assert response.status_code == 400
        assert list(response.json()["fields"]) == list(body)[1:]

    def test_goes_to_colleagues_alone(self, team: Caller):
        prospect, colleague, customer = ProspectFactory(), StaffFactory(), UserFactory()
        path = f"prospects/{prospect.public_id}"
        assert team("patch", path, {"version": 1, "assigneeId": customer.pk}).status_code == 400
        assert team("patch", path, {"version": 1, "assigneeId": colleague.pk}).json()["assignee"] == colleague.email

    def test_is_deleted_softly_and_restored_within_thirty_days(self, team: Caller):
        prospect = ProspectFactory()
        path = f"prospects/{prospect.public_id}"
        with time_machine.travel("2026-11-20T12:00:00Z", tick=False) as clock:
            assert team("delete", path).status_code == 204
            assert team("delete", path).status_code == 404
            assert team("get", path).status_code == 404
            assert team("get", "prospects").json()["results"] == []
            assert team("post", f"{path}/restore").status_code == 200
            assert team("get", path).status_code == 200
            team("delete", path)
            clock.shift(31 * 86400)
            team = logged_in(StaffFactory(is_superuser=True))
            assert team("post", f"{path}/restore").json()["code"] == "too_late"

    def test_an_unknown_card_is_not_there(self, team: Caller):
        assert team("patch", f"prospects/{uuid4()}", {"version": 1}).status_code == 404
        assert team("post", f"prospects/{uuid4()}/move", {"version": 1, "status": "gagne"}).status_code == 404


class TestBoard:
    def test_has_every_column_with_count_and_first_cards(self, team: Caller):
        ProspectFactory.create_batch(27)
        columns = team("get", "prospects/board").json()["columns"]
        assert [column["status"] for column in columns] == [
            *("nouveau", "contacte", "qualifie", "proposition", "gagne", "perdu")
        ]
        assert columns[0]["count"] == 27
        assert len(columns[0]["cards"]) == 25
        last = columns[0]["cards"][-1]["id"]
        (rest,) = team("get", f"prospects/board?status=nouveau&afterId={last}").json()["columns"]
        assert (len(rest["cards"]), rest["more"]) == (2, False)

    def test_a_card_lands_between_its_neighbours(self, team: Caller, stages):
        top, bottom = ProspectFactory.create_batch(2, stage=stages["contacte"])
        prospect = ProspectFactory()
        response = team(
            "post",
            f"prospects/{prospect.public_id}/move",
            {"version": 1, "status": "contacte", "afterId": str(top.public_id), "beforeId": str(bottom.public_id)},
        )
        assert response.status_code == 200
        assert response.json()["version"] == 2
        column = Prospect.objects.filter(stage=stages["contacte"]).order_by("rank")
        assert list(column) == [top, prospect, bottom]
        event = prospect.events.get()
        assert (event.from_stage.code, event.to_stage.code) == ("nouveau", "contacte")

    def test_a_stale_move_is_refused_and_nothing_moved(self, team: Caller):
        prospect = ProspectFactory()
        path = f"prospects/{prospect.public_id}/move"
        team("post", path, {"version": 1, "status": "contacte"})
        response = team("post", path, {"version": 1, "status": "gagne"})
        assert response.status_code == 409
        assert response.json()["current"]["status"] == "contacte"
        assert prospect.events.count() == 1

    def test_some_columns_ask_why(self, team: Caller):
        path = f"prospects/{ProspectFactory().public_id}/move"
        assert team("post", path, {"version": 1, "status": "perdu"}).json()["code"] == "reason_required"
        assert team("post", path, {"version": 1, "status": "perdu", "reason": "Trop cher"}).status_code == 200

    def test_an_unknown_column_is_refused(self, team: Caller):
        response = team("post", f"prospects/{ProspectFactory().public_id}/move", {"version": 1, "status": "ailleurs"})
        assert (response.status_code, response.json()["code"]) == (400, "unknown_stage")


def test_the_schema_describes_the_contract():
    schema = Caller()("get", "schema").json()
    assert {"/api/prospects", "/api/prospects/board", "/api/prospects/{id}/move"} <= set(schema["paths"])
    received = schema["components"]["schemas"]["ProspectOutput"]
    assert "firstName" in json.dumps(received)
