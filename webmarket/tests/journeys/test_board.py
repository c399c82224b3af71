"""The board of prospects in browsers: two people together, offline, by keyboard, by touch, without JavaScript."""

import re
from itertools import pairwise

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from apps.accounts.tests.factories import StaffFactory
from apps.prospects import services
from apps.prospects.models import Prospect, Stage
from webmarket.tests.journeys.board import (
    BOARD,
    box_of,
    card,
    choose,
    column_of,
    fill_board,
    history,
    names_in,
    saved,
    shows,
)
from webmarket.tests.journeys.conftest import DESKTOP, PHONE, sign_in

pytestmark = pytest.mark.browser


@pytest.fixture
def camille(shop):
    return StaffFactory(is_superuser=True, first_name="Camille", last_name="Martin")


@pytest.fixture
def sacha(shop):
    return StaffFactory(is_superuser=True, first_name="Sacha", last_name="Petit")


@pytest.fixture
def cards(camille, sacha):
    return fill_board(camille, sacha)


@pytest.fixture
def board(page, shop, camille, cards):
    """Camille's browser, on the board."""
    sign_in(page.context, shop, camille)
    page.set_viewport_size(DESKTOP)
    page.goto(BOARD)
    page.wait_for_function("() => window.Board?.resume")
    return page


@pytest.fixture
def other(chromium, shop, sacha, cards):
    """Sacha's browser, on the same board."""
    context = chromium.new_context(base_url=shop, locale="fr-FR", timezone_id="Europe/Paris", viewport=DESKTOP)
    sign_in(context, shop, sacha)
    page = context.new_page()
    page.goto(BOARD)
    page.wait_for_function("() => window.Board?.resume")
    yield page
    context.close()


def drag(page, name: str, code: str) -> None:
    start = box_of(page, name)
    goal = page.locator(f"[data-column={code}] [data-cards]").bounding_box()
    page.mouse.move(start["x"] + 40, start["y"] + start["height"] - 12)
    page.mouse.down()
    page.mouse.move(start["x"] + 60, start["y"] + 30, steps=4)
    page.mouse.move(goal["x"] + 100, goal["y"] + 10, steps=8)
    page.mouse.up()


def test_both_move_the_same_card_and_the_second_is_shown_who_was_first(board, other, cards):
    other.evaluate("Board.held = true")  # Sacha's page does not hear of it in time.
    drag(board, "Noé", "qualifie")
    saved(board)
    other.evaluate("Board.held = null")
    choose(other, "Noé", "Proposition")
    notice = other.locator("[data-notice^=refused]")
    notice.wait_for()
    expect(notice).to_contain_text("Camille Martin a déplacé Noé Garnier dans « Qualifié »")
    shows(other, "Noé", "qualifie")
    assert history(cards["Noé"]) == [("Camille Martin", "contacte", "qualifie")]
    choose(other, "Noé", "Proposition")
    saved(other)
    shows(board, "Noé", "proposition")
    assert history(cards["Noé"])[1:] == [("Sacha Petit", "qualifie", "proposition")]


def test_what_others_do_appears_and_keeps_the_focus(board, other, cards):
    card(board, "Jade").focus()
    choose(other, "Hugo", "Gagné")
    saved(other)
    shows(board, "Hugo", "gagne")
    assert board.evaluate("document.activeElement.dataset.name").startswith("Jade")
    expect(board.locator("[data-column=gagne] [data-counted]")).to_have_text("2")
    Stage.objects.filter(code="gagne").update(name_fr="Conclu")
    board.get_by_role("heading", name="Conclu").wait_for()


def test_a_move_without_network_waits_and_arrives(board, other, cards):
    board.context.set_offline(True)
    choose(board, "Sarah", "Proposition")
    board.get_by_text("En attente du réseau").wait_for()
    assert column_of(board, "Sarah") == "proposition"
    assert Prospect.objects.get(pk=cards["Sarah"].pk).version == 1
    board.context.set_offline(False)
    saved(board)
    board.get_by_text("aucun déplacement n’attend plus").wait_for()
    shows(other, "Sarah", "proposition")
    assert history(cards["Sarah"]) == [("Camille Martin", "qualifie", "proposition")]


