"""Context of a refused save: the errors, with links to their fields, and what others changed."""

from dataclasses import dataclass
from typing import Any

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.forms import BaseForm
from django.http import HttpRequest
from django.utils.translation import gettext as _

from apps.backoffice.edits.forms import Conflict

MAX_MISTAKES = 30


@dataclass(frozen=True, slots=True)
class Mistake:
    label: str
    text: str
    anchor: str


def refusal(model_admin: Any, request: HttpRequest, parts: list[Any], obj: Any = None) -> dict[str, Any]:
    """Context of the page that is displayed again; `parts` are its forms and formsets, in the page's order.

    The page carries the present values: the next save is compared with those.
    """
    conflicts: list[Conflict] = [conflict for part in parts for conflict in getattr(part, "conflicts", [])]
    vanished = [text for part in parts for text in getattr(part, "vanished", ())]
    if conflicts:
        for part in parts:
            if hasattr(part, "renew_snapshot"):
                part.renew_snapshot()
    mistakes = [mistake for part in parts for mistake in _mistakes(part)]
    return {
        "edit_conflicts": conflicts,
        "edit_asked": [conflict for conflict in conflicts if conflict.is_mine],
        "edit_taken": [conflict for conflict in conflicts if not conflict.is_mine],
        "edit_vanished": vanished,
        "edit_is_stale": bool(conflicts) or any(getattr(part, "lost", ()) for part in parts),
        "edit_mistakes": mistakes[:MAX_MISTAKES],
        "edit_mistakes_left": max(len(mistakes) - MAX_MISTAKES, 0),
        "edit_other": _other(request, obj) if conflicts and obj is not None else None,
        "edit_anchor": conflicts[0].anchor if conflicts else "",
    }


def _mistakes(part: Any) -> list[Mistake]:
    if isinstance(part, BaseForm):
        return _of_form(part, "")
    found = [Mistake("", str(text), f"{part.prefix}-group") for text in part.non_form_errors()]
    for number, form in enumerate(part.forms, start=1):
        if form.errors:
            row = str(form.instance) if form.instance.pk else _("ligne %(number)s") % {"number": number}
            found += _of_form(form, row)
    return found


def _of_form(form: BaseForm, row: str) -> list[Mistake]:
    found = []
    for name, errors in form.errors.as_data().items():
        texts = [text for error in errors if error.code != "changed_meanwhile" for text in error.messages]
        bound = form[name] if name in form.fields else None
        label = str(bound.label) if bound else ""
        label = " · ".join(each for each in (row, label[:1].upper() + label[1:]) if each)
        anchor = (bound.id_for_label or bound.auto_id) if bound else ""
        found += [Mistake(label, text, anchor) for text in texts]
    return found


def _other(request: HttpRequest, obj: Any) -> LogEntry | None:
    """Who saved this record last in the back office, when it was not the person who saves now."""
    entries = LogEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(obj, for_concrete_model=False), object_id=str(obj.pk)
    ).exclude(user=request.user)
    return entries.select_related("user").order_by("-action_time", "-pk").first()
