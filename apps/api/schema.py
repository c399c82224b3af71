"""How drf-spectacular describes what is ours: authentication, refusals, unknown fields."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema

from apps.api.serializers import ErrorOutput


class Schema(AutoSchema):
    """Every operation may be refused in the one shape."""

    REFUSALS = ("400", "401", "403", "404", "405", "409", "411", "413", "415", "422", "429", "503")

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
