"""Attacks on the API that no other test drives. Where each of issue 3's attacks is refused:

brute force on login           test_auth.py (TestLogin); TestGuessing
token after password change    test_auth.py (TestTokens), as of a closed account, logged out, expired, `alg: none`,
                               wrong key; TestForgedTokens for other algorithms, claims and no end
foreign and unknown ids        test_own_comments.py, test_comments.py (TestReplies), test_prospects.py; TestOthers
replay of a captcha            test_prospects.py (TestCaptcha), test_comments.py; TestReplay across addresses
mass assignment                test_prospects.py, test_comments.py, test_own_comments.py; TestMassAssignment
stored XSS in the admin        webmarket/tests/test_stored_scripts.py
CSV formulas                   backoffice/tests/{test_prospect_exchange,test_rights}.py, catalogue/tests/test_export.py
413, bodies in pieces          test_prospects.py, test_walk.py
slow heads and bodies          webmarket/tests/test_gunicorn.py
no JSON, wrong type            test_prospects.py; TestBodies for NUL, invalid UTF-8, depth, huge numbers, names twice
"""

import base64
import json
from typing import Any

import jwt
import pytest
from django.conf import settings
from django.test import Client

from apps.accounts.tests.factories import StaffFactory, UserFactory
from apps.api.models import Scope
from apps.api.tests.caller import Caller, logged_in, with_key
from apps.comments.models import Comment
from apps.comments.tests.factories import CommentFactory
from apps.prospects.models import Prospect
from apps.prospects.tests.factories import ProspectFactory, make_stages

pytestmark = pytest.mark.django_db
PASSWORD = "un mot de passe solide"
LEA = {"firstName": "Léa", "lastName": "Petit", "email": "lea@exemple.fr"}
NOTE = {"sectionId": "produit-tasse", "author": "Léa", "text": "Très belle tasse."}


@pytest.fixture(autouse=True)
def _stages() -> None:
    make_stages()


def send(path: str, raw: bytes, **extra: Any) -> Any:
    return Client().post(f"/api/{path}", data=raw, content_type="application/json", **extra)


class TestGuessing:
    def test_claiming_other_addresses_begins_no_new_count(self):
        user = UserFactory()
        answers = [
            Caller(x_forwarded_for=f"203.0.113.{number}")(
                "post", "auth/login", {"email": user.email, "password": "autre"}
            ).status_code
            for number in range(6)
        ]
        assert answers == [401] * 5 + [429]

    def test_capitals_in_the_address_begin_no_new_count(self):
        user = UserFactory(email="camille@exemple.fr")
        names = [user.email, user.email.upper(), "Camille@exemple.fr", "camille@Exemple.FR", user.email, user.email]
        answers = [Caller()("post", "auth/login", {"email": name, "password": "autre"}).status_code for name in names]
        assert answers == [401] * 5 + [429]

    def test_one_account_guessed_at_from_many_networks_answers_slowly_and_to_its_owner_at_once(self):
        user = UserFactory()

        def send(number: int, password: str) -> int:
            body = {"email": user.email, "password": password}
            ip = f"198.18.{number}.5"
            return Client(REMOTE_ADDR=ip).post("/api/auth/login", body, "application/json").status_code

        answers = [[send(number, "autre") for _attempt in range(4)] for number in range(1, 14)]
        assert answers[0] == [401] * 4
        assert answers[12] == [401, 401, 401, 429]
        assert send(200, PASSWORD) == 200

    def test_one_address_cannot_try_a_password_on_many_accounts(self):
        answers = [
            Caller()("post", "auth/login", {"email": f"a{number}@exemple.fr", "password": PASSWORD}).status_code
            for number in range(61)
        ]
        assert answers[:60] == [401] * 60
        assert answers[60] == 429


