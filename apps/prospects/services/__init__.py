"""The services of prospects. Every change is a compare-and-set on the card's version and adds a line of history."""

from apps.prospects.services.attachments import FileRefused, attach_file, check_file, remove_file
from apps.prospects.services.board import Place, board_hash, column_page, neighbours
from apps.prospects.services.convert import ConversionRefused, account_for, convert_prospect
from apps.prospects.services.create import create_prospect
from apps.prospects.services.delete import RESTORABLE, delete_prospect, restore_prospect
from apps.prospects.services.digest import choose_digest, digest_of, send_digests, wants_digest
from apps.prospects.services.duplicates import have_duplicates
from apps.prospects.services.errors import (
    NotStaff,
    ReasonRequired,
    StageFull,
    StageInUse,
    StaleVersion,
    TooLate,
    UnknownStage,
)
from apps.prospects.services.history import Author
from apps.prospects.services.merge import MergeRefused, Undone, merge_prospects, undo_merge
from apps.prospects.services.move import move_prospect
from apps.prospects.services.notes import add_note
from apps.prospects.services.stages import check_delete_stage, check_hide_stage
from apps.prospects.services.update import update_prospect

__all__ = [
    "RESTORABLE",
    "Author",
    "ConversionRefused",
    "FileRefused",
    "MergeRefused",
    "NotStaff",
    "Place",
    "ReasonRequired",
    "StageFull",
    "StageInUse",
    "StaleVersion",
    "TooLate",
    "Undone",
    "UnknownStage",
    "account_for",
    "add_note",
    "attach_file",
    "board_hash",
    "check_delete_stage",
    "check_file",
    "check_hide_stage",
    "choose_digest",
    "column_page",
    "convert_prospect",
    "create_prospect",
    "delete_prospect",
    "digest_of",
    "have_duplicates",
    "merge_prospects",
    "move_prospect",
    "neighbours",
    "remove_file",
    "restore_prospect",
    "send_digests",
    "undo_merge",
    "update_prospect",
    "wants_digest",
]
