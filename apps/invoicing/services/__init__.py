"""Writes of accounting documents. Whoever issues or closes locks the chain's row, last of all locks."""

from apps.invoicing.services.archive import archive_due, archive_of, record_archive
from apps.invoicing.services.close import close_ended
from apps.invoicing.services.invariants import check_documents
from apps.invoicing.services.issue import issue_credit_note, issue_invoice
from apps.invoicing.services.render import render_document, render_missing
from apps.invoicing.services.sweep import issue_missing
from apps.invoicing.services.verify import verify_chain

__all__ = [
    "archive_due",
    "archive_of",
    "check_documents",
    "close_ended",
    "issue_credit_note",
    "issue_invoice",
    "issue_missing",
    "record_archive",
    "render_document",
    "render_missing",
    "verify_chain",
]
