import pytest
from django.utils import timezone

from apps.catalogue.models import ProductOpinion
from apps.catalogue.tests.factories import ProductFactory, VariantFactory
from apps.comments.models import Comment
from apps.comments.sections import section_of
from apps.demo.reviews import load_reviews

pytestmark = pytest.mark.django_db


def test_stars_are_seen_and_a_repeat_adds_none():
    product = VariantFactory(product=ProductFactory(slug_fr="comte")).product
    assert load_reviews(now=timezone.now()) == 2
    assert load_reviews(now=timezone.now()) == 0
    opinion = ProductOpinion.objects.get(pk=product.pk)
    assert (opinion.ratings, opinion.rating_sum) == (2, 10)
    assert Comment.objects.published().count() == 2


def test_what_people_wrote_themselves_is_left_alone():
    product = ProductFactory(slug_fr="comte")
    Comment.objects.create(section_id=section_of(product.pk), author="A", text="B", first_status="PENDING")
    assert load_reviews(now=timezone.now()) == 0
