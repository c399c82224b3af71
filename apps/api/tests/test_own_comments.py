from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from apps.accounts.tests.factories import UserFactory
from apps.api.tests.caller import Caller, logged_in
from apps.comments.models import Comment, Report
from apps.comments.tests.factories import CommentFactory
from apps.comments.tokens import author_token

pytestmark = pytest.mark.django_db
WORDS = {"sectionId": "recette-12", "author": "Camille", "text": "Bonne recette.", "captchaToken": "test-yes-1"}


class TestChanging:
    def test_by_the_token_of_the_first_answer(self):
        written = Caller()("post", "commentaires", WORDS).json()
        path = f"commentaires/{written['id']}"
        changed = Caller()("patch", path, {"text": "Très bonne."}, x_edit_token=written["editToken"])
        assert (changed.status_code, changed.json()["text"]) == (200, "Très bonne.")
        assert Caller()("delete", path, x_edit_token=written["editToken"]).status_code == 204
        assert not Comment.objects.exists()

    def test_by_the_account_that_wrote_it(self):
        user = UserFactory()
        comment = CommentFactory(user=user)
        assert logged_in(user)("patch", f"commentaires/{comment.pk}", {"text": "Oui"}).status_code == 200
        assert logged_in(UserFactory())("patch", f"commentaires/{comment.pk}", {"text": "Non"}).status_code == 404

    @pytest.mark.parametrize("token", ["", "x", "0" * 40])
    def test_by_nobody_else(self, token: str):
        comment, other = CommentFactory(), CommentFactory()
        for wrong in (token, author_token(other)):
            for method in ("patch", "delete"):
                answer = Caller()(method, f"commentaires/{comment.pk}", {"text": "x"}, x_edit_token=wrong)
                assert answer.json()["code"] == "not_found"

    def test_for_fifteen_minutes(self):
        comment = CommentFactory(created_at=timezone.now() - timedelta(minutes=16))
        answer = Caller()("patch", f"commentaires/{comment.pk}", {"text": "x"}, x_edit_token=author_token(comment))
        assert (answer.status_code, answer.json()["code"]) == (409, "editing_closed")

    def test_takes_the_text_alone(self):
        comment = CommentFactory()
        body = {"text": "x", "status": "PUBLISHED", "author": "Autre"}
        answer = Caller()("patch", f"commentaires/{comment.pk}", body, x_edit_token=author_token(comment))
        assert sorted(answer.json()["fields"]) == ["author", "status"]

    def test_a_number_too_large_does_not_exist(self):
        for path in (f"commentaires/{10**30}", f"commentaires/{10**30}/signalement"):
            body = {"text": "x"} if not path.endswith("t") else {"reason": "spam"}
            method = "patch" if not path.endswith("t") else "post"
            assert Caller()(method, path, body).status_code == 404


class TestReporting:
    def test_is_heard_once(self):
        comment = CommentFactory()
        for _ in range(2):
            body = {"reason": "spam", "note": "Publicité"}
            assert Caller()("post", f"commentaires/{comment.pk}/signalement", body).status_code == 204
        assert Report.objects.get().note == "Publicité"

    def test_needs_a_reason_and_something_shown(self):
        comment, hidden = CommentFactory(), CommentFactory(status="PENDING")
        assert Caller()("post", f"commentaires/{comment.pk}/signalement", {"reason": "x"}).status_code == 400
        assert Caller()("post", f"commentaires/{hidden.pk}/signalement", {"reason": "spam"}).status_code == 404


class TestThreads:
    def test_have_their_replies_and_go_on(self):
        parents = CommentFactory.create_batch(3)
        CommentFactory(parent=parents[2], text="Réponse")
        CommentFactory(parent=parents[2], status="PENDING")
        page = Caller()("get", "commentaires/fils?sectionId=produit-tasse&limit=2").json()
        assert [each["id"] for each in page["results"]] == [parents[2].pk, parents[1].pk]
        assert [reply["text"] for reply in page["results"][0]["replies"]] == ["Réponse"]
        rest = Caller()("get", f"commentaires/fils?sectionId=produit-tasse&limit=2&cursor={page['nextCursor']}").json()
        assert [each["id"] for each in rest["results"]] == [parents[0].pk]
        assert rest["nextCursor"] is None

    @pytest.mark.parametrize("count", [3, 30])
    def test_cost_two_questions_beside_the_calls_own(self, count, django_assert_num_queries):
        for _ in range(count):
            CommentFactory(parent=CommentFactory())
        Caller()("get", "commentaires/fils?sectionId=autre")
        with django_assert_num_queries(3):
            Caller()("get", "commentaires/fils?sectionId=produit-tasse&limit=100")


class TestTheScript:
    def test_is_under_ten_kilobytes_and_kept_for_an_hour(self):
        answer = Client().get("/commentaires.js")
        assert len(answer.content) < 10_000
        assert answer["Content-Type"] == "text/javascript; charset=utf-8"
        assert answer["Cross-Origin-Resource-Policy"] == "cross-origin"
        assert Client().get("/commentaires.js", headers={"If-None-Match": answer["ETag"]}).status_code == 304
        assert not answer.cookies
