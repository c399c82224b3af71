import re
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache, partial
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import Throttled
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.api import captcha, client
from apps.api.cached_responses import listed
from apps.api.captcha import Proof
from apps.api.cursor import CursorField
from apps.api.idempotency import HEADER, Attempt, once
from apps.api.models import Scope
from apps.api.permissions import has_scope
from apps.api.serializers import (
    EmailField,
    ErrorOutput,
    FormInput,
    Input,
    Line,
    Output,
    Query,
    Secret,
    Text,
    own_names,
    read_body,
    read_form,
    read_query,
)
from apps.comments import limits, services
from apps.comments.models import MAX_SECTION, MAX_TEXT, Comment, Report
from apps.comments.newest import as_comments, as_threads, newest_rows, thread_rows
from apps.comments.threads import as_thread, threads
from apps.comments.tokens import author_token
from apps.common import keyset
from apps.common.captcha import MAX_TOKEN
from apps.common.prepared import Rows
from apps.common.translation import current_language

MAX_ID = 2**63 - 1
MAX_CACHED_TEXT = 10_000
TOKEN = OpenApiParameter("X-Edit-Token", str, OpenApiParameter.HEADER, description="`editToken` of the first answer")


@extend_schema_field(
    {"type": "string", "minLength": 1, "maxLength": MAX_SECTION, "pattern": r"^[^\u0000-\u001f\u007f]+$"}
)
class SectionField(serializers.CharField):
    """The identifier of a section, chosen by the site: any text without control characters, compared exactly."""

    default_error_messages = {"section": _("Une section est un texte sans caractères invisibles.")}
    _CONTROL = re.compile(r"[\x00-\x1f\x7f]")

    def __init__(self) -> None:
        super().__init__(max_length=MAX_SECTION, trim_whitespace=False)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        text = super().to_internal_value(data)
        if self._CONTROL.search(text):
            self.fail("section")
        return text

    def run_validation(self, data: Any = serializers.empty) -> Any:
        # An identifier of spaces alone is valid; DRF would treat it as blank.
        if isinstance(data, str) and data and not data.strip():
            data = self.to_internal_value(data)
            self.run_validators(data)
            return data
        return super().run_validation(data)


class CommentInput(FormInput):
    section_id = SectionField()
    author = Line(max_length=80)
    text = Text(max_length=MAX_TEXT)
    parent_id = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=MAX_ID)
    email = EmailField(max_length=254, required=False, allow_blank=True, allow_null=True)
    captcha_token = Secret(max_length=MAX_TOKEN, required=False, allow_blank=True, allow_null=True)


class ChangeInput(Input):
    text = Text(max_length=MAX_TEXT)


class ReportInput(Input):
    reason = serializers.ChoiceField(choices=[reason.value.lower() for reason in Report.Reason])
    note = Text(max_length=300, required=False, allow_blank=True, allow_null=True)


class CommentQuery(Query):
    section_id = SectionField()
    limit = serializers.IntegerField(required=False, min_value=1, max_value=100, default=20)
    cursor = CursorField()


class CommentOutput(Output):
    id = serializers.IntegerField(source="pk")
    section_id = serializers.CharField()
    author = serializers.CharField()
    text = serializers.CharField()
    parent_id = serializers.IntegerField(allow_null=True)
    timestamp = serializers.DateTimeField(source="created_at")
    status = serializers.SerializerMethodField()

    def get_status(self, comment: Comment) -> str:
        return comment.status.lower()


OUTPUT_COLUMNS = ("section_id", "author", "text", "parent_id", "created_at", "status")


class WrittenOutput(CommentOutput):
    """As first answered, whatever moderators have done since."""

    edit_token = serializers.SerializerMethodField(
        "get_edit_token", help_text="Whoever holds it wrote this: for PATCH and DELETE"
    )

    def get_status(self, comment: Comment) -> str:
        return comment.first_status.lower()

    def get_edit_token(self, comment: Comment) -> str:
        return author_token(comment)


class CommentPageOutput(Output):
    results = CommentOutput(many=True)
    next_cursor = serializers.CharField(allow_null=True)


