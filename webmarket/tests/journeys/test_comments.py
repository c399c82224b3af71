"""Reading, writing, answering, changing and reporting comments on a product's page, with and without JavaScript."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from apps.accounts.tests.factories import UserFactory
from apps.catalogue.models import Product
from apps.comments import services
from apps.comments.models import Comment, Report
from apps.comments.sections import section_of
from apps.comments.tests.factories import CommentFactory
from apps.comments.tokens import author_token
from apps.orders.tests.factories import OrderFactory, OrderLineFactory
from webmarket.tests.journeys.conftest import DESKTOP, PHONE

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("small_shop")]
PAGE = "/produit/confiture-de-figues/"


@pytest.fixture
def section():
    """A product that people have talked about for a week."""
    section = section_of(Product.objects.get(slug_fr="confiture-de-figues").pk)
    now = timezone.now()
    bought = (now - timedelta(days=20)).date()
    texts = [
        ("Dominique", "Un peu trop sucrée pour moi, mais de beaux morceaux.", 3),
        ("Émile B.", "Question : se garde-t-elle longtemps une fois ouverte ?", None),
        ("Nour", "مربى لذيذة جدًا، شكرا", None),
        ("Camille", "Délicieuse au petit déjeuner 🥐, et avec un comté bien sec.\nJ’en reprendrai.", 5),
    ]
    texts = [("Ancien", f"Commentaire n° {number}.", None) for number in range(22)] + texts
    for age, (author, text, rating) in enumerate(reversed(texts)):
        buyer = {"rating": rating, "bought_on": bought, "buyer_email": f"{age}"} if rating else {}
        with_replies = CommentFactory(
            section_id=section, author=author, text=text, created_at=now - timedelta(hours=5 * age + 1), **buyer
        )
        if "Question" in text:
            CommentFactory(
                section_id=section,
                parent=with_replies,
                author="Aline",
                by_team=True,
                text="Un mois au frais.",
                created_at=now,
            )
    services.refresh_section(section)
    return section


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
@pytest.mark.parametrize("path", [PAGE, "/en/product/confiture-de-figues-en/"], ids=["fr", "en"])
def test_the_product_page_is_clear_to_everyone(page, look, section, size, path):
    page.set_viewport_size(size)
    page.goto(path)
    page.click("[data-write] summary")
    look(page, f"avis-{'en' if path.startswith('/en') else 'fr'}")


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_the_pages_around_it_are_clear_to_everyone(page, look, section, size):
    """All comments with the form that rates, one's own, a report, the rules, the refusal of invitations."""
    page.set_viewport_size(size)
    variant = Product.objects.get(slug_fr="confiture-de-figues").variants.get()
    order = OrderFactory(status="DELIVERED", paid_at=timezone.now(), lines=[])
    OrderLineFactory(order=order, variant=variant)
    page.goto(f"/suivi/{order.access_token}/")
    page.click("text=Donner votre avis")
    look(page, "avis-noter")
    page.wait_for_timeout(3100)
    page.check("[name=rating][value='4']")
    page.fill("main [name=text]", "De beaux morceaux.")
    page.click("main form button:has-text('Publier')")
    page.wait_for_url("**/auteur/**")
    assert Comment.objects.get(text="De beaux morceaux.").rating == 4
    look(page, "avis-le-sien")
    page.goto(f"/commentaires/{Comment.objects.published().first().pk}/signaler/")
    look(page, "avis-signaler")
    page.goto("/avis-et-commentaires/")
    look(page, "avis-regles")
    page.goto(f"/avis-et-commentaires/refuser/{order.access_token}/")
    look(page, "avis-refuser")


def write(page, text: str) -> None:
    page.click("[data-write] summary")
    page.fill("[data-write] [name=author]", "Sacha")
    page.fill("[data-write] [name=text]", text)
    page.click("[data-write] [type=submit]")


