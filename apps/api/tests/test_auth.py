import base64
import json

import jwt
import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.utils import timezone

from apps.accounts.tests.factories import StaffFactory, UserFactory
from apps.api.keys import create_key, revoke_key
from apps.api.models import ApiKey, ApiSession, Scope
from apps.api.signatures import AccessToken, Backend, RefreshToken
from apps.api.tests.caller import Caller

pytestmark = pytest.mark.django_db
PASSWORD = "un mot de passe solide"


def log_in(user, password: str = PASSWORD, **more):
    return Caller()("post", "auth/login", {"email": user.email, "password": password, **more})


def bearer(token: str) -> Caller:
    return Caller(authorization=f"Bearer {token}")


@pytest.fixture
def admin():
    return StaffFactory(is_superuser=True)


class TestLogin:
    def test_gives_a_token_for_a_day_with_the_claims_of_the_contract(self, admin, settings):
        response = log_in(admin)
        assert response.status_code == 200
        assert response["Cache-Control"] == "no-store"
        token = response.json()["token"]
        claims = jwt.decode(token, settings.SIMPLE_JWT["SIGNING_KEY"], algorithms=["HS256"])
        assert jwt.get_unverified_header(token)["alg"] == "HS256"
        assert (claims["email"], claims["role"]) == (admin.email, "admin")
        assert claims["exp"] - claims["iat"] == 24 * 3600
        assert bearer(token)("get", "prospects").status_code == 200

    def test_answers_a_wrong_password_and_an_unknown_address_alike(self):
        wrong = log_in(UserFactory(), "autre")
        unknown = Caller()("post", "auth/login", {"email": "personne@exemple.fr", "password": "x"})
        assert wrong.status_code == unknown.status_code == 401
        assert wrong.content == unknown.content

    def test_is_refused_after_repeated_failures_even_with_the_right_password(self):
        user = UserFactory()
        with time_machine.travel(timezone.now(), tick=False) as clock:
            assert [log_in(user, "autre").status_code for _ in range(6)] == [401] * 5 + [429]
            refused = log_in(user)
            assert refused.status_code == 429
            assert int(refused["Retry-After"]) <= 15 * 60
            clock.shift(16 * 60)
            assert log_in(user).status_code == 200

    def test_success_forgets_the_failures(self):
        user = UserFactory()
        for _ in range(2):
            assert [log_in(user, "autre").status_code for _ in range(4)] == [401] * 4
            assert log_in(user).status_code == 200

    def test_is_refused_to_closed_and_unconfirmed_accounts(self):
        assert log_in(UserFactory(is_active=False)).status_code == 401
        user = UserFactory()
        EmailAddress.objects.create(user=user, email=user.email, verified=False, primary=True)
        assert log_in(user).json()["code"] == "email_unverified"

    def test_asks_for_the_second_factor_where_there_is_one(self):
        user = UserFactory()
        Authenticator.objects.create(user=user, type=Authenticator.Type.WEBAUTHN, data={})
        assert log_in(user).json()["code"] == "second_factor_required"
        assert log_in(user, code="123456").json()["code"] == "second_factor_required"

    def test_refuses_unknown_fields(self):
        response = log_in(UserFactory(), role="admin")
        assert list(response.json()["fields"]) == ["role"]