class TestForgedTokens:
    @pytest.fixture
    def token(self) -> str:
        staff = StaffFactory(is_superuser=True)
        return Caller()("post", "auth/login", {"email": staff.email, "password": PASSWORD}).json()["token"]

    @pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "HS384", "HS512", "RS256", ""])
    def test_name_an_algorithm_that_is_not_ours(self, token: str, algorithm: str):
        claims = jwt.decode(token, options={"verify_signature": False})
        if algorithm.startswith("HS"):
            forged = jwt.encode(claims, settings.SIMPLE_JWT["SIGNING_KEY"] * 2, algorithm)
        else:
            header = base64.urlsafe_b64encode(json.dumps({"alg": algorithm, "typ": "JWT"}).encode()).rstrip(b"=")
            forged = ".".join([header.decode(), *token.split(".")[1:]])
        assert Caller(authorization=f"Bearer {forged}")("get", "prospects").status_code == 401

    def test_claim_another_role_or_person(self, token: str):
        customer = UserFactory()
        own = Caller()("post", "auth/login", {"email": customer.email, "password": PASSWORD}).json()["token"]
        head, _body, signature = own.split(".")
        claims = jwt.decode(own, options={"verify_signature": False}) | {"role": "admin"}
        body = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
        assert Caller(authorization=f"Bearer {head}.{body}.{signature}")("get", "prospects").status_code == 401
        # Whatever a token of ours says, rights are read from the account.
        signed = jwt.encode(claims, settings.SIMPLE_JWT["SIGNING_KEY"], "HS256")
        assert Caller(authorization=f"Bearer {signed}")("get", "prospects").status_code == 403
        session = jwt.decode(token, options={"verify_signature": False})["sid"]
        crossed = jwt.encode(claims | {"sid": session}, settings.SIMPLE_JWT["SIGNING_KEY"], "HS256")
        assert Caller(authorization=f"Bearer {crossed}")("get", "prospects").status_code == 401

    def test_without_an_end_is_no_token(self, token: str):
        claims = jwt.decode(token, options={"verify_signature": False})
        del claims["exp"]
        endless = jwt.encode(claims, settings.SIMPLE_JWT["SIGNING_KEY"], "HS256")
        assert Caller(authorization=f"Bearer {endless}")("get", "prospects").status_code == 401


class TestOthers:
    def test_a_number_of_anothers_comment_is_as_unknown_as_one_that_is_none(self):
        comment = CommentFactory(user=UserFactory())
        stranger = logged_in(UserFactory())
        for method, body in (("patch", {"text": "à moi"}), ("delete", None)):
            taken = stranger(method, f"commentaires/{comment.pk}", body)
            nothing = stranger(method, f"commentaires/{comment.pk + 1000}", body)
            assert taken.status_code == nothing.status_code == 404
            assert taken.json() == nothing.json()
        comment.refresh_from_db()
        assert comment.text.startswith("Très belle tasse")

    def test_a_reply_to_what_is_not_shown_is_refused_as_to_what_is_not_there(self):
        hidden = CommentFactory(status=Comment.Status.PENDING)
        answers = [Caller()("post", "commentaires", {**NOTE, "parentId": pk}) for pk in (hidden.pk, hidden.pk + 1000)]
        assert [answer.status_code for answer in answers] == [400, 400]
        assert answers[0].json() == answers[1].json()

    def test_neighbours_in_another_column_or_nowhere_do_not_lead_a_card_astray(self):
        stages = make_stages()
        card, other = ProspectFactory(), ProspectFactory(stage=stages["perdu"])
        key = with_key(Scope.PROSPECTS_WRITE)
        for version, neighbour in ((1, other.public_id), (2, "00000000-0000-4000-8000-000000000000")):
            moved = key(
                "post",
                f"prospects/{card.public_id}/move",
                {"version": version, "status": "contacte", "afterId": str(neighbour)},
            )
            assert (moved.status_code, moved.json()["status"]) == (200, "contacte")

    def test_an_idempotency_key_is_its_clients_own(self):
        first = with_key(Scope.PROSPECTS_CREATE)("post", "prospects", LEA, idempotency_key="1")
        second = with_key(Scope.PROSPECTS_CREATE)(
            "post", "prospects", {**LEA, "email": "autre@exemple.fr"}, idempotency_key="1"
        )
        assert (first.status_code, second.status_code) == (201, 201)
        assert first.json()["id"] != second.json()["id"]


class TestReplay:
    def test_a_captcha_that_one_address_took_is_used_up_at_the_others(self):
        used = "test-yes-1"
        assert Caller()("post", "commentaires", {**NOTE, "captchaToken": used}).status_code == 201
        assert Caller()("post", "prospects", {**LEA, "captchaToken": used}).json()["code"] == "captcha_refused"
        assert Caller()("post", "verify-recaptcha", {"token": used}).json() == {"success": False}

    def test_a_verification_vouches_for_one_form_alone(self):
        Caller()("post", "verify-recaptcha", {"token": "test-yes-2"})
        assert Caller()("post", "commentaires", NOTE).status_code == 201
        assert Caller()("post", "commentaires", {**NOTE, "text": "encore"}).status_code == 202
        Caller()("post", "prospects", LEA)
        assert not Prospect.objects.get().verified


