"""Values of form fields: compared, stored in a page, displayed."""

from collections.abc import Iterable
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Manager, Model, QuerySet
from django.utils import timezone
from django.utils.formats import date_format, localize
from django.utils.translation import gettext as _

Plain = str | list[str]
EMPTY_LABEL = "—"


def plain(field: forms.Field, value: Any) -> Plain:
    """Equal for a value of the database and the same value submitted untouched."""
    if isinstance(field, forms.JSONField):
        return " ".join(str(field.prepare_value(value)).split())
    if isinstance(field, forms.BooleanField) and not isinstance(field, forms.NullBooleanField):
        return "1" if value else "0"
    if isinstance(value, Manager):
        value = value.all()
    if isinstance(value, QuerySet | list | tuple | set):
        return sorted(str(_identity(each)) for each in value)
    if isinstance(field, forms.ModelMultipleChoiceField | forms.MultipleChoiceField) and not value:
        return []
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, datetime):
        # A widget shows seconds; aware and naive ones are the same moment in the shop's time.
        aware = value if timezone.is_aware(value) else timezone.make_aware(value)
        return aware.astimezone(timezone.get_default_timezone()).replace(microsecond=0).isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, Decimal | float):
        number = Decimal(str(value))
        return f"{number:f}".rstrip("0").rstrip(".") if "." in f"{number:f}" else f"{number:f}"
    if isinstance(value, Model):
        return str(value.pk)
    # Browsers send line ends of two characters, and Django strips what surrounds a text.
    return str(value).replace("\r\n", "\n").strip()


def as_text(field: forms.Field, value: Any) -> str:
    """For display."""
    if isinstance(field, forms.BooleanField):
        return _("oui") if value else _("non")
    if isinstance(value, Manager):
        value = value.all()
    if isinstance(value, QuerySet | list | tuple | set):
        return ", ".join(_label(field, each) for each in value) or EMPTY_LABEL
    if value is None or value == "":
        return EMPTY_LABEL
    if isinstance(value, datetime):
        return date_format(timezone.localtime(value) if timezone.is_aware(value) else value, "SHORT_DATETIME_FORMAT")
    if isinstance(value, date):
        return date_format(value, "SHORT_DATE_FORMAT")
    if isinstance(value, Decimal | int | float) and not isinstance(field, forms.ChoiceField):
        return str(localize(value))
    return _label(field, value) or EMPTY_LABEL


def typed(field: forms.Field, raw: Any, current: Any) -> Any:
    """The submitted value as the field parses it; the raw text where it does not."""
    try:
        return field.clean(raw, current) if isinstance(field, forms.FileField) else field.clean(raw)
    except ValidationError:
        return raw


def _identity(value: Any) -> Any:
    return value.pk if isinstance(value, Model) else value


def _label(field: forms.Field, value: Any) -> str:
    if isinstance(value, Model):
        return str(value)
    if isinstance(field, forms.ModelChoiceField):
        found = field.queryset.filter(**{field.to_field_name or "pk": value}).first()
        return field.label_from_instance(found) if found else str(value)
    if isinstance(field, forms.ChoiceField):
        return _choice_label(field.choices, value)
    return str(value)


def _choice_label(choices: Iterable[Any], value: Any) -> str:
    for key, label in choices:
        if isinstance(label, list | tuple):
            if any(str(inner) == str(value) for inner, _inner_label in label):
                return _choice_label(label, value)
        elif str(key) == str(value):
            return str(label)
    return str(value)
