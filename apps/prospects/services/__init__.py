"""The verbs of prospects. Every change is compare-and-set on the card's version and leaves a line of history."""

from apps.prospects.services.board import column_page
from apps.prospects.services.create import Details, create_prospect, find_repeat
from apps.prospects.services.delete import RESTORABLE, delete_prospect, restore_prospect
from apps.prospects.services.erase import erase_person, purge_deleted
from apps.prospects.services.errors import KeyReused, NotStaff, ReasonRequired, StaleVersion, TooLate, UnknownStage
from apps.prospects.services.history import Author
from apps.prospects.services.move import move_prospect
from apps.prospects.services.update import EDITABLE, update_prospect

__all__ = [
    "EDITABLE",
    "RESTORABLE",
    "Author",
    "Details",
    "KeyReused",
    "NotStaff",
    "ReasonRequired",
    "StaleVersion",
    "TooLate",
    "UnknownStage",
    "column_page",
    "create_prospect",
    "delete_prospect",
    "erase_person",
    "find_repeat",
    "move_prospect",
    "purge_deleted",
    "restore_prospect",
    "update_prospect",
]