class TestMassAssignment:
    BOTH = ("id", "status", "version", "createdAt", "created_at", "timestamp", "requestKey")
    FIELDS = (
        *(("prospects", name) for name in BOTH),
        *(("prospects", name) for name in ("verified", "stage", "stage_id", "rank", "assigneeId", "consentAt")),
        *(("prospects", name) for name in ("deletedAt", "mergedInto", "first_name", "statusSince", "customer_id")),
        *(("commentaires", name) for name in BOTH),
        *(("commentaires", name) for name in ("user", "user_id", "byTeam", "by_team", "firstStatus", "rating")),
        *(("commentaires", name) for name in ("boughtOn", "editToken", "openReports", "replies", "section_id")),
    )

    @pytest.mark.parametrize(("path", "field"), FIELDS)
    def test_is_refused_by_the_fields_name_and_nothing_is_written(self, path: str, field: str):
        response = Caller()("post", path, {**(LEA if path == "prospects" else NOTE), field: "1"})
        assert response.status_code == 400
        assert list(response.json()["fields"]) == [field]
        assert not Prospect.objects.exists()
        assert not Comment.objects.exists()

    @pytest.mark.parametrize(("path", "body"), [("prospects", LEA), ("commentaires", NOTE)])
    def test_names_of_no_meaning_set_nothing(self, path: str, body: dict):
        given = {
            "__proto__": {"status": "published"},
            "constructor": 1,
            "is_staff": True,
            "utm": "x\r\nSet-Cookie: a=b",
        }
        response = Caller()("post", path, {**body, **given, "a\r\nb": 1, "é": 1})
        assert response.status_code in (201, 202)
        assert response["X-Ignored-Fields"] == "__proto__, constructor, is_staff, utm, a%0D%0Ab, %C3%A9"


class TestBodies:
    @pytest.mark.parametrize(
        "raw",
        [
            pytest.param(b'{"firstName": "L\x00a"}', id="NUL"),
            pytest.param(b'{"firstName": "L\\u0000a"}', id="escaped NUL"),
            pytest.param(b'{"firstName": "L\xe9a"}', id="Latin-1"),
            pytest.param(b'{"firstName": "\xed\xa0\x80"}', id="surrogate in UTF-8"),
            pytest.param(b'{"firstName": "\xc0\xaf"}', id="overlong UTF-8"),
            pytest.param('{"firstName": "Léa"}'.encode("utf-16"), id="UTF-16"),
            pytest.param(b'{"a":' * 20_000 + b"1" + b"}" * 20_000, id="deep object"),
            pytest.param(b'{"firstName": "a", "firstName": "b"}', id="name twice"),
            pytest.param(b'{"version": Infinity}', id="infinity"),
            pytest.param(b'{"version": 1' + b"0" * 30_000 + b"}", id="huge number"),
            pytest.param(b"", id="nothing"),
            pytest.param(b"null", id="null"),
        ],
    )
    @pytest.mark.parametrize("path", ["prospects", "commentaires", "auth/login", "verify-recaptcha"])
    def test_that_are_no_text_of_ours_are_refused(self, path: str, raw: bytes):
        response = send(path, raw)
        assert response.status_code in {400, 413}
        assert response.json()["code"] in {"unreadable", "invalid", "too_large", "malformed"}
        assert not Prospect.objects.exists()

    @pytest.mark.parametrize("number", [2**63, 10**400, -1, 0, 1e308, 1.5, True, "1e3"])
    def test_with_impossible_numbers_are_refused(self, number: Any):
        card = ProspectFactory()
        response = with_key(Scope.PROSPECTS_WRITE)(
            "patch", f"prospects/{card.public_id}", {"version": number, "phone": "0"}
        )
        assert response.status_code == 400
        assert list(response.json()["fields"]) == ["version"]

    @pytest.mark.parametrize("kind", ["text/plain", "application/xml", "application/x-www-form-urlencoded", "", "é"])
    def test_of_another_type_are_refused(self, kind: str):
        response = Client().generic("POST", "/api/prospects", json.dumps(LEA), content_type=kind)
        assert response.status_code == 415
        assert response.json()["code"] == "unsupported_media_type"

    def test_longer_than_they_say_are_read_no_further(self):
        whole = json.dumps(LEA).encode()
        response = send("prospects", whole + b" " * 1000, headers={"content-length": str(len(whole))})
        assert response.status_code in {201, 400}
        assert send("prospects", b"x" * 70_000).status_code == 413
