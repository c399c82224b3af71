"""How drf-spectacular describes what is ours: authentication, refusals, unknown fields."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from rest_framework import serializers

from apps.api.health import PARTS
from apps.api.permissions import Anyone
from apps.api.serializers import ErrorOutput, Text

_CONTROL = r"\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\u2028\u2029\ufffe\uffff"
PRINTABLE = rf"^[^{_CONTROL}]*$"
SAYS_SOMETHING = rf"^[^{_CONTROL}]*[^\s{_CONTROL}][^{_CONTROL}]*$"


class Schema(AutoSchema):
    """Every operation may be refused in the one shape."""

    REFUSALS = ("400", "401", "403", "404", "405", "409", "411", "413", "415", "422", "429", "503")

    def get_auth(self) -> list[dict[str, Any]]:
        open_to_all = any(isinstance(each, Anyone) for each in self.view.get_permissions())
        return [*super().get_auth(), *([{}] if open_to_all else [])]

    def _map_serializer_field(self, field: Any, direction: Any, *rest: Any, **options: Any) -> dict[str, Any]:
        """Text that must be there is no empty text; lines of text have no control characters."""
        schema = super()._map_serializer_field(field, direction, *rest, **options)
        if isinstance(field, serializers.CharField) and schema.get("type") == "string" and direction == "request":
            if not field.allow_blank:
                schema = {"minLength": 1, **schema}
            if isinstance(field, Text):
                schema = {"pattern": PRINTABLE if field.allow_blank else SAYS_SOMETHING, **schema}
        return schema

    def _get_response_bodies(self, direction: str = "response") -> dict[str, Any]:
        bodies = super()._get_response_bodies(direction)
        refusal = self._get_response_for_code(ErrorOutput, "400", direction=direction)
        for status in self.REFUSALS:
            bodies.setdefault(status, {**refusal, "description": "{code, detail, fields?}"})
        return bodies


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
    """Bodies take their own fields and no other."""
    for name, schema in result.get("components", {}).get("schemas", {}).items():
        if name.endswith("Input") and schema.get("type") == "object":
            schema["additionalProperties"] = False
    return result


def add_health(result: dict[str, Any], **_options: Any) -> dict[str, Any]:
    """Plain views, so that they stay cheap; a load balancer reads nothing but their status."""
    state = {"type": "object", "properties": {"ok": {"type": "boolean"}, "ms": {"type": "number"}}}
    state["required"] = ["ok", "ms"]
    whole = {
        "type": "object",
        "properties": {
            "status": {"type": "string", "enum": ["ok", "degraded", "unavailable"]},
            "version": {"type": "string"},
            "checks": {
                "type": "object",
                "properties": dict.fromkeys(PARTS, state),
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