def test_a_move_without_network_survives_a_reload(board, cards):
    board.route(re.compile("/move/"), lambda route: route.abort())
    choose(board, "Sarah", "Gagné")
    board.get_by_text("En attente du réseau").wait_for()
    board.unroute(re.compile("/move/"))
    board.reload()
    shows(board, "Sarah", "gagne")
    saved(board)
    assert history(cards["Sarah"]) == [("Camille Martin", "qualifie", "gagne")]


def test_a_move_without_network_is_refused_when_somebody_was_faster(board, other, cards):
    board.context.set_offline(True)
    choose(board, "Sarah", "Proposition")
    board.get_by_text("En attente du réseau").wait_for()
    choose(other, "Sarah", "Contacté")
    saved(other)
    board.context.set_offline(False)
    notice = board.locator("[data-notice^=refused]")
    notice.wait_for()
    expect(notice).to_contain_text("Sacha Petit a déplacé Sarah Lemoine dans « Contacté »")
    shows(board, "Sarah", "contacte")
    assert history(cards["Sarah"]) == [("Sacha Petit", "qualifie", "contacte")]


def test_an_answer_that_is_lost_does_not_turn_ones_own_move_into_a_refusal(board, cards):
    lost = []

    def lose_first(route):
        if lost:
            route.continue_()
        else:
            lost.append(route.fetch())
            route.abort()

    board.route(re.compile("/move/"), lose_first)
    choose(board, "Sarah", "Gagné")
    board.get_by_text("En attente du réseau").wait_for()
    saved(board)
    expect(board.locator("[data-notice^=refused]")).to_have_count(0)
    assert column_of(board, "Sarah") == "gagne"
    assert history(cards["Sarah"]) == [("Camille Martin", "qualifie", "gagne")]


def test_moves_in_quick_succession_are_all_kept(board, cards):
    for column in ("Contacté", "Qualifié", "Gagné"):
        choose(board, "Hugo", column)
    for column in ("Proposition", "Gagné"):
        choose(board, "Noé", column)
    saved(board)
    assert column_of(board, "Hugo") == column_of(board, "Noé") == "gagne"
    for name in ("Hugo", "Noé"):
        assert Prospect.objects.get(pk=cards[name].pk).stage.code == "gagne"
        path = history(cards[name])
        assert all(before[2] == after[1] for before, after in pairwise(path))


def test_a_session_that_ended_keeps_the_move(board, shop, camille, cards):
    board.context.clear_cookies()
    choose(board, "Sarah", "Gagné")
    board.get_by_text("Votre session est terminée").wait_for()
    sign_in(board.context, shop, camille)
    board.reload()
    saved(board)
    assert history(cards["Sarah"]) == [("Camille Martin", "qualifie", "gagne")]


def test_by_keyboard_alone(board, other, cards):
    live = board.locator("[data-live]")
    for _press in range(60):
        board.keyboard.press("Tab")
        if board.evaluate("document.activeElement.matches('[data-card]')"):
            break
    assert board.evaluate("document.activeElement.dataset.name") == "Léa Petit"
    assert board.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
    board.keyboard.press("ArrowDown")
    board.keyboard.press("ArrowRight")
    assert board.evaluate("document.activeElement.dataset.name") == "Jade Rousseau"

    board.keyboard.press("Space")
    board.wait_for_function("() => document.querySelector('[data-live]').textContent.includes('carte prise')")
    board.keyboard.press("ArrowRight")
    board.keyboard.press("ArrowUp")
    board.wait_for_function("() => document.querySelector('[data-live]').textContent.startsWith('Qualifié, place 1')")
    board.keyboard.press("Escape")
    board.wait_for_function("() => document.querySelector('[data-live]').textContent.includes('annulé')")
    assert names_in(board, "contacte") == ["Noé", "Jade"]

    board.keyboard.press("Enter")
    board.keyboard.press("ArrowRight")
    board.keyboard.press("Home")
    board.keyboard.press("Enter")
    board.wait_for_function("() => document.querySelector('[data-live]').textContent.includes('posée dans Qualifié')")
    saved(board)
    assert live.inner_text()
    assert board.evaluate("document.activeElement.dataset.name") == "Jade Rousseau"
    assert names_in(board, "qualifie") == ["Jade", "Sarah", "Malo"]
    shows(other, "Jade", "qualifie")
    assert history(cards["Jade"]) == [("Camille Martin", "contacte", "qualifie")]
    board.keyboard.press("Tab")
    board.keyboard.press("Tab")
    assert board.evaluate("document.activeElement.matches('[data-menu]')")
    board.keyboard.press("Enter")
    board.locator("dialog[open]").wait_for()
    board.keyboard.press("Escape")
    assert board.evaluate("document.activeElement.matches('[data-menu]')")


