"""Serializers of prospects. The fields of a card come from the one list (apps/prospects/fields.py)."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from rest_framework import serializers

from apps.api.cursor import CursorField
from apps.api.serializers import (
    EmailField,
    ErrorOutput,
    FormInput,
    Input,
    Line,
    Listed,
    Output,
    Phone,
    Query,
    Secret,
    Text,
    own_names,
)
from apps.common.captcha import MAX_TOKEN
from apps.common.letters import slug_of
from apps.prospects.fields import CONTACT, FOLLOW_UP, Field, Kind
from apps.prospects.models import Prospect, ProspectEvent, Stage

MAX_ID = 2**63 - 1


class YesOrNo(serializers.BooleanField):
    """true or false, nothing coerced: a consent is explicit."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


_TYPES: dict[Kind, type[serializers.CharField]] = {
    Kind.LINE: Line,
    Kind.TEXT: Text,
    Kind.EMAIL: EmailField,
    Kind.PHONE: Phone,
}


def inputs(fields: Iterable[Field], *, whole: bool) -> dict[str, serializers.Field]:
    """Input fields of a card; of a `whole` card the required ones must be there. The assignee is a number, in a field
    of its own."""
    read: dict[str, serializers.Field] = {}
    for field in fields:
        if field.kind is Kind.DATE:
            read[field.name] = serializers.DateField(required=False, allow_null=True)
        elif field.is_required:
            read[field.name] = _TYPES[field.kind](max_length=Prospect.longest(field.name), required=whole)
        elif field.is_text:
            read[field.name] = _TYPES[field.kind](
                max_length=Prospect.longest(field.name), required=False, allow_blank=True, allow_null=True
            )
    return read


def outputs(fields: Iterable[Field]) -> dict[str, serializers.Field]:
    return {
        field.name: serializers.CharField() if field.is_text else serializers.DateField(allow_null=True)
        for field in fields
        if field.kind is not Kind.COLLEAGUE
    }


class ProspectInput(FormInput):
    contact = Listed(inputs(CONTACT, whole=True))
    consent = YesOrNo(required=False, allow_null=True)
    captcha_token = Secret(max_length=MAX_TOKEN, required=False, allow_blank=True, allow_null=True)


# The field's name in the two older services and in releases before `stage`: accepted and returned beside it.
STATUS = "the older name of `stage`"


