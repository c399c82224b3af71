from typing import Any

from django.db import models
from import_export.fields import Field
from import_export.resources import ModelResource

# First characters that make a cell a formula (OWASP, CSV injection).
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


class SafeResource(ModelResource):
    """Export to spreadsheets. A text that begins like a formula gets an apostrophe, so that it is not executed."""

    def export_field(self, field: Field, instance: models.Model, **kwargs: Any) -> Any:
        value = super().export_field(field, instance, **kwargs)
        return f"'{value}" if isinstance(value, str) and value.startswith(DANGEROUS) else value
