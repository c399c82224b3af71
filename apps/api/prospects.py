from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID

from django.conf import settings
from django.db.models import prefetch_related_objects
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.models import User
from apps.api import captcha, client
from apps.api.captcha import Proof
from apps.api.cursor import CursorField
from apps.api.errors import body
from apps.api.idempotency import HEADER, Attempt, once
from apps.api.models import ApiKey, Scope
from apps.api.permissions import Anyone, HandlesProspects, has_scope
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
    read_body,
    read_form,
    read_query,
)
from apps.api.throttles import limit
from apps.common.captcha import MAX_TOKEN
from apps.common.keyset import page
from apps.common.letters import slug_of
from apps.prospects import services
from apps.prospects.fields import CONTACT, FOLLOW_UP, Field, Kind
from apps.prospects.models import Prospect, ProspectEvent, Stage

MAX_ID = 2**63 - 1
BOARD_PAGE = 25
HOUR = timedelta(hours=1)
PER_HOUR = {True: 30, False: 5}


class YesOrNo(serializers.BooleanField):
    """true or false, and nothing that could be turned into it: a consent is given in so many words."""

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
    """Fields of a card as they are read; of a `whole` card the required ones must be there. A colleague is given by
    number, in a field of its own."""
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


# What the two older services, and releases before `stage`, called it: read and answered beside it.
STATUS = "the older name of `stage`"


class StageField(Text):
    """A column by its code, or as people write it: « Contacté » is « contacte »."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=60, required=False, **options)

    def to_internal_value(self, data: Any) -> str:
        given = super().to_internal_value(data)
        plain = slug_of(given)
        if given == plain or Stage.objects.filter(code=given).exists():
            return given
        return plain


class ProspectPatchInput(FormInput):
    """With `version`: what one has seen, refused when it is stale. Without, as the old service took it: the last write
    wins, and fields that cannot be changed are ignored."""

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
    """What anyone gets back: what they sent, whether we knew them or not."""

    id = serializers.UUIDField(source="public_id")
    first_name = serializers.CharField()
    last_name = serializers.CharField()
    email = serializers.CharField()
    status = serializers.CharField(source="stage.code", help_text="The column that it begins in")
    timestamp = serializers.DateTimeField(source="created_at")
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class RenamedOutput(Output):
    """Answers under `older` names too: copies of what is answered under those of now, at the price of one lookup."""

    older: ClassVar[dict[str, str]]

    @property
    def _readable_fields(self) -> Iterator[serializers.Field]:
        return (field for name, field in self.fields.items() if name not in self.older)

    def to_representation(self, instance: Any) -> dict[str, Any]:
        shown = super().to_representation(instance)
        for name, present in self.older.items():
            shown[name] = shown[present]
        return shown


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
    """A card with what is shown beside it."""

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


STALE = OpenApiResponse(StaleOutput, description="stale_version: the card as it is now, in `current`")


class Prospects(APIView):
    def get_permissions(self) -> list[Any]:
        return [Anyone() if self.request.method == "POST" else HandlesProspects()]

    @extend_schema(
        request=ProspectInput, responses={201: ReceivedOutput}, parameters=[HEADER], operation_id="createProspect"
    )
    def post(self, request: Any) -> Response:
        """Leave one's name and address. Without a proof of being a person it is kept, marked unverified."""
        given, headers = read_form(ProspectInput, request)
        with once(request, action="prospect") as attempt:
            if attempt.facts is None:
                _create(request, given, attempt)
        return Response(ReceivedOutput(_received(given, attempt.facts or {})).data, status=201, headers=headers)

    @extend_schema(parameters=[ProspectQuery], responses=ProspectPageOutput, operation_id="listProspects")
    def get(self, request: Any) -> Response:
        """Newest first. `email` is a whole address, or a beginning that ends in `*`."""
        asked = read_query(ProspectQuery, request)
        found = Prospect.objects.kept().cards()
        code = _stage(asked)
        if code is not None:
            # The id first: the list is then read by one index.
            stage = Stage.objects.filter(code=code).first()
            found = found.filter(stage=stage) if stage else found.none()
        if "email" in asked:
            found = found.with_email(asked["email"])
        if "assignee" in asked:
            found = found.filter(assignee=asked["assignee"])
        shown, following = page(found.matching(asked.get("q", "")), cursor=asked.get("cursor"), limit=asked["limit"])
        return Response(ProspectPageOutput({"results": shown, "next_cursor": following}).data)