class RepliedOutput(Output):
    """For a widget; `author` and `text` are empty where the author withdrew a comment that has replies."""

    id = serializers.IntegerField()
    author = serializers.CharField()
    text = serializers.CharField()
    timestamp = serializers.CharField(source="at")
    edited = serializers.BooleanField()
    withdrawn = serializers.BooleanField()
    by_team = serializers.BooleanField(source="team")
    rating = serializers.IntegerField(allow_null=True)
    bought_on = serializers.CharField(allow_null=True)


class ThreadOutput(RepliedOutput):
    replies = RepliedOutput(many=True)


class ThreadPageOutput(Output):
    results = ThreadOutput(many=True)
    next_cursor = serializers.CharField(allow_null=True)


CommentInput.refused = own_names(Comment, WrittenOutput, ThreadOutput)


class Comments(APIView):
    @extend_schema(
        request=CommentInput,
        responses={201: WrittenOutput, 202: WrittenOutput},
        parameters=[HEADER],
        operation_id="writeComment",
    )
    def post(self, request: Any) -> Response:
        """201 when it is published, 202 when it waits for a moderator."""
        given, headers = read_form(CommentInput, request)
        with once(request, action="comment") as attempt:
            if attempt.facts is None:
                _write(request, given, attempt)
        return _received(given, attempt.facts or {}, headers)

    @extend_schema(parameters=[CommentQuery], responses=CommentPageOutput, operation_id="listComments")
    def get(self, request: Any) -> HttpResponse:
        """What is published in a section, newest first; any page costs what the first one does."""
        asked = read_query(CommentQuery, request)
        return listed(partial(_page if asked.get("cursor") else _newest, **asked))


class Threads(APIView):
    @extend_schema(parameters=[CommentQuery], responses=ThreadPageOutput, operation_id="listThreads")
    def get(self, request: Any) -> HttpResponse:
        """What is published in a section, newest first, each comment with its replies."""
        asked = read_query(CommentQuery, request)
        return listed(partial(_threads if asked.get("cursor") else _newest_threads, **asked))


class OneComment(APIView):
    """For its author: the account that wrote it, or the token of the first response."""

    @extend_schema(
        request=ChangeInput,
        responses={200: CommentOutput, 409: ErrorOutput},
        parameters=[TOKEN],
        operation_id="changeComment",
    )
    def patch(self, request: Any, pk: int) -> Response:
        """Within fifteen minutes."""
        comment = _own(request, pk)
        given = read_body(ChangeInput, request)
        changed = services.edit_comment(comment=comment, text=given["text"], now=timezone.now())
        return Response(CommentOutput(changed).data)

    @extend_schema(request=None, responses={204: None}, parameters=[TOKEN], operation_id="deleteComment")
    def delete(self, request: Any, pk: int) -> Response:
        services.withdraw_comment(comment=_own(request, pk), now=timezone.now())
        return Response(status=204)


class Reports(APIView):
    @extend_schema(request=ReportInput, responses={204: None}, operation_id="reportComment")
    def post(self, request: Any, pk: int) -> Response:
        """Tell the moderators; of one person the first report counts."""
        given = read_body(ReportInput, request)
        prefix = client.ip_prefix(request)
        if wait := limits.wait_to_report(client=prefix):
            raise Throttled(wait=wait)
        comment = get_object_or_404(Comment.objects.published().filter(withdrawn_at=None), pk=_number(pk))
        services.report_comment(
            comment=comment,
            reason=given["reason"].upper(),
            note=given.get("note", ""),
            user=request.user if request.user.is_authenticated else None,
            ip=prefix,
            now=timezone.now(),
        )
        return Response(status=204)


def _newest(*, section_id: str, limit: int) -> bytes:
    """A section's first page, by one query whose rows decide whether the text of before still holds."""
    rows = newest_rows(section_id, limit=limit)
    return _cached(_newest_text, rows)(rows, section_id, limit)


def _newest_threads(*, section_id: str, limit: int) -> bytes:
    """The same of conversations, by two queries."""
    rows, reply_rows = thread_rows(section_id, limit=limit)
    return _cached(_threads_text, rows + reply_rows)(rows, reply_rows, section_id, limit)


