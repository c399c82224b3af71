from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.utils import timezone

from apps.accounts.tests.factories import UserFactory
from apps.catalogue.models import ProductOpinion
from apps.catalogue.tests.factories import ProductFactory
from apps.comments import services
from apps.comments.models import Comment, Report
from apps.comments.personal_data import collect_comments, collect_reports, erase_comments
from apps.comments.retention import purge_refused
from apps.comments.sections import section_of
from apps.comments.tests.factories import CommentFactory

pytestmark = pytest.mark.django_db


def test_an_export_holds_what_somebody_wrote_and_nobody_elses_words():
    user = UserFactory()
    mine = CommentFactory(user=user)
    CommentFactory(user=UserFactory())
    Report.objects.create(comment=mine, user=user, reason="SPAM", note="Oups", reporter="x")
    assert [each["text"] for each in collect_comments(user=user)] == [mine.text]
    assert [each["note"] for each in collect_reports(user=user)] == ["Oups"]


def test_what_was_written_without_the_account_belongs_to_the_proved_address():
    user = UserFactory()
    EmailAddress.objects.filter(user=user).delete()
    EmailAddress.objects.create(user=user, email="camille@exemple.fr", verified=True)
    EmailAddress.objects.create(user=user, email="autre@exemple.fr", verified=False)
    CommentFactory(email="Camille@exemple.fr", text="À moi")
    CommentFactory(email="autre@exemple.fr", text="Pas prouvé")
    assert [each["text"] for each in collect_comments(user=user)] == ["À moi"]


def test_erasing_takes_the_name_and_leaves_the_words():
    user = UserFactory()
    comment = CommentFactory(user=user, email="a@exemple.fr", buyer_account="x")
    report = Report.objects.create(comment=comment, user=user, reason="SPAM", note="Oups", reporter="x")
    assert erase_comments(user=user) == 1
    comment.refresh_from_db()
    report.refresh_from_db()
    assert (comment.author, comment.user, comment.email, comment.buyer_account) == ("Ancien client", None, "", None)
    assert (report.user, report.note) == (None, "")


def test_erasing_takes_the_name_off_the_prepared_pages_too():
    user, product = UserFactory(), ProductFactory()
    CommentFactory(user=user, author="Camille", section_id=section_of(product.pk))
    services.refresh_section(section_of(product.pk))
    erase_comments(user=user)
    assert ProductOpinion.objects.get().newest[0]["author"] == "Ancien client"


def test_refused_words_and_given_addresses_are_forgotten_after_a_year():
    now = timezone.now()
    long_ago = now - timedelta(days=366)
    CommentFactory(status="REJECTED", moderated_at=long_ago)
    recent = CommentFactory(status="REJECTED", moderated_at=now)
    old = CommentFactory(created_at=long_ago, email="a@exemple.fr")
    assert purge_refused(now=now) == 1
    old.refresh_from_db()
    assert set(Comment.objects.all()) == {recent, old}
    assert old.email == ""
