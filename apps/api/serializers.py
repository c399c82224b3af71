"""Names on the wire are camelCase, in code snake_case; what a serializer does not know is refused by name."""

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from apps.api.errors import Refused
from apps.common.typed import tidy_email, tidy_line, tidy_phone

MAX_KEY = 60


def camel_case(name: str) -> str:
    return re.sub(r"_([a-z0-9])", lambda match: match.group(1).upper(), name)


class CamelCase(serializers.Serializer):
    """A field declared `first_name` is read and written as `firstName`; validated data keeps `first_name`."""

    def get_fields(self) -> dict[str, serializers.Field]:
        renamed = {}
        for name, field in super().get_fields().items():
            wire = camel_case(name)
            if wire != name and field.source is None:
                field.source = name
            renamed[wire] = field
        return renamed


class Input(CamelCase):
    """Shape of a request: explicit fields, no rule."""

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if isinstance(data, Mapping):
            writable = {name for name, field in self.fields.items() if not field.read_only}
            unknown = [name for name in data if name not in writable]
            if unknown:
                raise serializers.ValidationError(
                    {str(name)[:MAX_KEY]: [_("Ce champ n’existe pas. Retirez-le.")] for name in unknown[:20]}
                )
        return super().to_internal_value(data)


class Query(Input):
    """Shape of an address's parameters, each given once."""


class Output(CamelCase):
    """Shape of an answer."""


class Email(serializers.EmailField):
    """Without the invisible characters that a copy brings along."""

    def to_internal_value(self, data: Any) -> str:
        return super().to_internal_value(tidy_email(data) if isinstance(data, str) else data)


class Secret(serializers.CharField):
    """A token, a password, a code: text and nothing that could be turned into it, as sent."""

    def __init__(self, **options: Any) -> None:
        super().__init__(trim_whitespace=False, **options)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class Text(serializers.CharField):
    """A line or more of text as typed, trimmed. Control characters other than line breaks and tabs are no text."""

    default_error_messages = {"control": _("Ce texte contient des caractères invisibles. Retirez-les.")}
    _CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u2028\u2029\ufffe\uffff]")

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        if self._CONTROL.search(data):
            self.fail("control")
        if self.max_length and len(data) > self.max_length:
            # As the schema counts: before the trimming.
            raise serializers.ValidationError(
                self.error_messages["max_length"].format(max_length=self.max_length), "max_length"
            )
        return super().to_internal_value(data)


class Line(Text):
    """One line of text, tidied as a form's field is."""

    tidy = staticmethod(tidy_line)

    def to_internal_value(self, data: Any) -> str:
        text = self.tidy(super().to_internal_value(data))
        if not text and not self.allow_blank:
            self.fail("blank")
        return text


class Phone(Line):
    """A telephone number with ordinary spaces, hyphens and digits; nothing else about it is judged."""

    tidy = staticmethod(tidy_phone)


class ErrorOutput(Output):
    """The one shape of refusals."""

    code = serializers.CharField()
    detail = serializers.CharField()
    fields = serializers.DictField(required=False)


def read_query(serializer: type[Query], request: Any) -> dict[str, Any]:
    return read_parameters(serializer, request.query_params)


def read_parameters(serializer: type[Query], given: QueryDict) -> dict[str, Any]:
    again = [name for name, values in given.lists() if len(values) > 1]
    if again:
        raise serializers.ValidationError(
            {name[:MAX_KEY]: [_("Donnez ce paramètre une seule fois.")] for name in again[:20]}
        )
    query = serializer(data=given.dict())
    query.is_valid(raise_exception=True)
    return query.validated_data


def read_body(serializer: type[Input], request: Any, **options: Any) -> dict[str, Any]:
    """Raises Refused for a body in pieces: WSGI gives Django none of it, and it would look as if it were empty."""
    if "Transfer-Encoding" in request.headers and not request.headers.get("Content-Length"):
        raise Refused(
            HTTPStatus.LENGTH_REQUIRED,
            "length_required",
            _("Annoncez la taille de la demande, avec l’en-tête « Content-Length »."),
        )
    given = serializer(data=request.data, **options)
    given.is_valid(raise_exception=True)
    return given.validated_data