def test_a_first_comment_waits_and_the_next_appears_at_once(page, section):
    page.set_viewport_size(PHONE)
    page.goto(PAGE)
    write(page, "Premier mot")
    page.wait_for_selector("[data-status]:has-text('dès que nous l’aurons lu')")
    first = Comment.objects.get(text="Premier mot")
    services.publish(comments=[first.pk], by=UserFactory(is_staff=True), now=timezone.now())
    page.goto(PAGE)
    expect(page.locator("[data-write] [name=author]")).to_have_value("Sacha")
    write(page, "Second mot")
    page.wait_for_selector(".comments__list > li:first-child:has-text('Second mot')")
    assert page.evaluate("document.activeElement.hasAttribute('data-status')")

    page.click(".comments__list > li:first-child a:has-text('Modifier')")
    page.fill("main [name=text]", "Second mot, corrigé")
    with page.expect_navigation():
        page.click("text=Enregistrer")
    page.click("main a:has-text('Confiture')")
    expect(page.get_by_text("Second mot, corrigé")).to_be_visible()


def test_an_answer_stands_under_its_question(page, section):
    own_comment = CommentFactory(section_id="page-x")
    page.goto(PAGE)
    stored = {"name": "Sacha", "own": {own_comment.pk: {"url": "/", "token": author_token(own_comment)}}}
    page.evaluate("kept => localStorage.setItem('commentaires', JSON.stringify(kept))", stored)
    page.reload()
    question = page.locator(".comments__list > li", has_text="Question")
    question.locator("[data-reply]").click()
    assert page.evaluate("document.activeElement.name") == "text"
    page.keyboard.type("Trois semaines chez moi.")
    question.locator("form [type=submit]").click()
    page.wait_for_selector(".comment__replies:has-text('Trois semaines')")
    assert Comment.objects.get(text="Trois semaines chez moi.").parent.author == "Émile B."


def test_older_ones_join_the_list(page, section):
    page.goto(PAGE)
    expect(page.locator(".comments__list > li")).to_have_count(5)
    page.click("[data-older]")
    page.wait_for_selector(".comments__list > li >> nth=24")
    page.click("[data-older]")
    page.wait_for_selector(".comments__list > li >> nth=25")
    expect(page.locator("[data-older]")).to_have_count(0)


def test_without_javascript(chromium, small_shop, section):
    context = chromium.new_context(base_url=small_shop, java_script_enabled=False, viewport=PHONE, locale="fr-FR")
    page = context.new_page()
    try:
        page.goto(PAGE)
        write(page, "Sans script")
        page.wait_for_url("**/auteur/**")
        own = page.url
        expect(page.get_by_text("dès que nous l’aurons lu")).to_be_visible()
        page.fill("main [name=text]", "Sans script, corrigé")
        with page.expect_navigation():
            page.click("text=Enregistrer")
        comment = Comment.objects.get(text="Sans script, corrigé")
        services.publish(comments=[comment.pk], by=UserFactory(is_staff=True), now=timezone.now())
        page.goto(PAGE)
        card = page.locator(f"#commentaire-{comment.pk}")
        card.get_by_role("link", name="Signaler").click()
        page.check("[value=OTHER]")
        with page.expect_navigation():
            page.click("button:has-text('Signaler')")
        assert Report.objects.get().comment == comment
        page.goto(PAGE)
        page.locator(f"#commentaire-{comment.pk}").get_by_role("link", name="Répondre").click()
        page.fill("[name=author]", "Alix")
        page.fill("main [name=text]", "Une réponse")
        page.wait_for_timeout(3100)
        page.click("main form button:has-text('Publier')")
        page.wait_for_url("**/auteur/**")
        assert Comment.objects.get(text="Une réponse").parent == comment
        page.goto(PAGE)
        page.click("text=Avis et commentaires plus anciens")
        page.locator(".comments__list > li").nth(19).wait_for()
        expect(page.locator(".comments__list > li")).to_have_count(20)
        page.goto(own)
        page.click("text=Supprimer ce commentaire")
        expect(page.get_by_text("Votre commentaire est supprimé.")).to_be_visible()
    finally:
        context.close()
