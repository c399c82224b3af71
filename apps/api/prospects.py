from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
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
from apps.api.errors import body
from apps.api.idempotency import HEADER, Attempt, once
from apps.api.models import ApiKey, Scope
from apps.api.permissions import Anyone, HandlesProspects, has_scope
from apps.api.prospect_serializers import (
    BoardOutput,
    BoardQuery,
    Detail,
    MoveInput,
    ProspectDetailOutput,
    ProspectInput,
    ProspectOutput,
    ProspectPageOutput,
    ProspectPatchInput,
    ProspectQuery,
    ReceivedOutput,
    StaleOutput,
)
from apps.api.serializers import ErrorOutput, read_body, read_form, read_query
from apps.api.throttles import limit
from apps.common.keyset import page
from apps.prospects import services
from apps.prospects.models import Prospect, Stage

BOARD_PAGE = 25
HOUR = timedelta(hours=1)
PER_HOUR = {True: 30, False: 5}
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
        found = Prospect.objects.not_deleted().cards()
        code = _stage(asked)
        if code is not None:
            # Ids first: the list is then read by one index.
            stage = Stage.objects.filter(code=code).first()
            found = found.filter(stage=stage) if stage else found.none()
        if "email" in asked:
            found = found.with_email(asked["email"])
        if "assignee" in asked:
            found = found.filter(assignee=asked["assignee"])
        prospects, following = page(
            found.matching(asked.get("q", "")), cursor=asked.get("cursor"), limit=asked["limit"]
        )
        return Response(ProspectPageOutput({"results": prospects, "next_cursor": following}).data)


class OneProspect(APIView):
    permission_classes = [HandlesProspects]

    @extend_schema(responses=ProspectDetailOutput, operation_id="getProspect")
    def get(self, request: Any, id: UUID) -> Response:
        """A card with its history and the cards of the same e-mail or telephone."""
        prospect = get_object_or_404(Prospect.objects.not_deleted().cards(), public_id=id)
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
        stages = Stage.objects.visible()
        code = _stage(asked)
        if code is not None:
            stages = stages.filter(code=code)
        counts = Prospect.objects.counts()
        cards_by_stage = [
            (stage, services.column_page(stage=stage, after=asked.get("after_id"), limit=BOARD_PAGE + 1))
            for stage in stages
        ]
        prefetch_related_objects([card for _stage, cards in cards_by_stage for card in cards], "assignee")
        columns = [_column(stage, counts.get(stage.pk, 0), cards) for stage, cards in cards_by_stage]
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
        ip=client.ip(request),
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
    """The response to a new prospect: the same for a repeat, whatever became of the card."""
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
    """Whether a captcha or an API key vouches for the request. Raises Refused and Throttled."""
    if has_scope(request, Scope.PROSPECTS_CREATE) or (request.user.is_authenticated and request.user.is_staff):
        return True
    verified = captcha.check(request, token=token, now=now, by=attempt.key) is Proof.PERSON
    action = "api-prospect" if verified else "api-prospect-unverified"
    limit(action=action, who=client.ip_prefix(request), times=PER_HOUR[verified], within=HOUR)
    return verified


def _stage(given: Mapping[str, Any], *, former: Callable[[], str] | None = None) -> str | None:
    """The requested column, by `stage` or the older `status`.

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
    return get_object_or_404(Prospect.objects.not_deleted().cards(), public_id=public_id).stage.code


def _number(public_id: UUID) -> int:
    return get_object_or_404(Prospect.objects.not_deleted().only("pk"), public_id=public_id).pk


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
