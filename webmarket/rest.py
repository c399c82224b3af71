"""Settings of the API: REST framework, schema, tokens."""

import hashlib
from datetime import timedelta
from typing import Any

REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "apps.api.authentication.TokenAuthentication",
        "apps.api.authentication.ApiKeyAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["apps.api.permissions.Anyone"],
    "DEFAULT_PARSER_CLASSES": ["apps.api.parsers.BoundedJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_THROTTLE_CLASSES": ["apps.api.throttles.ClientRate"],
    "DEFAULT_SCHEMA_CLASS": "apps.api.schema.Schema",
    "EXCEPTION_HANDLER": "apps.api.errors.answer",
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "apps.api.negotiation.AlwaysJSON",
}
SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "WebMarket+",
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api",
    # Required fields of a PATCH are in its serializer.
    "COMPONENT_SPLIT_PATCH": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "POSTPROCESSING_HOOKS": [
        f"apps.api.schema.{hook}" for hook in ("refuse_unknown_fields", "describe_blank_once", "add_health")
    ],
}


def signing_key(secret_key: str) -> str:
    """A key of its own, long enough for HS256 (RFC 7518, 3.2) and useless for Django's other signatures."""
    return hashlib.sha256(f"api tokens {secret_key}".encode()).hexdigest()


def tokens(secret_key: str) -> dict[str, Any]:
    return {
        "ALGORITHM": "HS256",
        "SIGNING_KEY": signing_key(secret_key),
        "ACCESS_TOKEN_LIFETIME": timedelta(hours=24),
        "REFRESH_TOKEN_LIFETIME": timedelta(days=14),
        "USER_ID_CLAIM": "sub",
    }
