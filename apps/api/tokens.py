"""Tokens of a login (JWT, HS256). A changed password, a closed account and a logout revoke them at once."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any
from uuid import UUID

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.auth import authenticate
from django.db import transaction
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from rest_framework.exceptions import Throttled
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.settings import api_settings

from apps.accounts import lockout
from apps.accounts.models import User
from apps.api.errors import Refused
from apps.api.models import ApiSession
from apps.api.signatures import AccessToken, RefreshToken
from apps.common.email_addresses import canonical_email


@dataclass(frozen=True)
class Tokens:
    access: str
    refresh: str
    expires_at: datetime


def role(user: User) -> str:
    return "admin" if user.is_superuser else "staff" if user.is_staff else "customer"


def stamp(user: User) -> str:
    """Changes with the password, as a browser session's hash does."""
    return str(user.get_session_auth_hash())


def _is_stamp_of(user: User, given: str) -> bool:
    """Of today's SECRET_KEY, or of one that is being changed."""
    return any(constant_time_compare(given, one) for one in (stamp(user), *user.get_session_auth_fallback_hash()))


def log_in(*, request: Any, email: str, password: str, code: str, now: datetime) -> Tokens:
    """Authenticate and open a session of tokens.

    Raises Throttled when the source has to wait (apps.accounts.guessing), before the password is checked; Refused
    otherwise. An unknown e-mail is answered, and takes as long, as a wrong password.
    """
    email = canonical_email(email)
    browser = request._request
    if wait := lockout.begin(browser, email):
        raise Throttled(wait=wait)
    user = authenticate(browser, username=email, password=password)
    if not isinstance(user, User):
        lockout.failed(browser, email)
        raise Refused(
            HTTPStatus.UNAUTHORIZED,
            "invalid_credentials",
            _("Cette adresse e-mail et ce mot de passe ne vont pas ensemble. Vérifiez-les."),
        )
    lockout.succeeded(browser, email)
    if EmailAddress.objects.filter(user=user, email=email, verified=False).exists():
        raise Refused(
            HTTPStatus.FORBIDDEN,
            "email_unverified",
            _("Confirmez d’abord votre adresse e-mail par le lien que nous vous avons envoyé."),
        )
    if not _second_factor(browser, user, code):
        raise Refused(
            HTTPStatus.UNAUTHORIZED,
            "second_factor_required",
            _("Ce compte demande un second facteur. Joignez son code dans « code »."),
        )
    session = ApiSession(
        user=user,
        stamp=stamp(user),
        refresh_id=secrets.token_hex(16),
        created_at=now,
        expires_at=now + api_settings.REFRESH_TOKEN_LIFETIME,
    )
    # Each login deletes expired sessions.
    ApiSession.objects.filter(user=user, expires_at__lte=now).delete()
    session.save(force_insert=True)
    return _tokens(session)


def _second_factor(browser: HttpRequest, user: User, code: str) -> bool:
    """True for an account without one. A code is good once, and counted as on the site. Raises Throttled."""
    kinds = [Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES]
    found = list(Authenticator.objects.filter(user=user))
    if not found:
        return True
    if not code:
        return False
    account = f"code {user.pk}"
    if wait := lockout.begin(browser, account):
        raise Throttled(wait=wait)
    is_right = any(each.type in kinds and each.wrap().validate_code(code) for each in found)
    if is_right:
        lockout.succeeded(browser, account)
    else:
        lockout.failed(browser, account)
    return is_right


def _tokens(session: ApiSession) -> Tokens:
    access = AccessToken()
    access["sub"] = str(session.user_id)
    access["sid"] = str(session.pk)
    access["email"] = session.user.email
    access["role"] = role(session.user)
    refresh = RefreshToken()
    refresh["sub"] = str(session.user_id)
    refresh["sid"] = str(session.pk)
    refresh["jti"] = session.refresh_id
    return Tokens(str(access), str(refresh), datetime.fromtimestamp(access["exp"], tz=session.created_at.tzinfo))


def session_of(claims: Any, *, now: datetime) -> ApiSession | None:
    """The open session that a verified token belongs to, with its user, in one query; None when it has ended."""
    try:
        number = UUID(str(claims.get("sid")))
    except ValueError:
        return None
    found = ApiSession.objects.select_related("user").filter(pk=number).first()
    if found is None or found.revoked_at or found.expires_at <= now or not found.user.is_active:
        return None
    if str(found.user_id) != claims.get("sub") or not _is_stamp_of(found.user, found.stamp):
        return None
    return found


def refresh(*, token: str, now: datetime) -> Tokens:
    """New tokens for a refresh token, which is good once. A second use means theft by one of its two users: the whole
    session ends (RFC 9700, 4.14.2). Raises Refused."""
    try:
        claims = RefreshToken(token)
    except TokenError:
        claims = None
    session = session_of(claims, now=now) if claims is not None else None
    if session is None or claims is None:
        raise _ended()
    following = secrets.token_hex(16)
    with transaction.atomic(durable=True):
        moved = ApiSession.objects.filter(pk=session.pk, refresh_id=claims["jti"], revoked_at=None).update(
            refresh_id=following,
            expires_at=now + api_settings.REFRESH_TOKEN_LIFETIME,
            stamp=stamp(session.user),
        )
        if not moved:
            ApiSession.objects.filter(pk=session.pk, revoked_at=None).update(revoked_at=now)
    if not moved:
        raise _ended()
    session.refresh_id = following
    return _tokens(session)


def log_out(*, session: ApiSession, now: datetime) -> None:
    """End a session, which revokes its tokens. A repeat changes nothing."""
    ApiSession.objects.filter(pk=session.pk, revoked_at=None).update(revoked_at=now)


def _ended() -> Refused:
    return Refused(HTTPStatus.UNAUTHORIZED, "session_ended", _("Cette connexion est terminée. Connectez-vous."))
