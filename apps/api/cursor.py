from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from apps.common.keyset import decode


class CursorField(serializers.CharField):
    default_error_messages = {"cursor": _("Ce curseur ne vient pas de cette liste. Recommencez sans curseur.")}

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, max_length=120, trim_whitespace=False, **options)

    def to_internal_value(self, data: Any) -> tuple[datetime, int]:  # type: ignore[override]
        try:
            return decode(super().to_internal_value(data))
        except ValueError:
            self.fail("cursor")