class StageField(Text):
    """A column by its code, or by its name: « Contacté » is « contacte »."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=60, required=False, **options)

    def to_internal_value(self, data: Any) -> str:
        given = super().to_internal_value(data)
        plain = slug_of(given)
        if given == plain or Stage.objects.filter(code=given).exists():
            return given
        return plain


class ProspectPatchInput(FormInput):
    """With `version` a change is refused when the card has changed since. Without, as the old service took it: the last
    write wins, and fields that cannot be changed are ignored."""

    version = serializers.IntegerField(required=False, min_value=1, max_value=MAX_ID)
    stage = StageField()
    status = StageField(help_text=STATUS)
    reason = Text(max_length=300, required=False, allow_blank=True, allow_null=True)
    contact = Listed(inputs(CONTACT, whole=False))
    assignee_id = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=MAX_ID)
    follow_up = Listed(inputs(FOLLOW_UP, whole=False))

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if isinstance(data, Mapping) and "version" in data:
            self.refused = frozenset(data)
        return super().to_internal_value(data)


class MoveInput(Input):
    version = serializers.IntegerField(min_value=1, max_value=MAX_ID)
    stage = serializers.SlugField(max_length=30, required=False, help_text="one of the two names must be there")
    status = serializers.SlugField(max_length=30, required=False, help_text=STATUS)
    after_id = serializers.UUIDField(required=False, allow_null=True)
    before_id = serializers.UUIDField(required=False, allow_null=True)
    reason = Text(max_length=300, required=False, allow_blank=True, allow_null=True)


class ProspectQuery(Query):
    stage = StageField()
    status = StageField(help_text=STATUS)
    email = Text(max_length=254, required=False)
    q = Text(max_length=100, required=False, allow_blank=True)
    assignee = serializers.IntegerField(required=False, min_value=1, max_value=MAX_ID)
    limit = serializers.IntegerField(required=False, min_value=1, max_value=100, default=25)
    cursor = CursorField()


class BoardQuery(Query):
    stage = serializers.SlugField(max_length=30, required=False)
    status = serializers.SlugField(max_length=30, required=False, help_text=STATUS)
    after_id = serializers.UUIDField(required=False)


class ReceivedOutput(Output):
    """The public response: what was sent, the same for a new e-mail and for one in use."""

    id = serializers.UUIDField(source="public_id")
    first_name = serializers.CharField()
    last_name = serializers.CharField()
    email = serializers.CharField()
    status = serializers.CharField(source="stage.code", help_text="The column that it begins in")
    timestamp = serializers.DateTimeField(source="created_at")
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class RenamedOutput(Output):
    """Adds `older` names of fields: copies of the present ones, at the price of one lookup."""

    older: ClassVar[dict[str, str]]

    @property
    def _readable_fields(self) -> Iterator[serializers.Field]:
        return (field for name, field in self.fields.items() if name not in self.older)

    def to_representation(self, instance: Any) -> dict[str, Any]:
        output = super().to_representation(instance)
        for name, present in self.older.items():
            output[name] = output[present]
        return output


class ProspectOutput(RenamedOutput):
    older: ClassVar = {"status": "stage", "statusSince": "stageSince"}
    id = serializers.UUIDField(source="public_id")
    version = serializers.IntegerField()
    contact = Listed(outputs(CONTACT))
    verified = serializers.BooleanField()
    stage = serializers.CharField(source="stage.code")
    stage_since = serializers.DateTimeField()
    status = serializers.CharField(source="stage.code", help_text=STATUS)
    status_since = serializers.DateTimeField(source="stage_since", help_text="the older name of `stageSince`")
    assignee_id = serializers.IntegerField(allow_null=True)
    assignee = serializers.EmailField(source="assignee.email", default=None, allow_null=True)
    follow_up = Listed(outputs(FOLLOW_UP))
    consent_version = serializers.CharField()
    consent_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


ProspectInput.refused = own_names(Prospect, ProspectOutput, ReceivedOutput)


class EventOutput(RenamedOutput):
    older: ClassVar = {"fromStatus": "fromStage", "toStatus": "toStage"}
    kind = serializers.CharField()
    at = serializers.DateTimeField()
    by = serializers.CharField(source="by_name")
    from_stage = serializers.CharField(source="from_stage.code", default=None, allow_null=True)
    to_stage = serializers.CharField(source="to_stage.code", default=None, allow_null=True)
    from_status = serializers.CharField(
        source="from_stage.code", default=None, allow_null=True, help_text="the older name of `fromStage`"
    )
    to_status = serializers.CharField(
        source="to_stage.code", default=None, allow_null=True, help_text="the older name of `toStage`"
    )
    reason = serializers.CharField()
    changes = serializers.DictField()


@dataclass(frozen=True)
class Detail:
    """A card with its related data."""

    card: Prospect
    duplicates: list[UUID]
    history: list[ProspectEvent]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.card, name)


class ProspectDetailOutput(ProspectOutput):
    duplicates = serializers.ListField(child=serializers.UUIDField())
    history = EventOutput(many=True)


class ProspectPageOutput(Output):
    results = ProspectOutput(many=True)
    next_cursor = serializers.CharField(allow_null=True)


class ColumnOutput(RenamedOutput):
    older: ClassVar = {"status": "stage"}
    stage = serializers.CharField(source="stage.code")
    status = serializers.CharField(source="stage.code", help_text=STATUS)
    name = serializers.CharField(source="stage.name")
    colour = serializers.CharField(source="stage.colour")
    wip_limit = serializers.IntegerField(source="stage.wip_limit", allow_null=True)
    asks_reason = serializers.BooleanField(source="stage.asks_reason")
    count = serializers.IntegerField()
    cards = ProspectOutput(many=True)
    more = serializers.BooleanField()


class BoardOutput(Output):
    columns = ColumnOutput(many=True)


class StaleOutput(ErrorOutput):
    current = ProspectOutput()