class TestTokens:
    def test_end_at_once_with_the_password(self, admin):
        tokens = log_in(admin).json()
        admin.set_password("un autre mot de passe")
        admin.save()
        assert bearer(tokens["token"])("get", "prospects").status_code == 401
        refused = Caller()("post", "auth/refresh", {"refreshToken": tokens["refreshToken"]})
        assert (refused.status_code, refused.json()["code"]) == (401, "session_ended")

    def test_end_at_once_with_the_account(self, admin):
        token = log_in(admin).json()["token"]
        admin.is_active = False
        admin.save()
        assert bearer(token)("get", "prospects").status_code == 401

    def test_end_with_a_logout_and_leave_other_logins_alone(self, admin):
        here, there = log_in(admin).json()["token"], log_in(admin).json()["token"]
        assert bearer(here)("post", "auth/logout").status_code == 204
        assert bearer(here)("get", "prospects").status_code == 401
        assert bearer(there)("get", "prospects").status_code == 200

    def test_end_after_a_day(self, admin):
        with time_machine.travel(timezone.now(), tick=False) as clock:
            token = log_in(admin).json()["token"]
            clock.shift(24 * 3600 + 1)
            assert bearer(token)("get", "prospects").status_code == 401

    def test_of_logins_long_over_are_cleared_away_by_the_next(self, admin):
        with time_machine.travel(timezone.now(), tick=False) as clock:
            log_in(admin)
            clock.shift(15 * 24 * 3600)
            log_in(admin)
        assert ApiSession.objects.count() == 1

    def test_are_refreshed_once(self, admin):
        first = log_in(admin).json()
        second = Caller()("post", "auth/refresh", {"refreshToken": first["refreshToken"]}).json()
        assert bearer(second["token"])("get", "prospects").status_code == 200
        stolen = Caller()("post", "auth/refresh", {"refreshToken": first["refreshToken"]})
        assert stolen.status_code == 401
        # Whoever holds the newer one may be the thief.
        assert bearer(second["token"])("get", "prospects").status_code == 401

    def test_outlive_a_change_of_the_key_that_signs_them(self, admin, settings, monkeypatch):
        first = log_in(admin).json()
        former, settings.SECRET_KEY = settings.SECRET_KEY, "the next key"
        for kind in (AccessToken, RefreshToken):
            monkeypatch.setattr(kind, "_token_backend", Backend("HS256", "the next key of tokens " * 2))
        assert bearer(first["token"])("get", "prospects").status_code == 401
        settings.SECRET_KEY_FALLBACKS = [former]
        settings.API_FORMER_SIGNING_KEYS = [settings.SIMPLE_JWT["SIGNING_KEY"]]
        assert bearer(first["token"])("get", "prospects").status_code == 200
        second = Caller()("post", "auth/refresh", {"refreshToken": first["refreshToken"]}).json()
        # Once it is changed, what the former key has signed ends.
        settings.SECRET_KEY_FALLBACKS, settings.API_FORMER_SIGNING_KEYS = [], []
        assert bearer(second["token"])("get", "prospects").status_code == 200
        assert bearer(first["token"])("get", "prospects").status_code == 401

    def test_without_a_signature_are_refused(self, admin):
        token = log_in(admin).json()["token"]
        header = base64.urlsafe_b64encode(json.dumps({"alg": "none", "typ": "JWT"}).encode()).rstrip(b"=").decode()
        forged = f"{header}.{token.split('.')[1]}."
        assert bearer(forged)("get", "prospects").status_code == 401

    def test_of_another_kind_or_key_are_refused(self, admin, settings):
        tokens = log_in(admin).json()
        assert bearer(tokens["refreshToken"])("get", "prospects").status_code == 401
        assert Caller()("post", "auth/refresh", {"refreshToken": tokens["token"]}).status_code == 401
        claims = jwt.decode(tokens["token"], options={"verify_signature": False})
        assert bearer(jwt.encode(claims, "x" * 64, "HS256"))("get", "prospects").status_code == 401
        claims["sid"] = "no session"
        forged = jwt.encode(claims, settings.SIMPLE_JWT["SIGNING_KEY"], "HS256")
        assert bearer(forged)("get", "prospects").status_code == 401

    @pytest.mark.parametrize("token", ["", "x", "a.b.c", "é"])
    def test_that_are_none_are_refused(self, token: str):
        assert bearer(token)("get", "prospects").status_code == 401


class TestKeys:
    def test_are_kept_as_hashes_and_show_their_last_use(self):
        key, secret = create_key(name="Site", scopes=[Scope.PROSPECTS_READ], by=None, now=timezone.now())
        assert secret not in json.dumps(list(ApiKey.objects.values()), default=str)
        assert Caller(x_api_key=secret)("get", "prospects").status_code == 200
        key.refresh_from_db()
        assert key.last_used_at is not None

    def test_are_refused_once_revoked(self):
        key, secret = create_key(name="Site", scopes=[Scope.PROSPECTS_READ], by=None, now=timezone.now())
        revoke_key(key=key, now=timezone.now())
        assert Caller(x_api_key=secret)("get", "prospects").status_code == 401
        assert Caller(x_api_key="wm_x")("get", "prospects").json()["code"] == "authentication_failed"

    def test_are_shown_once_in_the_admin(self, admin, client):
        client.force_login(admin)
        page = client.post(
            "/admin/api/apikey/add/", {"name": "Site", "scopes": ["prospects:read"]}, follow=True
        ).content.decode()
        secret = page[page.index(ApiKey.PREFIX) :].split()[0].split("<")[0]
        assert ApiKey.objects.get().secret_hash == ApiKey.hash_of(secret)
        assert secret not in client.get("/admin/api/apikey/").content.decode()


def test_a_session_dies_with_its_user(admin):
    log_in(admin)
    admin.delete()
    assert not ApiSession.objects.exists()
