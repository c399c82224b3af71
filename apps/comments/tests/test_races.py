import pytest
from django.utils import timezone

from apps.accounts.tests.factories import UserFactory
from apps.catalogue.models import ProductOpinion
from apps.catalogue.services.listing import refresh_listing
from apps.catalogue.tests.factories import VariantFactory
from apps.comments import services
from apps.comments.models import Comment, Report
from apps.comments.purchases import Purchase
from apps.comments.sections import section_of
from apps.comments.tests.factories import CommentFactory
from apps.common.tests.races import of_kind, race

pytestmark = [pytest.mark.mysql, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def section():
    product = VariantFactory().product
    refresh_listing(product_ids=[product.pk])
    return section_of(product.pk)


def write(section, **fields):
    values = {"author": "Camille", "text": "Bien", "parent_id": None, "user": None, "is_person": True}
    return services.write_comment(section_id=section, is_program=False, now=timezone.now(), **(values | fields))


def test_one_request_sent_many_times_at_once_is_one_comment(section):
    results = race(*[lambda: write(section, request_key="k", request_hash="d")] * 6)
    assert len({comment.pk for comment in of_kind(results, Comment)}) == 1
    assert len(of_kind(results, Comment)) == 6
    assert Comment.objects.count() == 1


def test_two_ratings_of_one_buyer_at_once_are_one(section):
    bought = Purchase(timezone.localdate(), "account", "email", "fr", "a@exemple.fr", "Camille")
    results = race(*[lambda mark=mark: write(section, text=f"{mark}", rating=mark, purchase=bought) for mark in (1, 5)])
    assert len(of_kind(results, Comment)) == 1
    assert len(of_kind(results, services.AlreadyRated)) == 1
    opinion = ProductOpinion.objects.get()
    assert (opinion.ratings, opinion.rating_sum) == (1, of_kind(results, Comment)[0].rating)


def test_comments_written_at_once_are_all_counted(section):
    results = race(*[lambda number=number: write(section, text=f"n° {number}") for number in range(8)])
    assert len(of_kind(results, Comment)) == 8
    opinion = ProductOpinion.objects.get()
    assert opinion.comments == 8
    assert len(opinion.newest) == 5


def test_one_persons_reports_at_once_are_one(section):
    comment = CommentFactory(section_id=section)

    def report():
        return services.report_comment(
            comment=comment, reason="SPAM", note="", user=None, ip="192.0.2.1", now=timezone.now()
        )

    assert sorted(race(*[report] * 5)) == [False, False, False, False, True]
    comment.refresh_from_db()
    assert (Report.objects.count(), comment.open_reports) == (1, 1)


def test_changed_and_refused_at_once_is_not_shown(section):
    comment = write(section)
    staff = UserFactory(is_staff=True)
    race(
        lambda: services.edit_comment(comment=comment, text="Autre", now=timezone.now()),
        lambda: services.reject(comments=[comment.pk], reason="Non", by=staff, now=timezone.now()),
    )
    comment.refresh_from_db()
    assert comment.status == "REJECTED"
    assert ProductOpinion.objects.get().newest == []


def test_four_byte_characters_survive(section):
    text = "👩‍🌾 𝔘𝔫𝔦 🧀 שלום"
    write(section, author=text, text=text)
    assert Comment.objects.get().text == text
    assert ProductOpinion.objects.get().newest[0]["text"] == text
