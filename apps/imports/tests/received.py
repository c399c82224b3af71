"""Imports as the back office receives them, run without a broker."""

from django.core.files.uploadedfile import SimpleUploadedFile

from apps.accounts.models import User
from apps.catalogue.models import CatalogueImport
from apps.imports.services import catalogue_imports
from apps.imports.tests.importing import NOW


def received(content: str | bytes, name: str = "liste.csv", *, format_: str = "auto") -> CatalogueImport:
    data = content.encode() if isinstance(content, str) else content
    return catalogue_imports.receive_import(
        file=SimpleUploadedFile(name, data), format_=format_, vat_class="STANDARD", author=None, now=NOW
    )


def previewed(content: str | bytes, **how) -> CatalogueImport:
    its = received(content, **how)
    catalogue_imports.preview_import(import_id=its.pk, now=NOW)
    its.refresh_from_db()
    return its


def owner() -> User:
    return User.objects.get_or_create(email="patronne@example.org", defaults={"is_staff": True})[0]


def confirmed(content: str | bytes, **how) -> CatalogueImport:
    its = previewed(content, **how)
    catalogue_imports.confirm_import(received=its, by=owner(), now=NOW)
    its.refresh_from_db()
    return its


def applied(content: str | bytes, **how) -> CatalogueImport:
    its = confirmed(content, **how)
    catalogue_imports.apply_import(import_id=its.pk, now=NOW)
    its.refresh_from_db()
    return its
