"""Helpers of the browser tests of the board: colleagues with their own browsers, positions of cards."""

from datetime import timedelta

from django.utils import timezone

from apps.accounts.models import User
from apps.prospects.models import Prospect, Stage
from apps.prospects.tests.factories import ProspectFactory, make_stages

BOARD = "/admin/board/"
COLOURS = ("SLATE", "SEA", "PLUM", "HONEY", "LEAF", "TOMATO")
FACES = (
    ("Léa", "Petit", "Maison Petit", "Salon de Lyon", "nouveau", 0, "Rappeler", 1),
    ("Hugo", "Bernard", "", "Site", "nouveau", 1, "", None),
    ("Inès", "Moreau", "Épicerie du Parc", "Recommandation", "nouveau", 5, "", None),
    ("Noé", "Garnier", "Le Bistrot des Halles", "Site", "contacte", 2, "Envoyer le catalogue", 0),
    ("Jade", "Rousseau", "Crèche Les Lucioles", "Téléphone", "contacte", 9, "Relancer le devis", -3),
    ("Sarah", "Lemoine", "Ferme des Trois Chênes", "Salon de Lyon", "qualifie", 4, "Visite de l’atelier", 6),
    ("Malo", "Chevalier", "Comité d’entreprise Voltaire et associés", "Site", "qualifie", 1, "", None),
    ("Anna", "Fontaine", "Hôtel Beau Rivage", "Recommandation", "proposition", 20, "Signature", -1),
    ("Tom", "Guérin", "Café Nomade", "Site", "gagne", 12, "", None),
    ("Lina", "Faure", "", "Site", "perdu", 30, "", None),
)


def fill_board(*colleagues: User) -> dict[str, Prospect]:
    """Six columns of ten people, by first name."""
    stages = make_stages()
    names = ("Nouveau", "Contacté", "Qualifié", "Proposition", "Gagné", "Perdu")
    for (code, stage), name, colour in zip(stages.items(), names, COLOURS, strict=True):
        values = {"name_fr": name, "colour": Stage.Colour[colour], "cold_after_days": 7, "wip_limit": None}
        if code in ("gagne", "perdu"):
            values["cold_after_days"] = None
        Stage.objects.filter(pk=stage.pk).update(**values)
    Stage.objects.filter(code="proposition").update(wip_limit=4)
    now = timezone.now()
    cards = {}
    for rank, (first, last, company, source, code, days, action, due) in enumerate(FACES):
        cards[first] = ProspectFactory(
            first_name=first,
            last_name=last,
            company=company,
            source=source,
            stage=stages[code],
            stage_since=now - timedelta(days=days, hours=1),
            rank=rank * 10**9,
            next_action=action,
            next_action_date=None if due is None else timezone.localdate() + timedelta(days=due),
            assignee=colleagues[rank % len(colleagues)] if colleagues and rank % 4 != 1 else None,
        )
    return cards


def card(page, name: str):
    return page.locator(f".board-card:not(.is-ghost)[data-name^='{name}']")


# Located and read in one step: a refresh may replace the card in between.
FOUND = "name => document.querySelector(`[data-column] [data-name^='${name}']`)"


def column_of(page, name: str) -> str:
    return page.evaluate(f"{FOUND}.closest('[data-column]').dataset.column", name)


def box_of(page, name: str) -> dict[str, float]:
    """A card's bounding box on the screen."""
    return page.evaluate(f"{FOUND}.getBoundingClientRect().toJSON()", name)


def names_in(page, code: str) -> list[str]:
    cards = page.locator(f"[data-column={code}] [data-card]")
    return [name.split()[0] for name in cards.evaluate_all("cards => cards.map((card) => card.dataset.name)")]


def shows(page, name: str, code: str) -> None:
    """Wait until a card is in a column."""
    page.locator(f"[data-column={code}] [data-card][data-name^='{name}']").wait_for()


def saved(page) -> None:
    """Wait until a dialog is closed and every move is answered."""
    page.evaluate("() => new Promise((done) => setTimeout(done, 20))")
    page.wait_for_function("() => !Board.moving().length")


def history(prospect: Prospect) -> list[tuple[str, str, str]]:
    """(author, from, to) of a card's moves."""
    events = prospect.events.select_related("from_stage", "to_stage").order_by("pk")
    return [(event.by_name, event.from_stage.code, event.to_stage.code) for event in events]


def choose(page, name: str, column: str) -> None:
    """Move a card by its menu."""
    card(page, name).locator("[data-menu]").click()
    page.locator("dialog[open]").get_by_role("button", name=column, exact=True).click()