def test_by_the_menu_with_a_reason_and_within_a_column(board, cards):
    choose(board, "Inès", "Tout en haut")
    saved(board)
    assert names_in(board, "nouveau") == ["Inès", "Léa", "Hugo"]
    choose(board, "Inès", "Un rang plus bas")
    saved(board)
    assert names_in(board, "nouveau") == ["Léa", "Inès", "Hugo"]
    choose(board, "Inès", "Perdu")
    dialog = board.locator("dialog[data-dialog=reason]")
    dialog.get_by_role("button", name="Annuler").click()
    shows(board, "Inès", "nouveau")
    choose(board, "Inès", "Perdu")
    dialog.get_by_label("Motif").fill("Trop loin")
    dialog.get_by_role("button", name="Déplacer", exact=True).click()
    shows(board, "Inès", "perdu")
    saved(board)
    assert cards["Inès"].events.order_by("pk").last().reason == "Trop loin"


def change_elsewhere(board, prospect) -> None:
    """A colleague changes the card, and the page fetches the columns."""
    services.update_prospect(
        prospect_id=prospect.pk,
        version=None,
        changes={"company": "Le Bistrot"},
        by=services.Author(name="Sacha Petit"),
        now=timezone.now(),
    )
    board.evaluate("() => Promise.race([Board.refresh(), new Promise((done) => setTimeout(done, 500))])")


def test_a_change_elsewhere_between_press_and_release_does_not_lose_the_click(board, cards):
    menu = card(board, "Noé").locator("[data-menu]").bounding_box()
    board.mouse.move(menu["x"] + menu["width"] / 2, menu["y"] + menu["height"] / 2)
    board.mouse.down()
    change_elsewhere(board, cards["Noé"])
    board.mouse.up()
    board.locator("dialog[open]").wait_for()
    board.keyboard.press("Escape")
    card(board, "Noé").get_by_text("Le Bistrot", exact=True).wait_for()


def test_a_change_elsewhere_between_press_and_drag_leaves_the_card_in_hand(board, cards):
    start = box_of(board, "Noé")
    goal = box_of(board, "Sarah")
    board.mouse.move(start["x"] + 40, start["y"] + start["height"] - 12)
    board.mouse.down()
    change_elsewhere(board, cards["Noé"])
    board.mouse.move(goal["x"] + 40, goal["y"] + 10, steps=8)
    board.mouse.up()
    notice = board.locator("[data-notice^=refused]")
    notice.wait_for()
    expect(notice).to_contain_text("Sacha Petit")
    shows(board, "Noé", "contacte")
    card(board, "Noé").get_by_text("Le Bistrot", exact=True).wait_for()


def test_a_full_column_asks_first(board, cards):
    Stage.objects.filter(code="gagne").update(wip_limit=1)
    choose(board, "Sarah", "Gagné")
    dialog = board.locator("dialog[data-dialog=confirm]")
    dialog.wait_for()
    dialog.get_by_role("button", name="Annuler").click()
    shows(board, "Sarah", "qualifie")
    choose(board, "Sarah", "Gagné")
    dialog.get_by_role("button", name="Déplacer quand même").click()
    saved(board)
    board.get_by_text("Limite dépassée").wait_for()
    assert history(cards["Sarah"]) == [("Camille Martin", "qualifie", "gagne")]


def test_escape_ends_a_drag(board, cards):
    start = box_of(board, "Noé")
    board.mouse.move(start["x"] + 40, start["y"] + 60)
    board.mouse.down()
    board.mouse.move(start["x"] + 350, start["y"] + 60, steps=6)
    assert column_of(board, "Noé") == "qualifie"
    board.keyboard.press("Escape")
    board.mouse.up()
    assert column_of(board, "Noé") == "contacte"
    assert board.url.endswith(BOARD)
    assert not cards["Noé"].events.exists()


