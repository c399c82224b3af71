"""What every address of the API has in common."""

import ast
import re
from pathlib import Path

import pytest
from django.test import Client

from apps.api import health
from apps.api.serializers import ErrorOutput
from apps.api.tests.caller import Caller
from apps.prospects.tests.factories import make_stages


@pytest.mark.django_db
class TestHealth:
    @pytest.mark.parametrize("path", ["/health", "/api/health"])
    def test_names_each_part_with_its_time(self, client: Client, path: str):
        response = client.get(path)
        assert response.status_code == 200
        body = response.json()
        assert body["status"] == "ok"
        assert body["version"]
        assert set(body["checks"]) == {"database", "cache", "broker", "storage"}
        assert all(part["ok"] and part["ms"] >= 0 for part in body["checks"].values())
        assert response["Cache-Control"] == "no-store"

    def test_takes_the_instance_out_without_its_database(self, client: Client, monkeypatch):
        def gone() -> None:
            raise OSError("no route")

        monkeypatch.setitem(health.PARTS, "database", gone)
        response = client.get("/health")
        assert response.status_code == 503
        assert response.json()["checks"]["database"]["ok"] is False
        assert "no route" not in response.content.decode()

    def test_stays_in_without_the_storage_that_all_instances_lack(self, client: Client, monkeypatch):
        def gone() -> None:
            raise OSError("no bucket")

        monkeypatch.setitem(health.PARTS, "storage", gone)
        monkeypatch.setattr(health, "_cached", {})
        response = client.get("/health")
        assert response.status_code == 200
        assert response.json()["status"] == "degraded"

    def test_is_cheap(self, client: Client, django_assert_max_num_queries):
        client.get("/health")
        with django_assert_max_num_queries(2):
            client.get("/health")


def test_live_touches_nothing_outside_the_process(client: Client):
    # Without the django_db mark a query would fail the test.
    response = client.get("/health/live")
    assert response.status_code == 200
    assert response["Cache-Control"] == "no-store"


class TestRefusals:
    # One with a line end too, at which a regular expression's `.` stops.
    @pytest.mark.parametrize("path", ["/api/nothing", "/api/prospects/%0Aa", "/api/%0D%0A", "/api/"])
    def test_an_unknown_address_is_answered_in_the_one_shape(self, client: Client, path: str):
        response = client.get(path)
        assert response.status_code == 404
        assert response.json()["code"] == "not_found"

    def test_speaks_the_callers_language(self, client: Client):
        french = client.get("/api/nothing", headers={"accept-language": "fr"})
        assert french["Content-Language"] == "fr"
        english = client.get("/api/nothing", headers={"accept-language": "en"})
        assert english["Content-Language"] == "en"

    def test_a_malformed_request_is_answered_in_json(self, client: Client):
        response = client.get("/api/nothing?q=%00")
        assert response.status_code == 400
        assert response.json()["code"] == "malformed"


class TestCrossOrigin:
    def test_an_unknown_origin_gets_no_permission(self, client: Client):
        response = client.get("/api/nothing", headers={"origin": "https://ailleurs.example"})
        assert "Access-Control-Allow-Origin" not in response

    def test_an_origin_of_the_settings_may_call_without_our_cookies(self, client: Client, settings):
        settings.CORS_ALLOWED_ORIGINS = ["https://ami.example"]
        response = client.options(
            "/api/nothing",
            headers={"origin": "https://ami.example", "access-control-request-method": "POST"},
        )
        assert response["Access-Control-Allow-Origin"] == "https://ami.example"
        assert "Access-Control-Allow-Credentials" not in response


@pytest.mark.django_db
class TestSchema:
    def test_is_openapi_3_1(self, client: Client):
        response = client.get("/api/schema")
        assert response.status_code == 200
        assert response.json()["openapi"].startswith("3.1")

    @pytest.mark.parametrize("path", ["/api/docs", "/api/redoc"])
    def test_is_read_with_our_own_files(self, client: Client, path: str):
        response = client.get(path)
        assert response.status_code == 200
        page = response.content.decode()
        assert "/static/drf_spectacular_sidecar/" in page
        assert "cdn." not in page
        assert "script-src" not in response["Content-Security-Policy"]
        assert "default-src 'self'" in response["Content-Security-Policy"]


def test_the_fields_that_requests_share_keep_nothing_of_them():
    """A class has one set of fields (serializers.py): what one request sent is in no other's."""
    first, second = ErrorOutput(data={"code": "léa", "detail": "secret"}), ErrorOutput(data={})
    assert first.is_valid()
    assert not second.is_valid()
    assert first.fields is second.fields
    assert first.fields is not ErrorInput().fields
    assert set(second.errors) == {"code", "detail"}
    owner = first.fields["code"].parent
    assert owner not in (first, second)
    assert not hasattr(owner, "initial_data")
    assert owner.instance is None


def test_every_body_goes_through_the_serializer_that_the_schema_shows():
    """A body put together by hand is described in one place and built in another. Refusals have one shape of theirs."""
    by_hand = []
    for path in (Path(__file__).parents[1]).glob("*.py"):
        calls = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
        answers = [call for call in calls if ast.unparse(call.func) == "Response" and call.args]
        assert path.name not in ("comments.py", "prospects.py", "catalogue.py") or answers
        bodies = [ast.unparse(call.args[0]) for call in answers]
        by_hand += [body for body in bodies if not re.fullmatch(r"[A-Za-z]+Output\(.*\)\.data", body)]
    assert sorted(by_hand) == ["_described(error)", "body(error.code, error.message)"]


@pytest.mark.django_db
class TestTexts:
    """White space is text: DRF takes it for nothing before it looks at length and characters."""

    @pytest.mark.parametrize("given", [" " * 401, "\x1f", "\x1f" * 401, "\x1c a"])
    def test_of_a_query_are_as_long_and_clean_as_the_schema_says(self, client: Client, given: str):
        answer = client.get("/api/products", {"q": given})
        assert (answer.status_code, list(answer.json()["fields"])) == (400, ["q"])
        assert client.get("/api/products", {"q": " " * 400}).status_code == 200

    @pytest.mark.parametrize(
        ("field", "given"),
        [("phone", " " * 31), ("company", "\x1f"), ("message", "\x1e" * 9), ("captchaToken", " " * 5000)],
    )
    def test_of_a_form_too(self, field: str, given: str):
        make_stages()
        form = {"firstName": "Léa", "lastName": "Petit", "email": "lea@exemple.fr", field: given}
        answer = Caller()("post", "prospects", form)
        assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])

    @pytest.mark.parametrize("given", ["\u200b", "\ufeff\u2060", "\u202e \u202c", "\u00ad", "\u200d"])
    def test_that_show_nothing_are_none(self, given: str):
        answer = Caller()("post", "commentaires", {"sectionId": "a", "author": "Léa", "text": given})
        assert (answer.status_code, list(answer.json()["fields"])) == (400, ["text"])


class ErrorInput(ErrorOutput):
    """A class of its own has a set of its own."""
