from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from import_export.fields import Field
from import_export.formats.base_formats import CSV, XLSX
from import_export.widgets import DateTimeWidget

from apps.accounts.access_log import log_access
from apps.accounts.models import DataAccess
from apps.common.spreadsheets import SafeResource
from apps.prospects.columns import COLUMNS
from apps.prospects.models import Prospect

FORMATS = [CSV, XLSX]
PATHS = {"stage": "stage__name_fr", "assignee": "assignee__email"}


class ProspectResource(SafeResource):
    """The columns that the import reads, and others that the team asks for. Cells that begin like a formula get an
    apostrophe, which the import removes."""

    created_at = Field(attribute="created_at", column_name="créée le", widget=DateTimeWidget("%Y-%m-%d %H:%M"))
    assignee = Field(attribute="assignee__email", column_name="suivi par")
    consent_at = Field(attribute="consent_at", column_name="consentement le", widget=DateTimeWidget("%Y-%m-%d %H:%M"))

    class Meta:
        model = Prospect
        fields = (*COLUMNS, "assignee", "consent_at", "created_at")
        export_order = fields

    @classmethod
    def field_from_django_field(cls, field_name: str, django_field: Any, readonly: bool) -> Field:
        return Field(attribute=PATHS.get(field_name, field_name), column_name=COLUMNS.get(field_name, (field_name,))[0])


def log_export(request: HttpRequest, count: int) -> None:
    """With the filter of the list's query string; a search text may name somebody, and is left out."""
    query = request.GET.copy()
    if "q" in query:
        query["q"] = "…"
    log_access(
        action=DataAccess.Action.EXPORTED,
        what="prospects",
        count=count,
        detail=query.urlencode(),
        by=request.user,  # type: ignore[arg-type]
        now=timezone.now(),
    )