def test_by_finger_a_long_press_takes_a_card_and_a_swipe_scrolls(chromium, shop, camille, cards):
    context = chromium.new_context(base_url=shop, locale="fr-FR", viewport=PHONE, has_touch=True, is_mobile=True)
    sign_in(context, shop, camille)
    page = context.new_page()
    page.goto(BOARD)
    page.wait_for_function("() => window.Board?.resume")
    touch = context.new_cdp_session(page)

    def finger(kind: str, x: float = 0, y: float = 0) -> None:
        points = [] if kind == "touchEnd" else [{"x": x, "y": y}]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    box = box_of(page, "Hugo")
    goal = box_of(page, "Léa")
    x, y = box["x"] + 60, box["y"] + box["height"] - 12
    finger("touchStart", x, y)
    page.locator(".is-ghost").wait_for()
    for step in range(1, 9):
        finger("touchMove", x, y + (goal["y"] + 8 - y) * step / 8)
    finger("touchEnd")
    saved(page)
    assert names_in(page, "nouveau") == ["Hugo", "Léa", "Inès"]
    assert page.evaluate("scrollY") == 0

    page.set_viewport_size({"width": 360, "height": 480})
    box = box_of(page, "Hugo")
    x, y = box["x"] + 60, box["y"] + box["height"] - 12
    finger("touchStart", x, y)
    for step in range(1, 8):
        finger("touchMove", x, y - 20 * step)
    finger("touchEnd")
    page.wait_for_function("() => scrollY > 20")
    assert names_in(page, "nouveau") == ["Hugo", "Léa", "Inès"]
    context.close()


def test_without_javascript(chromium, shop, camille, cards):
    context = chromium.new_context(base_url=shop, java_script_enabled=False, viewport=PHONE, locale="fr-FR")
    sign_in(context, shop, camille)
    page = context.new_page()
    page.goto(f"{BOARD}?q=sarah")
    page.get_by_role("link", name="Déplacer Sarah Lemoine vers…").click()
    page.get_by_label("Perdu").check()
    page.get_by_role("button", name="Déplacer", exact=True).click()
    page.get_by_text("demande un motif").first.wait_for()
    page.fill("[name=reason]", "Pas de budget")
    page.get_by_role("button", name="Déplacer", exact=True).click()
    page.wait_for_url(f"**{BOARD}?q=sarah")
    expect(page.locator("[data-column=perdu]").get_by_text("Sarah Lemoine")).to_be_visible()
    context.close()
    assert history(cards["Sarah"]) == [("Camille Martin", "qualifie", "perdu")]


def test_a_long_column_shows_more_in_place(board, cards, camille):
    stage = Stage.objects.get(code="contacte")
    stage_cards = [
        Prospect(
            first_name=f"Carte{n:02}",
            last_name="Test",
            email=f"c{n}@exemple.fr",
            email_key=f"c{n}@exemple.fr",
            stage=stage,
            stage_since=cards["Noé"].stage_since,
            rank=10**12 + n,
        )
        for n in range(40)
    ]
    Prospect.objects.bulk_create(stage_cards)
    board.reload()
    more = board.locator("[data-column=contacte] [data-more]")
    more.click()
    more.wait_for(state="detached")
    assert len(names_in(board, "contacte")) == 42
    assert board.evaluate("document.activeElement.dataset.name") == "Carte23 Test"
    assert "more=contacte.2" in board.url


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_how_it_looks(board, look, cards, size):
    Stage.objects.filter(code="qualifie").update(wip_limit=1)
    board.set_viewport_size(size)
    board.goto(BOARD)
    look(board, "admin-prospects")
    board.locator("summary", has_text="Filtres").click()
    look(board, "admin-prospects-filtres")
    board.locator("summary", has_text="Filtres").click()
    card(board, "Léa").locator("[data-menu]").click()
    look(board, "admin-prospects-menu")
    board.keyboard.press("Escape")
    board.goto(f"/admin/board/{cards['Léa'].public_id}/move/")
    look(board, "admin-prospects-deplacer")
