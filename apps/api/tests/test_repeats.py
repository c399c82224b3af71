"""A request sent again with its `Idempotency-Key` gets the first answer, byte for byte, whatever has become since."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone

from apps.accounts.tests.factories import StaffFactory
from apps.api import idempotency
from apps.api.errors import Refused
from apps.api.idempotency import Attempt
from apps.api.models import Scope, StoredResponse
from apps.api.retention import purge_answers
from apps.api.tests.caller import Caller, logged_in, with_key
from apps.checkout.personal_data import erase_person
from apps.comments import services as comments
from apps.comments.models import Comment
from apps.comments.services import reject
from apps.common.models import UsedToken
from apps.common.tests.races import race
from apps.prospects import services as prospects
from apps.prospects.models import Prospect
from apps.prospects.tests.factories import ProspectFactory, make_stages

pytestmark = pytest.mark.django_db
NOW = "2026-11-27T12:00:00Z"
LEA = {"firstName": "Léa", "lastName": "Petit", "email": "Lea@Exemple.fr", "captchaToken": "test-yes-1"}
NOTE = {"sectionId": "produit-tasse", "author": "Léa", "text": " Très belle tasse. ", "captchaToken": "test-yes-1"}
BOTH = pytest.mark.parametrize(("path", "body"), [("prospects", LEA), ("commentaires", NOTE)])


@pytest.fixture(autouse=True)
def _stages() -> None:
    make_stages()


def send(path: str, body: dict, key: str = "k", **headers: str) -> Any:
    return Caller()("post", path, body, idempotency_key=key, **headers)


def written() -> int:
    return Prospect.objects.count() + Comment.objects.count()


def same(first: Any, again: Any) -> bool:
    changing = {"Date", "X-Request-ID"}
    headers = [{name: value for name, value in each.items() if name not in changing} for each in (first, again)]
    return (first.status_code, first.content, headers[0]) == (again.status_code, again.content, headers[1])


class TestWhateverHasBecome:
    def test_edited_by_the_team(self):
        first = send("prospects", LEA)
        path = f"prospects/{first.json()['id']}"
        edit = {"version": 1, "firstName": "MENTEUR", "lastName": "note interne", "email": "autre@prive.example"}
        assert logged_in(StaffFactory(is_superuser=True))("patch", path, edit).status_code == 200
        assert same(first, send("prospects", LEA))

    def test_moved_and_deleted_by_the_team(self):
        first, team = send("prospects", LEA), logged_in(StaffFactory(is_superuser=True))
        path = f"prospects/{first.json()['id']}"
        assert team("post", f"{path}/move", {"version": 1, "status": "contacte"}).status_code == 200
        assert team("delete", path).status_code == 204
        assert same(first, send("prospects", LEA))
        assert Prospect.objects.count() == 1

    def test_merged_into_another_card(self):
        other = ProspectFactory(email="lea@exemple.fr")
        first = send("prospects", LEA)
        gone = Prospect.objects.get(public_id=first.json()["id"])
        prospects.merge_prospects(
            survivor_id=other.pk,
            survivor_version=1,
            gone_id=gone.pk,
            gone_version=1,
            taken=(),
            by=prospects.Author(user=StaffFactory()),
            now=timezone.now(),
        )
        assert same(first, send("prospects", LEA))
        assert Prospect.objects.count() == 2

    def test_erased_with_all_of_the_person(self):
        first = send("prospects", LEA)
        erase_person(email="lea@exemple.fr", by=StaffFactory(), now=timezone.now())
        assert same(first, send("prospects", LEA))
        assert not Prospect.objects.exists()

    def test_changed_by_its_author(self):
        first = send("commentaires", NOTE)
        body = first.json()
        change = {"text": "Autre chose"}
        changed = Caller()("patch", f"commentaires/{body['id']}", change, x_edit_token=body["editToken"])
        assert changed.status_code == 200
        assert same(first, send("commentaires", NOTE))

    def test_withdrawn_by_its_author(self):
        first = send("commentaires", NOTE)
        body = first.json()
        gone = Caller()("delete", f"commentaires/{body['id']}", x_edit_token=body["editToken"])
        assert gone.status_code == 204
        assert same(first, send("commentaires", NOTE))
        assert not Comment.objects.exists()

    def test_refused_by_a_moderator(self):
        first = send("commentaires", NOTE)
        reject(comments=[first.json()["id"]], reason="Non", by=StaffFactory(), now=timezone.now())
        assert same(first, send("commentaires", NOTE))

    @BOTH
    def test_asked_in_another_language(self, path: str, body: dict):
        first = send(path, body, accept_language="fr")
        again = send(path, body, accept_language="en")
        assert (first.status_code, first.content) == (again.status_code, again.content)


class TestWhatARepeatCosts:
    @BOTH
    def test_nothing_of_the_captcha_or_the_limits(self, path: str, body: dict):
        answers = [send(path, body) for _time in range(35)]
        assert {(answer.status_code, answer.content) for answer in answers} == {(201, answers[0].content)}
        assert written() == 1
        # All but one of the hour are left.
        assert Caller()("post", path, {**body, "captchaToken": "test-yes-2"}).status_code == 201

    @BOTH
    def test_nothing_of_a_verification(self, path: str, body: dict):
        body = {name: value for name, value in body.items() if name != "captchaToken"}
        Caller()("post", "verify-recaptcha", {"token": "test-yes-3"})
        first = send(path, body)
        assert first.status_code == 201
        assert same(first, send(path, body))


class TestWhoseItIs:
    @BOTH
    def test_another_request_with_the_key_is_refused(self, path: str, body: dict):
        send(path, body)
        other = send(path, {**body, "email": "autre@exemple.fr"})
        assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
        assert written() == 1

    @BOTH
    def test_a_stranger_with_the_key_gets_an_answer_of_their_own(self, path: str, body: dict):
        first = send(path, body)
        stranger = Client(REMOTE_ADDR="203.0.113.9").post(
            f"/api/{path}",
            data={**body, "captchaToken": "test-yes-2"},
            content_type="application/json",
            headers={"idempotency-key": "k"},
        )
        assert stranger.status_code == 201
        assert stranger.json()["id"] != first.json()["id"]

    def test_another_address_has_other_keys(self):
        assert send("prospects", LEA).status_code == 201
        assert send("commentaires", {**NOTE, "captchaToken": "test-yes-2"}).status_code == 201

    def test_a_programs_key_is_its_own(self):
        first = with_key(Scope.PROSPECTS_CREATE)("post", "prospects", LEA, idempotency_key="k")
        second = with_key(Scope.PROSPECTS_CREATE)("post", "prospects", LEA, idempotency_key="k")
        assert first.json()["id"] != second.json()["id"]

    def test_a_key_is_compared_by_every_character_within_it(self):
        first = send("prospects", LEA, "k")
        assert same(first, send("prospects", LEA, " k\t"))
        others = {key: {**LEA, "captchaToken": f"test-yes-{key}"} for key in ("K", "k k", "k-", "x" * 200)}
        ids = {send("prospects", body, key).json()["id"] for key, body in others.items()}
        assert len(ids | {first.json()["id"]}) == 5

    @pytest.mark.parametrize("key", ["", " ", "\t", "x" * 201, "x" * 256, "clé", "a\tb", "a\u200b"])
    def test_what_is_no_key_is_refused(self, key: str):
        assert send("prospects", LEA, key).json()["code"] == "invalid_idempotency_key"
        assert not Prospect.objects.exists()


class TestWhatIsNotStored:
    @BOTH
    def test_a_refusal(self, path: str, body: dict):
        assert send(path, {**body, "captchaToken": "test-no-1"}).json()["code"] == "captcha_refused"
        assert send(path, {**body, "author" if path == "commentaires" else "firstName": ""}).status_code == 400
        assert not StoredResponse.objects.exists()
        assert send(path, body).status_code == 201

    @BOTH
    def test_anything_personal(self, path: str, body: dict):
        send(path, {**body, "email": "lea@exemple.fr"})
        (answer,) = StoredResponse.objects.values()
        text = str(answer).lower()
        assert not [value for value in ("léa", "petit", "lea@exemple.fr", "tasse", "127.0.0") if value in text]

    @BOTH
    def test_anything_after_a_day(self, path: str, body: dict):
        with time_machine.travel(NOW, tick=False) as clock:
            first = send(path, body)
            clock.shift(timedelta(hours=23, minutes=59))
            assert purge_answers(now=timezone.now()) == 0
            assert same(first, send(path, body))
            clock.shift(timedelta(minutes=1))
            again = send(path, {**body, "captchaToken": "test-yes-2"})
            assert again.status_code == 201
            assert again.json()["id"] != first.json()["id"]
            clock.shift(timedelta(hours=24))
            assert purge_answers(now=timezone.now()) == 1
            assert not StoredResponse.objects.exists()


class TestInFlight:
    def dies(self, path: str, body: dict) -> None:
        """As a process that had used up the captcha leaves it: its row is held, nothing is written."""
        send(path, body)
        Prospect.objects.all().delete()
        Comment.objects.all().delete()
        StoredResponse.objects.update(facts=None)

    @BOTH
    def test_is_told_to_come_back(self, path: str, body: dict, monkeypatch):
        monkeypatch.setattr(idempotency, "PAUSES", 1)
        self.dies(path, body)
        answer = send(path, body)
        assert (answer.status_code, answer.json()["code"], answer["Retry-After"]) == (409, "request_in_flight", "1")
        assert written() == 0

    @BOTH
    def test_frees_itself_when_its_process_has_died(self, path: str, body: dict):
        with time_machine.travel(NOW, tick=False) as clock:
            self.dies(path, body)
            clock.shift(idempotency.LEASE)
            again = send(path, body)
            assert again.status_code == 201
            assert same(again, send(path, body))
        assert written() == 1

    @BOTH
    def test_uses_its_own_verification_again(self, path: str, body: dict):
        body = {name: value for name, value in body.items() if name != "captchaToken"}
        with time_machine.travel(NOW, tick=False) as clock:
            Caller()("post", "verify-recaptcha", {"token": "test-yes-3"})
            self.dies(path, body)
            clock.shift(idempotency.LEASE)
            send(path, body)
        assert UsedToken.objects.count() == 2
        assert not Prospect.objects.filter(verified=False).exists()
        assert not Comment.objects.filter(status=Comment.Status.PENDING).exists()

    @BOTH
    def test_a_write_that_breaks_off_leaves_all_of_it_to_the_next(self, path: str, body: dict):
        """The connection is lost after the row, the captcha and the limit: only the row and its answer are one."""

        def lost(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
            if sql.startswith("UPDATE api_keptanswer"):
                raise OperationalError(2013, "Lost connection")
            return execute(sql, params, many, context)

        with connection.execute_wrapper(lost), pytest.raises(OperationalError):
            send(path, body)
        assert written() == StoredResponse.objects.count() == 0
        first = send(path, body)
        assert first.status_code == 201
        assert same(first, send(path, body))
        assert written() == 1

    @BOTH
    def test_an_answer_that_got_lost_on_the_way_is_there_for_the_next(self, path: str, body: dict, monkeypatch):
        def dies(*_args: Any, **_options: Any) -> None:
            raise SystemExit

        view = {"prospects": "apps.api.prospects._received", "commentaires": "apps.api.comments._received"}[path]
        with monkeypatch.context() as patch:
            patch.setattr(view, dies)
            with pytest.raises(SystemExit):
                send(path, body)
        assert written() == 1
        assert send(path, body).status_code == 201
        assert written() == 1

    def test_who_comes_late_writes_nothing(self):
        now = timezone.now()
        StoredResponse.objects.create(key="k", holder="other", held_until=now, created_at=now)
        late = Attempt("k", "late")

        def keep(_row: object) -> None:
            late.keep({"id": 1})

        with pytest.raises(Refused):
            comments.write_comment(
                section_id="a",
                author="a",
                text="a",
                parent_id=None,
                user=None,
                is_person=True,
                is_program=False,
                now=now,
                written=keep,
            )
        assert not Comment.objects.exists()


@pytest.mark.mysql
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("count", [6, 20])
@BOTH
def test_sent_many_times_at_once_it_is_answered_once(count: int, path: str, body: dict):
    make_stages()
    answers = race(*[lambda: send(path, body)] * count)
    assert {(answer.status_code, answer.content) for answer in answers} == {(201, answers[0].content)}
    assert written() == 1
    assert UsedToken.objects.count() == StoredResponse.objects.count() == 1


@pytest.mark.mysql
@pytest.mark.django_db(transaction=True)
@BOTH
def test_two_requests_with_one_key_at_once_are_not_mixed_up(path: str, body: dict):
    make_stages()
    other = {**body, "email": "autre@exemple.fr", "captchaToken": "test-yes-2"}
    answers = race(*[lambda: send(path, body), lambda: send(path, other)] * 4)
    assert sorted(answer.status_code for answer in answers) == [201] * 4 + [422] * 4
    assert len({answer.content for answer in answers}) == 2
    assert written() == UsedToken.objects.count() == 1
