"""Signatures of the API's tokens. Those by a key that is being changed are accepted until they expire."""

from typing import Any

from django.conf import settings

from apps.common.absent import absent

# For signatures by key pairs; the API's are HMAC.
with absent("cryptography"):
    import jwt  # noqa: F401

from rest_framework_simplejwt import tokens
from rest_framework_simplejwt.backends import TokenBackend
from rest_framework_simplejwt.exceptions import TokenBackendError, TokenBackendExpiredToken
from rest_framework_simplejwt.settings import api_settings


class Backend(TokenBackend):
    def decode(self, token: Any, verify: bool = True) -> dict[str, Any]:
        try:
            return super().decode(token, verify)
        except TokenBackendExpiredToken:
            raise
        except TokenBackendError:
            for key in settings.API_FORMER_SIGNING_KEYS:
                try:
                    return TokenBackend(self.algorithm, key).decode(token, verify)
                except TokenBackendExpiredToken:
                    raise
                except TokenBackendError:
                    continue
            raise


_BACKEND = Backend(api_settings.ALGORITHM, api_settings.SIGNING_KEY)


class AccessToken(tokens.AccessToken):
    _token_backend = _BACKEND


class RefreshToken(tokens.RefreshToken):
    _token_backend = _BACKEND