def _cached(text: Any, rows: Rows) -> Callable[..., bytes]:
    """The function itself, or for long texts the one that keeps nothing.

    Kept by what stands in it, a text needs nobody who says that it has changed. 20 comments cost 0.75 ms to write and
    0.004 to find; 256 texts take 2 to 7 MB of a process's memory, because longer ones are not kept.
    """
    return text if sum(len(row[2]) for row in rows) <= MAX_CACHED_TEXT else text.__wrapped__


@lru_cache(maxsize=256)
def _newest_text(rows: Rows, section_id: str, limit: int) -> bytes:
    return _json(CommentPageOutput, *keyset.cut(as_comments(rows, section_id=section_id, limit=limit), limit=limit))


@lru_cache(maxsize=256)
def _threads_text(rows: Rows, reply_rows: Rows, section_id: str, limit: int) -> bytes:
    comments, replies = as_threads(rows, reply_rows, section_id=section_id, limit=limit)
    page, following = keyset.cut(comments, limit=limit)
    return _json(ThreadPageOutput, [as_thread(comment, replies[comment.pk]) for comment in page], following)


def _page(*, section_id: str, limit: int, cursor: tuple[datetime, int]) -> bytes:
    found = Comment.objects.published().in_section(section_id).only(*OUTPUT_COLUMNS)
    return _json(CommentPageOutput, *keyset.page(found, cursor=cursor, limit=limit))


def _threads(*, section_id: str, limit: int, cursor: tuple[datetime, int]) -> bytes:
    return _json(ThreadPageOutput, *threads(section_id, cursor=cursor, limit=limit))


def _json(output: type[Output], results: list[Any], next_cursor: str | None) -> bytes:
    return JSONRenderer().render(output({"results": results, "next_cursor": next_cursor}).data)


def _write(request: Any, given: dict[str, Any], attempt: Attempt) -> None:
    now = timezone.now()
    program = has_scope(request, Scope.COMMENTS_WRITE)
    if not program:
        _limit(request, given["section_id"])
    proof = captcha.check(request, token=given.get("captcha_token", ""), now=now, by=attempt.key)
    comment = services.write_comment(
        section_id=given["section_id"],
        author=given["author"],
        text=given["text"],
        parent_id=given.get("parent_id"),
        user=request.user if request.user.is_authenticated else None,
        is_person=proof is Proof.PERSON,
        is_program=program,
        now=now,
        email=given.get("email", ""),
        language=current_language(),
        written=(lambda comment: attempt.keep(_facts(comment))) if attempt.key else None,
    )
    if attempt.facts is None:
        attempt.facts = _facts(comment)


def _facts(comment: Comment) -> dict[str, Any]:
    return {"id": comment.pk, "at": comment.created_at.isoformat(), "status": comment.first_status}


def _received(given: dict[str, Any], facts: dict[str, Any], headers: dict[str, str]) -> Response:
    """The response to a comment: the same for a repeat, whatever became of the comment."""
    comment = Comment(
        pk=facts["id"],
        section_id=given["section_id"],
        author=given["author"],
        text=given["text"],
        parent_id=given.get("parent_id"),
        created_at=datetime.fromisoformat(facts["at"]),
        first_status=facts["status"],
    )
    status = 201 if comment.first_status == Comment.Status.PUBLISHED else 202
    return Response(WrittenOutput(comment).data, status=status, headers=headers)


def _own(request: Any, pk: int) -> Comment:
    """Raises Http404 for somebody else's."""
    user = request.user if request.user.is_authenticated else None
    comment = services.find_own(comment_id=_number(pk), token=request.headers.get("X-Edit-Token", ""), user=user)
    if comment is None:
        raise Http404
    return comment


def _number(pk: int) -> int:
    if pk > MAX_ID:
        raise Http404
    return pk


def _limit(request: Any, section: str) -> None:
    wait = limits.wait_to_write(client=client.ip_prefix(request), section_id=section)
    if wait:
        raise Throttled(wait=wait)
