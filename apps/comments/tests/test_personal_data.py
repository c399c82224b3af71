import pytest

from apps.accounts.tests.factories import UserFactory
from apps.comments.personal_data import anonymise_comments, personal_data
from apps.comments.tests.factories import CommentFactory

pytestmark = pytest.mark.django_db


def test_an_export_holds_what_somebody_wrote_and_nobody_elses_words():
    user = UserFactory()
    mine = CommentFactory(user=user)
    CommentFactory(user=UserFactory())
    assert [each["text"] for each in personal_data(user)] == [mine.text]


def test_erasing_takes_the_name_and_leaves_the_words():
    user = UserFactory()
    comment = CommentFactory(user=user)
    assert anonymise_comments(user=user) == 1
    comment.refresh_from_db()
    assert (comment.author, comment.user) == ("Ancien client", None)
