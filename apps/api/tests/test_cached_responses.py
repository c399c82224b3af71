"""A list asked again without credentials is what the whole way would answer at this moment, and counts as a call."""

from collections.abc import Callable
from datetime import date

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from apps.accounts.tests.factories import UserFactory
from apps.api import throttles
from apps.api.models import Scope
from apps.api.tests.caller import Caller, with_key
from apps.comments import retention, services
from apps.comments.models import Comment
from apps.comments.personal_data import erase_comments, erase_guest_comments
from apps.comments.tests.factories import CommentFactory
from apps.common.tests.races import race

SECTION = "blog/les-agrumes"
URLS = [
    f"/api/commentaires?sectionId={SECTION}",
    f"/api/commentaires?sectionId={SECTION}&limit=2",
    f"/api/commentaires/fils?sectionId={SECTION}",
]


def write(section_id: str = SECTION, **other: object) -> Comment:
    return services.write_comment(
        **{"section_id": section_id, "author": "Camille", "text": "Bravo.", "parent_id": None, "user": None}  # type: ignore[arg-type]
        | {"is_person": True, "is_program": False, "now": timezone.now()}
        | other
    )


def ways(first: Comment, other: Comment, hidden: Comment) -> dict[str, Callable[[], object]]:
    """All that changes what a section shows, in an order that leaves something for each to change."""
    now, staff, customer = timezone.now(), UserFactory(is_staff=True), UserFactory()
    Comment.objects.filter(pk=first.pk).update(user=customer)
    Comment.objects.filter(pk=other.pk).update(email="camille@exemple.fr")
    replied = write(now=now)
    write(parent_id=replied.pk, now=now)

    def rate() -> None:
        Comment.objects.filter(pk=first.pk).update(rating=4, bought_on=date(2026, 11, 1))

    return {
        "a new comment": lambda: write(author="Dominique"),
        "a reply": lambda: write(parent_id=first.pk, text="Merci !"),
        "an edit": lambda: services.edit_comment(comment=first, text="Très bien.", now=timezone.now()),
        "a publication": lambda: services.publish(comments=[hidden.pk], by=staff, now=timezone.now()),
        "a refusal": lambda: services.reject(comments=[hidden.pk], reason="", by=staff, now=timezone.now()),
        "the mark of a buyer": rate,
        "the mark of the team": lambda: Comment.objects.filter(pk=first.pk).update(by_team=True),
        "another name": lambda: Comment.objects.filter(pk=other.pk).update(author="L’équipe"),
        "an erased account": lambda: erase_comments(user=customer),
        "an erased guest": lambda: erase_guest_comments(email="camille@exemple.fr"),
        "a withdrawal under replies": lambda: services.withdraw_comment(comment=replied, now=timezone.now()),
        "a deletion": lambda: services.withdraw_comment(comment=other, now=timezone.now()),
        "a deletion of rows": lambda: Comment.objects.filter(pk=first.pk).delete(),
        "a move to another section": lambda: Comment.objects.in_section(SECTION).update(section_id="ailleurs"),
    }


# What only the list of conversations shows.
ON_THREADS = {"the mark of a buyer", "the mark of the team"}


def check_each_way(act: Callable[[Callable[[], object]], object]) -> None:
    """Two readers, one of whom goes the whole way each time, because a cookie comes with the request."""
    first, other = CommentFactory(section_id=SECTION), CommentFactory(section_id=SECTION, author="Alix")
    hidden = CommentFactory(section_id=SECTION, status=Comment.Status.PENDING)
    cached, whole = Client(), Client()
    whole.cookies["seen"] = "1"
    changes = ways(first, other, hidden)

    def read() -> list[bytes]:
        read_by = [[reader.get(url).content for url in URLS] for reader in (cached, whole)]
        assert read_by[0] == read_by[1]
        return read_by[0]

    before = read()
    for name, change in changes.items():
        assert read() == before
        act(change)
        after = read()
        assert (after[0] == before[0]) == (name in ON_THREADS), name
        assert after[2] != before[2], name
        before = after
    assert before[0] == b'{"results":[],"nextCursor":null}'


@pytest.fixture
def _no_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttles, "BURST", 1000)


@pytest.mark.django_db
@pytest.mark.usefixtures("_no_limit")
def test_shows_each_change_at_once():
    check_each_way(lambda change: change())


@pytest.mark.mysql
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_no_limit")
def test_shows_each_change_at_once_that_another_connection_has_made():
    def elsewhere(change: Callable[[], object]) -> None:
        (result,) = race(change)
        assert not isinstance(result, Exception), result

    check_each_way(elsewhere)


