"""The verbs of prospects. Every change is compare-and-set on the card's version and leaves a line of history."""

from apps.prospects.services.attachments import FileRefused, attach_file, check_file, remove_file
from apps.prospects.services.board import column_page
from apps.prospects.services.create import Details, create_prospect, find_repeat
from apps.prospects.services.delete import RESTORABLE, delete_prospect, restore_prospect
from apps.prospects.services.duplicates import have_duplicates
from apps.prospects.services.erase import erase_person, purge_deleted
from apps.prospects.services.errors import KeyReused, NotStaff, ReasonRequired, StaleVersion, TooLate, UnknownStage
from apps.prospects.services.history import Author
from apps.prospects.services.merge import MergeRefused, Undone, merge_prospects, undo_merge
from apps.prospects.services.move import move_prospect
from apps.prospects.services.notes import add_note
from apps.prospects.services.update import EDITABLE, update_prospect

__all__ = [
    "EDITABLE",
    "RESTORABLE",
    "Author",
    "Details",
    "FileRefused",
    "KeyReused",
    "MergeRefused",
    "NotStaff",
    "ReasonRequired",
    "StaleVersion",
    "TooLate",
    "Undone",
    "UnknownStage",
    "add_note",
    "attach_file",
    "check_file",
    "column_page",
    "create_prospect",
    "delete_prospect",
    "erase_person",
    "find_repeat",
    "have_duplicates",
    "merge_prospects",
    "move_prospect",
    "purge_deleted",
    "remove_file",
    "restore_prospect",
    "undo_merge",
    "update_prospect",
]
