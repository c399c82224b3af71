"""Extensions of drf-spectacular: authentication, refusals, unknown fields."""

from http import HTTPStatus
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.permissions import SAFE_METHODS

from apps.api.health import PARTS
from apps.api.idempotency import HEADER as REPEAT
from apps.api.permissions import Anyone
from apps.api.serializers import ErrorOutput, FormInput, Text

_CONTROL = r"\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\u2028\u2029\ufffe\uffff"
PRINTABLE = rf"^[^{_CONTROL}]*$"
SAYS_SOMETHING = rf"^[^{_CONTROL}]*[^\s{_CONTROL}][^{_CONTROL}]*$"


class Schema(AutoSchema):
    """Adds the refusals that an operation can have, in their one shape."""

    def get_auth(self) -> list[dict[str, Any]]:
        open_to_all = any(isinstance(each, Anyone) for each in self.view.get_permissions())
        return [*super().get_auth(), *([{}] if open_to_all else [])]

    def _map_serializer_field(self, field: Any, direction: Any, *rest: Any, **options: Any) -> dict[str, Any]:
        """A required text has a minimum length; lines of text exclude control characters."""
        schema = super()._map_serializer_field(field, direction, *rest, **options)
        if isinstance(field, serializers.CharField) and schema.get("type") == "string" and direction == "request":
            if not field.allow_blank:
                schema = {"minLength": 1, **schema}
            if isinstance(field, Text):
                schema = {"pattern": PRINTABLE if field.allow_blank else SAYS_SOMETHING, **schema}
        return schema

    def _get_response_bodies(self, direction: str = "response") -> dict[str, Any]:
        bodies = super()._get_response_bodies(direction)
        for status in self._refusals():
            bodies.setdefault(status, self._get_response_for_code(ErrorOutput, status, direction=direction))
        for status, body in bodies.items():
            if int(status) >= HTTPStatus.BAD_REQUEST:
                body["description"] = body["description"] or "{code, detail, fields?}"
            if headers := self._headers(status):
                body["headers"] = headers
        return dict(sorted(bodies.items()))

    def _refusals(self) -> set[str]:
        """Besides those that the operation itself names."""
        closed = not any(isinstance(each, Anyone) for each in self.view.get_permissions())
        unsafe = self.method not in SAFE_METHODS
        # An invalid token is refused, also where none is needed.
        refusals = {"400", "401", "429"}
        # A browser's session writes from our own pages alone.
        refusals |= {"403"} if closed or (unsafe and self.view.authentication_classes) else set()
        refusals |= {"404"} if "{" in self.path else set()
        refusals |= {"411", "413", "415"} if unsafe and self.get_request_serializer() is not None else set()
        refusals |= {"409", "422"} if self._may_be_repeated() else set()
        return refusals

    def _headers(self, status: str) -> dict[str, Any]:
        headers: dict[str, Any] = {}
        if status == "429" or (status == "409" and self._may_be_repeated()):
            headers["Retry-After"] = {
                "description": "in so many seconds",
                "schema": {"type": "integer", "minimum": 1},
            }
        if status == "401":
            headers["WWW-Authenticate"] = {"schema": {"type": "string"}}
        if int(status) < HTTPStatus.BAD_REQUEST and self._is_form():
            headers["X-Ignored-Fields"] = {
                "description": "fields of the request that were not known, percent-encoded, with commas between them",
                "schema": {"type": "string"},
            }
            if self.method == "PATCH":
                headers["X-Last-Write-Wins"] = {
                    "description": "the request named no `version`: what others wrote meanwhile is overwritten",
                    "schema": {"type": "string", "enum": ["true"]},
                }
        return headers

    def _may_be_repeated(self) -> bool:
        return any(
            isinstance(each, OpenApiParameter) and each.name == REPEAT.name for each in self.get_override_parameters()
        )

    def _is_form(self) -> bool:
        given = None if self.method in SAFE_METHODS else self.get_request_serializer()
        return isinstance(given, type) and issubclass(given, FormInput)


class TokenScheme(OpenApiAuthenticationExtension):
    target_class = "apps.api.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}


class ApiKeyScheme(OpenApiAuthenticationExtension):
    target_class = "apps.api.authentication.ApiKeyAuthentication"
    name = "apiKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "apiKey", "in": "header", "name": "X-API-Key"}


def refuse_unknown_fields(result: dict[str, Any], **_options: Any) -> dict[str, Any]:
    """Bodies refuse unknown fields; forms ignore them."""
    forms = {kind.__name__ for kind in FormInput.__subclasses__()}
    for name, schema in result.get("components", {}).get("schemas", {}).items():
        if name.endswith("Input") and name not in forms and schema.get("type") == "object":
            schema["additionalProperties"] = False
    return result


def describe_blank_once(result: dict[str, Any], **_options: Any) -> dict[str, Any]:
    """Our pattern of a text matches an empty one; drf-spectacular's additional choice would match it twice."""
    blank = {"type": "string", "maxLength": 0}
    for methods in result["paths"].values():
        for operation in methods.values():
            for parameter in operation.get("parameters", []):
                match parameter["schema"]:
                    case {"oneOf": [{"pattern": _} as text, alternative]} if alternative == blank:
                        parameter["schema"] = text
    return result


def add_health(result: dict[str, Any], **_options: Any) -> dict[str, Any]:
    """Plain views, which cost little; a load balancer reads their status alone."""
    part = {"type": "object", "properties": {"ok": {"type": "boolean"}, "ms": {"type": "number"}}}
    part["required"] = ["ok", "ms"]
    whole = {
        "type": "object",
        "properties": {
            "status": {"type": "string", "enum": ["ok", "degraded", "unavailable"]},
            "version": {"type": "string"},
            "checks": {
                "type": "object",
                "properties": dict.fromkeys(PARTS, part),
                "required": list(PARTS),
            },
        },
        "required": ["status", "version", "checks"],
    }
    alive = {
        "type": "object",
        "properties": {name: {"type": "string"} for name in ("status", "version")},
        "required": ["status", "version"],
    }
    for path, operation, shape, statuses in (
        ("/health", "health", whole, ("200", "503")),
        ("/api/health", "apiHealth", whole, ("200", "503")),
        ("/health/live", "live", alive, ("200",)),
    ):
        answer = {"content": {"application/json": {"schema": shape}}, "description": ""}
        result["paths"][path] = {
            "get": {
                "operationId": operation,
                "tags": ["health"],
                "security": [{}],
                "responses": dict.fromkeys(statuses, answer),
            }
        }
    return result
