from typing import Any

from django.db import models
from import_export.fields import Field
from import_export.resources import ModelResource

# What a spreadsheet would take for a formula when a cell begins with it (OWASP, CSV injection).
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


class SafeResource(ModelResource):
    """Rows for a spreadsheet. A text that begins like a formula gets an apostrophe and is shown as it is, not run."""

    def export_field(self, field: Field, instance: models.Model, **kwargs: Any) -> Any:
        value = super().export_field(field, instance, **kwargs)
        return f"'{value}" if isinstance(value, str) and value.startswith(DANGEROUS) else value
