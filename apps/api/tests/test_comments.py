import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.accounts.tests.factories import UserFactory
from apps.api.models import Scope
from apps.api.tests.caller import Caller, logged_in, with_key
from apps.comments.models import Comment
from apps.comments.tests.factories import CommentFactory

pytestmark = pytest.mark.django_db
WORDS = {"sectionId": "produit-tasse", "author": "Camille", "text": "Très belle tasse.", "captchaToken": "test-yes-1"}
BARE = {name: value for name, value in WORDS.items() if name != "captchaToken"}


class TestWriting:
    def test_a_person_is_published_at_once(self):
        response = Caller()("post", "commentaires", WORDS)
        assert response.status_code == 201
        body = response.json()
        assert set(body) == {"id", "sectionId", "author", "text", "parentId", "timestamp", "status", "editToken"}
        assert body["status"] == "published"

    def test_with_nothing_to_vouch_for_it_waits(self):
        response = Caller()("post", "commentaires", BARE)
        assert response.status_code == 202
        assert response.json()["status"] == "pending"
        assert Caller()("get", "commentaires?sectionId=produit-tasse").json()["results"] == []

    def test_a_programs_key_needs_the_scope(self):
        assert with_key(Scope.COMMENTS_WRITE)("post", "commentaires", BARE).status_code == 201
        assert with_key(Scope.PROSPECTS_READ)("post", "commentaires", BARE).status_code == 202

    def test_an_accounts_first_comment_waits_and_a_good_authors_does_not(self):
        user = UserFactory()
        author = logged_in(user)
        assert author("post", "commentaires", BARE).status_code == 202
        Comment.objects.update(status=Comment.Status.PUBLISHED)
        assert author("post", "commentaires", BARE).status_code == 201
        CommentFactory(user=user, status=Comment.Status.REJECTED)
        assert author("post", "commentaires", BARE).status_code == 202

    @pytest.mark.parametrize(
        "text", ["Voyez https://a.example/x", "Allez sur www.exemple.ch", "achetez sur bidule.shop !"]
    )
    def test_links_wait(self, text: str):
        assert Caller()("post", "commentaires", {**WORDS, "text": text}).status_code == 202

    def test_a_repeat_gets_the_first_answer_whatever_happened_since(self):
        first = Caller()("post", "commentaires", BARE, idempotency_key="k")
        Comment.objects.update(status=Comment.Status.REJECTED)
        again = Caller()("post", "commentaires", BARE, idempotency_key="k")
        assert (again.status_code, again.content) == (first.status_code, first.content)
        assert Comment.objects.count() == 1
        other = Caller()("post", "commentaires", {**BARE, "text": "Autre"}, idempotency_key="k")
        assert other.json()["code"] == "idempotency_key_reused"

    def test_with_all_rules_it_asks_eight_questions(self, django_assert_num_queries):
        # One each for the rate, the key, both limits and the captcha; the comment and its answer, in one transaction of
        # two more. Whoever has written within ten minutes has a row of attempts, which is read and written: two more.
        for number, asked in enumerate([8, 10]):
            body = {**WORDS, "captchaToken": f"test-yes-{number}"}
            with django_assert_num_queries(asked):
                assert Caller()("post", "commentaires", body, idempotency_key=f"k{number}").status_code == 201

    def test_without_key_and_captcha_it_asks_four(self, django_assert_num_queries):
        # The rate, both limits, an earlier verification of the captcha, the comment: a transaction by itself.
        with django_assert_num_queries(4):
            assert Caller()("post", "commentaires", BARE).status_code == 202

    @pytest.mark.parametrize("count", [3, 30])
    def test_a_list_asks_one_question_beside_the_rate(self, count: int, django_assert_num_queries):
        CommentFactory.create_batch(count, section_id="blog")
        with django_assert_num_queries(2):
            assert len(Caller()("get", "commentaires?sectionId=blog&limit=30").json()["results"]) == count

    @pytest.mark.parametrize("field", ["status", "id", "version", "user", "firstStatus", "section_id"])
    def test_refuses_fields_that_are_not_the_authors(self, field: str):
        response = Caller()("post", "commentaires", {**WORDS, field: "PUBLISHED"})
        assert response.status_code == 400
        assert list(response.json()["fields"]) == [field]

    @pytest.mark.parametrize(
        "wrong", [{"text": ""}, {"text": "x" * 5001}, {"text": 5}, {"author": "a\u0007"}, {"sectionId": "a\nb"}]
    )
    def test_refuses_what_is_no_comment(self, wrong: dict):
        response = Caller()("post", "commentaires", {**WORDS, **wrong})
        assert response.status_code == 400
        assert list(response.json()["fields"]) == list(wrong)

    def test_text_survives_as_text(self):
        text = "👩‍🌾 שלום 𝔘𝔫𝔦\n<img src=x onerror=alert(1)>"
        assert Caller()("post", "commentaires", {**WORDS, "text": text}).json()["text"] == text

    def test_a_captcha_token_is_good_once(self):
        Caller()("post", "commentaires", WORDS)
        assert Caller()("post", "commentaires", WORDS).json()["code"] == "captcha_refused"

    def test_a_flood_on_one_section_is_stopped(self):
        answers = [Caller()("post", "commentaires", BARE).status_code for _ in range(11)]
        assert answers == [202] * 10 + [429]
        assert Caller()("post", "commentaires", {**BARE, "sectionId": "autre"}).status_code == 202


class TestReplies:
    def test_answer_a_comment_of_the_same_section(self):
        parent = CommentFactory()
        response = Caller()("post", "commentaires", {**WORDS, "parentId": parent.pk})
        assert response.json()["parentId"] == parent.pk

    def test_are_refused_elsewhere(self):
        foreign, hidden = CommentFactory(section_id="autre"), CommentFactory(status=Comment.Status.PENDING)
        for number, wrong in enumerate([foreign.pk, hidden.pk, 999_999]):
            body = {**WORDS, "captchaToken": f"test-yes-{number}", "parentId": wrong}
            assert Caller()("post", "commentaires", body).json()["code"] == "unknown_parent"

    def test_have_one_level(self):
        reply = CommentFactory(parent=CommentFactory())
        response = Caller()("post", "commentaires", {**WORDS, "parentId": reply.pk})
        assert response.json()["code"] == "reply_too_deep"


class TestReading:
    def test_goes_on_where_it_ended(self):
        CommentFactory.create_batch(5)
        CommentFactory(section_id="autre")
        CommentFactory(status=Comment.Status.PENDING)
        seen, following = [], ""
        while following is not None:
            path = f"commentaires?sectionId=produit-tasse&limit=2{following and f'&cursor={following}'}"
            page = Caller()("get", path).json()
            seen += [each["id"] for each in page["results"]]
            following = page["nextCursor"]
        published = Comment.objects.published().in_section("produit-tasse")
        assert seen == list(published.order_by("-created_at", "-pk").values_list("pk", flat=True))

    def test_needs_a_section(self):
        response = Caller()("get", "commentaires")
        assert response.status_code == 400
        assert list(response.json()["fields"]) == ["sectionId"]

    def test_asks_one_question_for_thirty_as_for_three(self):
        path = "commentaires?sectionId=produit-tasse&limit=100"
        Caller()("get", path)
        for count in (3, 27):
            CommentFactory.create_batch(count)
            with CaptureQueriesContext(connection) as asked:
                Caller()("get", path)
            # One counts the call, one reads.
            assert len(asked) == 2
