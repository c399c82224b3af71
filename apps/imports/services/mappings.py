"""Choices of columns that are kept for a supplier's next file."""

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.common.errors import DomainError
from apps.common.typed import tidy_line
from apps.imports.catalogue.reading import InvalidReading, Reading
from apps.imports.models import ColumnMapping


class UnknownMapping(DomainError):
    code = "unknown_mapping"


def save_mapping(*, reading: Reading, by: User | None, now: datetime) -> ColumnMapping | None:
    """Under the supplier's name, which a later choice replaces; nothing is kept without a name."""
    name = tidy_line(reading.supplier)
    if not name:
        return None
    if len(name) > 80:
        raise InvalidReading(_("Le nom du fournisseur dépasse 80 caractères."))
    mapping, _created = ColumnMapping.objects.update_or_create(
        name=name, defaults={"reading": reading.as_json(), "updated_at": now, "updated_by": by}
    )
    return mapping


def mapping_named(name: str) -> ColumnMapping:
    """Raises UnknownMapping with the names that there are."""
    mapping = ColumnMapping.objects.filter(name=name).first()
    if mapping is None:
        names = ", ".join(ColumnMapping.objects.values_list("name", flat=True)[:20]) or _("aucune")
        raise UnknownMapping(
            _("Aucune lecture de colonnes ne s’appelle « %(name)s ». Il y a : %(names)s.")
            % {"name": name, "names": names}
        )
    return mapping


def mapping_for(keys: Sequence[str]) -> ColumnMapping | None:
    """The one whose chosen columns are all in the file; of several, that with the most, then the latest."""
    present = set(keys)
    fitting = [
        mapping
        for mapping in ColumnMapping.objects.order_by("-updated_at")[:200]
        if (columns := mapping.reading.get("columns") or {}) and set(columns) <= present
    ]
    return max(fitting, key=lambda mapping: len(mapping.reading["columns"]), default=None)