class OneProspect(APIView):
    permission_classes = [HandlesProspects]

    @extend_schema(responses=ProspectDetailOutput, operation_id="getProspect")
    def get(self, request: Any, id: UUID) -> Response:
        """A card with its history and the cards of the same e-mail or telephone."""
        prospect = get_object_or_404(Prospect.objects.kept().cards(), public_id=id)
        duplicates = list(Prospect.objects.like(prospect).order_by("pk").values_list("public_id", flat=True)[:20])
        history = prospect.events.select_related("from_stage", "to_stage")
        return Response(ProspectDetailOutput(Detail(prospect, duplicates, list(history))).data)

    @extend_schema(
        request=ProspectPatchInput, responses={200: ProspectOutput, 409: STALE}, operation_id="updateProspect"
    )
    def patch(self, request: Any, id: UUID) -> Response:
        """Change fields of a card, and with `stage` its column, all or nothing.

        With `version`, the one that one has seen, a change by somebody else is not overwritten (409). Without it the
        last write wins, and the answer says so in `X-Last-Write-Wins`.
        """
        changes, headers = read_form(ProspectPatchInput, request)
        version = changes.pop("version", None)
        if version is None:
            headers = {**headers, "X-Last-Write-Wins": "true"}
        if "assignee_id" in changes:
            changes["assignee"] = _colleague(changes.pop("assignee_id"))
        stage = _stage(changes, former=lambda: _code(id))
        changes = {name: value for name, value in changes.items() if name not in ("stage", "status")}
        reason = changes.pop("reason", "")
        try:
            prospect = services.update_prospect(
                prospect_id=_number(id),
                version=version,
                changes=changes,
                stage_code=stage,
                reason=reason,
                by=_author(request),
                now=timezone.now(),
            )
        except services.StaleVersion as error:
            return _stale(error)
        return Response(ProspectOutput(prospect).data, headers=headers)

    @extend_schema(request=None, responses={204: None}, operation_id="deleteProspect")
    def delete(self, request: Any, id: UUID) -> Response:
        """Take a card off the board; it can be restored for 30 days."""
        services.delete_prospect(prospect_id=_number(id), by=_author(request), now=timezone.now())
        return Response(status=204)


class Restoration(APIView):
    permission_classes = [HandlesProspects]

    @extend_schema(request=None, responses={200: ProspectOutput, 409: ErrorOutput}, operation_id="restoreProspect")
    def post(self, request: Any, id: UUID) -> Response:
        """Put a deleted card back."""
        number = get_object_or_404(Prospect, public_id=id).pk
        prospect = services.restore_prospect(prospect_id=number, by=_author(request), now=timezone.now())
        return Response(ProspectOutput(prospect).data)


class Move(APIView):
    permission_classes = [HandlesProspects]

    @extend_schema(request=MoveInput, responses={200: ProspectOutput, 409: STALE}, operation_id="moveProspect")
    def post(self, request: Any, id: UUID) -> Response:
        """Put a card into a column, under `afterId` and above `beforeId`; with neither, on top."""
        asked = read_body(MoveInput, request)
        stage = _stage(asked)
        if stage is None:
            raise ValidationError({"stage": [serializers.Field.default_error_messages["required"]]})
        try:
            prospect = services.move_prospect(
                prospect_id=_number(id),
                version=asked["version"],
                stage_code=stage,
                after=asked.get("after_id"),
                before=asked.get("before_id"),
                reason=asked.get("reason", ""),
                by=_author(request),
                now=timezone.now(),
            )
        except services.StaleVersion as error:
            return _stale(error)
        return Response(ProspectOutput(prospect).data)