@pytest.mark.django_db
class TestCached:
    @pytest.mark.parametrize("url", URLS)
    @pytest.mark.parametrize("headers", [{}, {"Origin": "https://blog.example", "Accept-Language": "en-GB,fr;q=0.5"}])
    def test_is_answered_as_the_first_time(self, url: str, headers: dict, settings):
        settings.CORS_ALLOWED_ORIGINS = ["https://blog.example"]
        text = 'Un « texte » \u2028 "cité" <b>\\ 👩‍🌾'
        CommentFactory.create_batch(3, section_id=SECTION, text=text, created_at="2026-11-28T10:00:00Z")
        client = Client()
        first, second = (client.get(url, headers=headers) for _time in range(2))
        assert (second.status_code, dict(second.items()), second.content) == (200, dict(first.items()), first.content)
        assert second["Content-Length"] == str(len(second.content))
        assert first.json()["results"][0]["text"] == text
        assert ("Access-Control-Allow-Origin" in second) == bool(headers)

    def test_asks_two_questions_for_three_as_for_thirty(self, django_assert_num_queries):
        client = Client()
        for count in (3, 27):
            CommentFactory.create_batch(count, section_id=SECTION)
            for _time in range(3):
                # One counts the call, one reads.
                with django_assert_num_queries(2):
                    client.get(URLS[0])

    def test_conversations_ask_three_for_three_as_for_thirty(self, django_assert_num_queries):
        client = Client()
        for count in (3, 27):
            for parent in CommentFactory.create_batch(count, section_id=SECTION):
                CommentFactory.create_batch(2, section_id=SECTION, parent=parent)
            for _time in range(3):
                with django_assert_num_queries(3):
                    results = client.get(f"{URLS[2]}&limit=30").json()["results"]
            assert [len(each["replies"]) for each in results] == [2] * Comment.objects.threads_of(SECTION).count()

    def test_a_page_of_conversations_goes_on_where_it_ended(self):
        threads = CommentFactory.create_batch(5, section_id=SECTION)
        CommentFactory.create_batch(3, section_id=SECTION, parent=threads[0])
        client, seen, following = Client(), [], ""
        while following is not None:
            page = client.get(f"{URLS[2]}&limit=2{following and f'&cursor={following}'}").json()
            seen += [(each["id"], len(each["replies"])) for each in page["results"]]
            following = page["nextCursor"]
        assert seen == [(each.pk, 3 if each == threads[0] else 0) for each in reversed(threads)]

    def test_long_texts_are_as_new_as_short_ones(self):
        comment = CommentFactory(section_id=SECTION, text="x" * 5000)
        CommentFactory.create_batch(2, section_id=SECTION, text="y" * 5000)
        client = Client()
        client.get(URLS[0])
        Comment.objects.filter(pk=comment.pk).update(text="z" * 5000)
        assert client.get(URLS[0]).json()["results"][-1]["text"] == "z" * 5000

    def test_whoever_shows_a_key_is_looked_at(self):
        caller = Caller()
        caller("get", f"commentaires?sectionId={SECTION}")
        assert caller("get", f"commentaires?sectionId={SECTION}", x_api_key="wm_no").status_code == 401
        assert caller("get", f"commentaires?sectionId={SECTION}", authorization="Bearer no").status_code == 401
        with_a_key = with_key(Scope.COMMENTS_WRITE)
        assert with_a_key("get", f"commentaires?sectionId={SECTION}").status_code == 200

    def test_what_was_refused_is_refused_again(self):
        client = Client()
        for url in ("/api/commentaires", f"{URLS[0]}&limit=0", f"{URLS[0]}&sectionId=b"):
            assert [client.get(url).status_code for _time in range(2)] == [400, 400]
        assert client.get(URLS[0]).status_code == 200
        assert client.get(URLS[0], headers={"Host": "autre.example"}).status_code == 400
        latin = {"CONTENT_TYPE": "text/plain; charset=latin-1"}
        assert client.get(URLS[0], **latin).status_code == 400

    def test_a_flood_is_refused_all_the_same(self, monkeypatch):
        monkeypatch.setattr(throttles, "PER_SECOND", 1)
        monkeypatch.setattr(throttles, "BURST", 2)
        client = Client()
        with time_machine.travel("2026-11-20T12:00:00Z", tick=False):
            answers = [client.get(URLS[0]) for _time in range(4)]
        assert [answer.status_code for answer in answers] == [200, 200, 429, 429]
        assert answers[-1].json()["code"] == "throttled"


@pytest.mark.django_db
def test_what_nobody_may_see_any_more_is_gone_after_a_purge():
    comment = CommentFactory(section_id=SECTION)
    client = Client()
    client.get(URLS[0])
    long_ago = timezone.now() - retention.COMMENT_RETENTION * 2
    Comment.objects.filter(pk=comment.pk).update(status=Comment.Status.REJECTED, moderated_at=long_ago)
    retention.purge_refused(now=timezone.now())
    assert client.get(URLS[0]).json()["results"] == []
