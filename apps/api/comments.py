import re
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import Throttled
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.api import captcha, client
from apps.api.captcha import Proof
from apps.api.cursor import CursorField
from apps.api.idempotency import HEADER, repeatable
from apps.api.models import Scope
from apps.api.permissions import has_scope
from apps.api.serializers import Input, Output, Query, Text, read_body, read_query
from apps.comments import limits, services
from apps.comments.models import MAX_TEXT, Comment
from apps.common.captcha import MAX_TOKEN
from apps.common.keyset import page

MAX_ID = 2**63 - 1


class SectionField(serializers.CharField):
    """A name or an address without spaces."""

    default_error_messages = {"section": _("Une section est un nom ou une adresse sans espace.")}
    _FORM = re.compile(r"[\w./:#@%+~-]+")

    def __init__(self) -> None:
        super().__init__(max_length=120)

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        if not self._FORM.fullmatch(text):
            self.fail("section")
        return text


class CommentInput(Input):
    section_id = SectionField()
    author = Text(max_length=80)
    text = Text(max_length=MAX_TEXT)
    parent_id = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=MAX_ID)
    captcha_token = serializers.CharField(max_length=MAX_TOKEN, required=False, allow_blank=True)


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


class WrittenOutput(CommentOutput):
    """As it was answered first, whatever moderators have done since."""

    def get_status(self, comment: Comment) -> str:
        return comment.first_status.lower()


class CommentPageOutput(Output):
    results = CommentOutput(many=True)
    next_cursor = serializers.CharField(allow_null=True)


class Comments(APIView):
    @extend_schema(
        request=CommentInput,
        responses={201: WrittenOutput, 202: WrittenOutput},
        parameters=[HEADER],
        operation_id="writeComment",
    )
    def post(self, request: Any) -> Response:
        """201 when it is published, 202 when it waits for a moderator."""
        given = read_body(CommentInput, request)
        now = timezone.now()
        repeat = repeatable(request, action="comment")
        comment = repeat.key and services.find_repeat(request_key=repeat.key, digest=repeat.digest)
        if not comment:
            program = has_scope(request, Scope.COMMENTS_WRITE)
            if not program:
                _limit(request, given["section_id"])
            proof = captcha.check(request, token=given.get("captcha_token", ""), now=now)
            comment = services.write_comment(
                section_id=given["section_id"],
                author=given["author"],
                text=given["text"],
                parent_id=given.get("parent_id"),
                user=request.user if request.user.is_authenticated else None,
                is_person=proof is Proof.PERSON,
                is_program=program,
                now=now,
                request_key=repeat.key,
                request_digest=repeat.digest,
            )
        status = 201 if comment.first_status == Comment.Status.PUBLISHED else 202
        return Response(WrittenOutput(comment).data, status=status)

    @extend_schema(parameters=[CommentQuery], responses=CommentPageOutput, operation_id="listComments")
    def get(self, request: Any) -> Response:
        """What is published in a section, newest first; any page costs what the first one does."""
        asked = read_query(CommentQuery, request)
        found = Comment.objects.published().in_section(asked["section_id"])
        shown, following = page(found, cursor=asked.get("cursor"), limit=asked["limit"])
        return Response({"results": CommentOutput(shown, many=True).data, "nextCursor": following})


def _limit(request: Any, section: str) -> None:
    wait = limits.wait_to_write(client=client.address_prefix(request), section_id=section)
    if wait:
        raise Throttled(wait=wait)