class Board(APIView):
    permission_classes = [HandlesProspects]

    @extend_schema(parameters=[BoardQuery], responses=BoardOutput, operation_id="prospectBoard")
    def get(self, request: Any) -> Response:
        """The columns with their counts and first cards; `stage` and `afterId` give the next cards of one column."""
        asked = read_query(BoardQuery, request)
        stages = Stage.objects.shown()
        code = _stage(asked)
        if code is not None:
            stages = stages.filter(code=code)
        counts = Prospect.objects.counts()
        shown = [
            (stage, services.column_page(stage=stage, after=asked.get("after_id"), limit=BOARD_PAGE + 1))
            for stage in stages
        ]
        prefetch_related_objects([card for _stage, cards in shown for card in cards], "assignee")
        columns = [_column(stage, counts.get(stage.pk, 0), cards) for stage, cards in shown]
        return Response(BoardOutput({"columns": columns}).data)


def _column(stage: Stage, count: int, cards: list[Prospect]) -> dict[str, Any]:
    return {"stage": stage, "count": count, "cards": cards[:BOARD_PAGE], "more": len(cards) > BOARD_PAGE}


def _create(request: Any, given: dict[str, Any], attempt: Attempt) -> None:
    now = timezone.now()
    details = {name: value for name, value in given.items() if name not in ("captcha_token", "consent")}
    verified = _verified(request, given.get("captcha_token", ""), now, attempt)
    services.create_prospect(
        details=details,
        verified=verified,
        consent_version=settings.PROSPECT_CONSENT_VERSION if given.get("consent") else "",
        address=client.address(request),
        now=now,
        by=_author(request) if isinstance(request.auth, ApiKey) else None,
        written=lambda prospect: attempt.keep(
            {
                "id": str(prospect.public_id),
                "status": prospect.stage.code,
                "created_at": prospect.created_at.isoformat(),
                "updated_at": prospect.updated_at.isoformat(),
            }
        ),
    )


def _received(given: dict[str, Any], facts: dict[str, Any]) -> Prospect:
    """The one answer to what was sent: the first time and every other, whatever became of the card."""
    return Prospect(
        public_id=UUID(facts["id"]),
        first_name=given["first_name"],
        last_name=given["last_name"],
        email=given["email"].lower(),
        stage=Stage(code=facts["status"]),
        created_at=datetime.fromisoformat(facts["created_at"]),
        updated_at=datetime.fromisoformat(facts["updated_at"]),
    )


def _verified(request: Any, token: str, now: datetime, attempt: Attempt) -> bool:
    """Whether a person, or a program that we know, sends this. Raises Refused and Throttled."""
    if has_scope(request, Scope.PROSPECTS_CREATE) or (request.user.is_authenticated and request.user.is_staff):
        return True
    verified = captcha.check(request, token=token, now=now, by=attempt.key) is Proof.PERSON
    action = "api-prospect" if verified else "api-prospect-unverified"
    limit(action=action, who=client.address_prefix(request), times=PER_HOUR[verified], within=HOUR)
    return verified


def _stage(given: Mapping[str, Any], *, former: Callable[[], str] | None = None) -> str | None:
    """The column that is asked for, under the name of now or the older one.

    A whole card that is sent back has both: the one that differs from the `former` column is meant. Raises
    ValidationError where they name two columns and neither can be the old one.
    """
    names = {given[name] for name in ("stage", "status") if name in given}
    if len(names) == 2 and former is not None:
        names = names - {former()} or names
    if len(names) == 2:
        raise ValidationError({"status": [_("« stage » et « status » nomment deux étapes. Gardez « stage ».")]})
    return names.pop() if names else None


def _code(public_id: UUID) -> str:
    return get_object_or_404(Prospect.objects.kept().cards(), public_id=public_id).stage.code


def _number(public_id: UUID) -> int:
    return get_object_or_404(Prospect.objects.kept().only("pk"), public_id=public_id).pk


def _author(request: Any) -> services.Author:
    if isinstance(request.auth, ApiKey):
        return services.Author(name=request.auth.name)
    return services.Author(user=request.user)


def _colleague(number: int | None) -> User | None:
    if number is None:
        return None
    found = User.objects.filter(pk=number, is_staff=True, is_active=True).first()
    if found is None:
        raise ValidationError({"assigneeId": [_("Cette personne ne fait pas partie de l’équipe.")]})
    return found


def _stale(error: services.StaleVersion) -> Response:
    refusal = body(error.code, error.message) | {"current": error.details["prospect"]}
    return Response(StaleOutput(refusal).data, status=409)
