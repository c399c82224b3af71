"""Base serializers: camelCase in JSON, snake_case in code; unknown fields are refused by name."""

import re
from collections.abc import Mapping
from functools import cache, cached_property
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from django.db.models import Model
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.utils.serializer_helpers import BindingDict

from apps.api.errors import Refused
from apps.common.email_addresses import canonical_email, validate_email_address
from apps.common.typed import tidy_line, tidy_phone, tidy_text

MAX_KEY = 60


@cache
def camel_case(name: str) -> str:
    return re.sub(r"_([a-z0-9])", lambda match: match.group(1).upper(), name)


class CamelCase(serializers.Serializer):
    """A field declared `first_name` is read and written as `firstName`; validated data has `first_name`.

    DRF copies all fields for each request, so that a view may change them. Ours change none and store nothing of a
    request: a class has one set, bound to an instance of its own without data.
    """

    @cached_property
    def fields(self) -> BindingDict:
        kind = type(self)
        if "_bound" not in vars(kind):
            kind._bound = super(CamelCase, kind()).fields
        return kind._bound

    def get_fields(self) -> dict[str, serializers.Field]:
        declared = {}
        for name, field in super().get_fields().items():
            declared |= field.listed if isinstance(field, Listed) else {name: field}
        renamed = {}
        for name, field in declared.items():
            wire = camel_case(name)
            if wire != name and field.source is None:
                field.source = name
            renamed[wire] = field
        return renamed


class Listed(serializers.Field):
    """Placeholder of fields that are listed elsewhere, at its position."""

    def __init__(self, listed: dict[str, serializers.Field]) -> None:
        super().__init__()
        self.listed = listed


class Input(CamelCase):
    """A request body: explicit fields, no rule."""

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if isinstance(data, Mapping):
            writable = {name for name, field in self.fields.items() if not field.read_only}
            unknown = [name for name in data if name not in writable]
            if unknown:
                raise serializers.ValidationError(
                    {str(name)[:MAX_KEY]: [_("Ce champ n’existe pas. Retirez-le.")] for name in unknown[:20]}
                )
        return super().to_internal_value(data)


class FormInput(Input):
    """The body of a form that programs may have submitted for years: unknown fields are ignored and named in the header
    `X-Ignored-Fields`. The shop's own fields (`refused`) are refused by name as everywhere."""

    refused: frozenset[str] = frozenset()

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        self.ignored = unknown_fields(self, data)
        if isinstance(data, Mapping):
            data = {name: value for name, value in data.items() if name not in self.ignored}
        return super().to_internal_value(data)


def unknown_fields(serializer: FormInput, data: Any) -> list[str]:
    if not isinstance(data, Mapping):
        return []
    return [name for name in data if name not in serializer.fields and name not in serializer.refused]


# Identifier, status and version of a row, here as in the old services.
OURS = frozenset({"id", "status", "version"})


def own_names(model: type[Model], *outputs: type["Output"]) -> frozenset[str]:
    """Names of the model's columns and of the response, which clients cannot set."""
    columns = {name for field in model._meta.concrete_fields for name in (field.name, field.attname)}
    answered = {name for output in outputs for name in output().fields}
    return OURS | frozenset(columns | {camel_case(name) for name in columns} | answered)


class Query(Input):
    """Parameters of a query string, each given once."""


class Output(CamelCase):
    """A response body."""


class _Typed(serializers.CharField):
    """Text without coercion. Scripts send null for empty: where blank is allowed, null is the empty text. The length is
    counted before trimming, as in the schema."""

    def run_validation(self, data: Any = serializers.empty) -> Any:
        data = "" if data is None and self.allow_null else data
        # Before DRF, which treats white space of any length, U+001C to U+001F included, as blank.
        if isinstance(data, str):
            self.check(data)
        return super().run_validation(data)

    def check(self, text: str) -> None:
        """Raises ValidationError for what the schema does not allow."""
        if self.max_length and len(text) > self.max_length:
            raise serializers.ValidationError(
                self.error_messages["max_length"].format(max_length=self.max_length), "max_length"
            )

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class EmailField(_Typed, serializers.EmailField):
    """Reads any valid spelling of an e-mail, and returns its canonical form."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.validators.append(validate_email_address)

    def to_internal_value(self, data: Any) -> str:
        return canonical_email(super().to_internal_value(data))

    def run_validators(self, value: Any) -> None:
        super().run_validators(canonical_email(value) if isinstance(value, str) else value)


class Secret(_Typed):
    """A token, a password, a code: text as sent, without coercion."""

    def __init__(self, **options: Any) -> None:
        super().__init__(trim_whitespace=False, **options)


class Text(_Typed):
    """Text of one or more lines, trimmed. Control characters other than line breaks and tabs are refused."""

    default_error_messages = {"control": _("Ce texte contient des caractères invisibles. Retirez-les.")}
    tidy = staticmethod(tidy_text)
    _CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u2028\u2029\ufffe\uffff]")

    def check(self, text: str) -> None:
        super().check(text)
        if self._CONTROL.search(text):
            self.fail("control")

    def to_internal_value(self, data: Any) -> str:
        text = self.tidy(super().to_internal_value(data))
        if not text and not self.allow_blank:
            self.fail("blank")
        return text


class Line(Text):
    """One line of text, normalised as a form field's."""

    tidy = staticmethod(tidy_line)


class Phone(Line):
    """A telephone number with ordinary spaces, hyphens and digits; nothing else is checked."""

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


def read_body(serializer: type[Input], request: Any) -> dict[str, Any]:
    return _read(serializer, request).validated_data


def read_form(serializer: type[FormInput], request: Any) -> tuple[dict[str, Any], dict[str, str]]:
    """A form's data, and the header with the names of ignored fields, if any."""
    given = _read(serializer, request)
    # Names come from clients: a header takes ASCII without line breaks.
    names = ", ".join(quote(name[:MAX_KEY]) for name in given.ignored[:20])
    return given.validated_data, {"X-Ignored-Fields": names} if names else {}


def _read(serializer: type[Input], request: Any) -> Any:
    """Raises Refused for a chunked body: WSGI gives Django none of it, and it would look empty."""
    if "Transfer-Encoding" in request.headers and not request.headers.get("Content-Length"):
        raise Refused(
            HTTPStatus.LENGTH_REQUIRED,
            "length_required",
            _("Annoncez la taille de la demande, avec l’en-tête « Content-Length »."),
        )
    given = serializer(data=request.data)
    given.is_valid(raise_exception=True)
    return given
