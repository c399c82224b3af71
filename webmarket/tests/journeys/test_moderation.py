"""The moderation queue by keyboard and by mouse."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from apps.accounts.tests.factories import StaffFactory
from apps.comments.models import Comment, Report
from apps.comments.tests.factories import CommentFactory
from webmarket.tests.journeys.conftest import DESKTOP, PHONE, sign_in

pytestmark = pytest.mark.browser


@pytest.fixture
def queue(shop) -> str:
    bad = CommentFactory(open_reports=1, author="Promo", text="Achetez mes montres !", section_id="recette-12")
    Report.objects.create(comment=bad, reason="SPAM", note="Sans rapport avec la recette", reporter="x")
    CommentFactory(status="PENDING", author="Camille", text="Délicieuse. Où la fabriquez-vous ?", email="c@exemple.fr")
    CommentFactory(status="PENDING", author="نور", text="مربى لذيذة جدًا، شكرا")
    CommentFactory(status="PENDING", author="Dominique", text="Voyez https://exemple.fr/recette\nDeux lignes.")
    return reverse("admin:comments_comment_moderation")


@pytest.fixture
def staff(page, shop):
    user = StaffFactory(is_superuser=True, first_name="Aline")
    sign_in(page.context, shop, user)
    return user


def states() -> list[str]:
    return list(Comment.objects.order_by("pk").values_list("status", flat=True))


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_is_clear_to_everyone(page, look, staff, queue, size):
    page.set_viewport_size(size)
    page.goto(queue)
    page.click("[data-help] summary")
    page.click("article footer summary >> nth=0")
    look(page, "admin-moderation")


def test_by_keyboard_alone(page, staff, queue):
    page.goto(queue)
    page.wait_for_selector("[data-card][aria-current]")
    page.keyboard.press("j")
    page.keyboard.press("a")
    page.wait_for_selector("text=1 commentaire publié")
    assert states() == ["PUBLISHED", "PUBLISHED", "PENDING", "PENDING"]
    page.keyboard.press("r")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Dites pourquoi")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=1 commentaire refusé")
    assert states() == ["PUBLISHED", "PUBLISHED", "REJECTED", "PENDING"]
    page.keyboard.press("k")
    page.keyboard.press("g")
    page.wait_for_selector("text=1 commentaire gardé")
    assert Comment.objects.reported().count() == 0
    page.keyboard.press("?")
    expect(page.locator("[data-help] dl")).to_be_visible()
    page.keyboard.press("a")
    page.wait_for_selector("text=Rien n’attend")


def test_many_at_once(page, staff, queue):
    page.set_viewport_size(DESKTOP)
    page.goto(queue)
    for box in page.locator("[name=comment]").all()[1:]:
        box.check()
    page.click(".moderation-bar summary")
    page.fill("[name=other-chosen]", "Hors sujet")
    page.click(".moderation-bar .moderation-reason button")
    page.wait_for_selector("text=3 commentaires refusés")
    assert states() == ["PUBLISHED", "REJECTED", "REJECTED", "REJECTED"]
