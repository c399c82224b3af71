"""Stored XSS: what visitors write is escaped on every page on which staff read it."""

import re

import pytest
from django.core.files.base import ContentFile
from django.db.models import CharField, EmailField, TextField
from django.urls import reverse
from django.utils import timezone

from apps.accounts.tests.factories import StaffFactory
from apps.api.models import Scope
from apps.api.tests.caller import Caller, with_key
from apps.comments.models import Comment, Report
from apps.comments.tests.factories import CommentFactory
from apps.prospects.models import Attachment, Note, Prospect, ProspectEvent
from apps.prospects.tests.factories import ProspectFactory, make_stages

pytestmark = pytest.mark.django_db
PAYLOADS = (
    "<script>alert(1)</script>",
    "\"'><img src=x onerror=alert(1)>",
    "</textarea></title></style><svg/onload=alert(1)>",
    "javascript:alert(1)//{{7*7}}${7*7}",
)
WORKING = re.compile(r"<script>alert|<img src=x|<svg/onload|(href|src|action)=[\"']?javascript:", re.IGNORECASE)
CHOSEN = {"status", "first_status", "language", "kind"}
UNIQUE = {"key", "request_key", "email_key", "phone_key", "buyer_account", "buyer_email", "reporter"}


def texts(model, payload: str) -> dict[str, str]:
    """The payload in each text field of the model that is long enough."""
    return {
        field.name: payload[: field.max_length]
        for field in model._meta.get_fields()
        if isinstance(field, CharField | TextField | EmailField)
        and not field.choices
        and field.name not in CHOSEN | UNIQUE
    }


@pytest.fixture
def pages(client) -> list[str]:
    """All pages that show prospects and comments, with the payload in every field."""
    stages = make_stages()
    staff = StaffFactory(is_superuser=True, first_name=PAYLOADS[0][:30])
    client.force_login(staff, backend="django.contrib.auth.backends.ModelBackend")
    now = timezone.now()
    cards, comments = [], []
    for number, payload in enumerate(PAYLOADS):
        card = ProspectFactory(
            **texts(Prospect, payload), email_key="one@exemple.fr", stage=stages["nouveau"], assignee=staff
        )
        cards.append(card)
        Note.objects.create(
            prospect=card, author=staff, author_name=payload[:120], text=payload, key=f"{number}", created_at=now
        )
        attached = Attachment(
            prospect=card, name=payload, size=1, content_type="text/html", added_by=staff, created_at=now
        )
        attached.file.save("a.txt", ContentFile(b"x"), save=True)
        ProspectEvent.objects.create(
            prospect=card,
            at=now,
            by_name=payload[:120],
            kind=ProspectEvent.Kind.CHANGED,
            reason=payload,
            changes={"company": [payload, payload], payload: [payload, payload]},
        )
        comment = CommentFactory(**texts(Comment, payload), status=Comment.Status.PENDING, open_reports=1)
        comments.append(comment)
        Report.objects.create(
            comment=comment, reporter=f"{number}", reason=Report.Reason.OTHER, note=payload, created_at=now
        )
    ProspectFactory(**texts(Prospect, PAYLOADS[0]), deleted_at=now)
    whole = [
        reverse(name)
        for name in (
            *("admin:index", "backoffice:board", "admin:prospects_prospect_changelist", "admin:prospects_trash"),
            *("admin:prospects_digest", "admin:comments_comment_changelist", "admin:comments_comment_moderation"),
            "admin:person",
        )
    ]
    single = [reverse("admin:prospects_prospect_change", args=[card.pk]) for card in cards]
    single += [reverse("admin:comments_comment_change", args=[comment.pk]) for comment in comments]
    single += [reverse("admin:prospects_card_compare", args=[cards[0].pk, card.pk]) for card in cards[1:]]
    single += [reverse("admin:prospects_card_convert", args=[cards[0].pk])]
    single += [reverse("admin:prospects_prospect_history", args=[cards[0].pk])]
    single += [f"{reverse('admin:person')}?email=one@exemple.fr"]
    single += [f"{page}?q=%3Cscript%3Ealert(1)%3C/script%3E" for page in whole]
    return whole + single


def test_no_page_of_the_team_runs_what_a_stranger_wrote(client, pages):
    seen = 0
    for page in pages:
        response = client.get(page, follow=True)
        assert response.status_code == 200, page
        content = response.content.decode()
        assert not WORKING.search(content), (page, WORKING.search(content))
        assert ">49<" not in content
        assert "script-src 'self'" in response["Content-Security-Policy"], page
        seen += "&lt;script&gt;alert" in content
    # The words are there, as words.
    assert seen >= 8


def test_the_api_answers_scripts_as_json_that_no_browser_takes_for_a_page():
    for payload in PAYLOADS:
        body = {"sectionId": "page", "author": payload[:80], "text": payload}
        answer = with_key(Scope.COMMENTS_WRITE)("post", "commentaires", body)
        assert (answer.status_code, answer.json()["text"]) == (201, payload)
    for path in ("commentaires?sectionId=page", "commentaires/fils?sectionId=page"):
        answer = Caller()("get", path, accept="text/html")
        assert answer["Content-Type"] == "application/json"
        assert answer["X-Content-Type-Options"] == "nosniff"
