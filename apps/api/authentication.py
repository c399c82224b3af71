from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework_simplejwt.exceptions import TokenError

from apps.accounts.models import User
from apps.api.keys import find_key
from apps.api.models import ApiKey, ApiSession
from apps.api.signatures import AccessToken
from apps.api.tokens import session_of


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer <access token>`; `request.auth` is its ApiSession."""

    def authenticate(self, request: Any) -> tuple[User, ApiSession] | None:
        word, _space, token = get_authorization_header(request).partition(b" ")
        if word.lower() != b"bearer":
            return None
        try:
            claims = AccessToken(token.strip())
        except (TokenError, ValueError) as error:
            raise AuthenticationFailed from error
        session = session_of(claims, now=timezone.now())
        if session is None:
            raise AuthenticationFailed
        return session.user, session

    def authenticate_header(self, request: Any) -> str:
        return 'Bearer realm="api"'


class ApiKeyAuthentication(BaseAuthentication):
    """`X-API-Key: wm_…`; `request.auth` is the ApiKey, which belongs to no user."""

    def authenticate(self, request: Any) -> tuple[AnonymousUser, ApiKey] | None:
        secret = request.headers.get("X-API-Key")
        if secret is None:
            return None
        key = find_key(secret=secret, now=timezone.now())
        if key is None:
            raise AuthenticationFailed
        return AnonymousUser(), key
