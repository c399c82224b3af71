"""One person across the whole shop: what is held about them, and its erasure."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminEmailInputWidget

from apps.checkout.people import erase_all, look_up
from apps.common.errors import DomainError

PERMISSION = "accounts.handle_person"


class LookUpForm(forms.Form):
    email = forms.EmailField(
        label=gettext_lazy("Adresse e-mail"),
        max_length=254,
        widget=UnfoldAdminEmailInputWidget(attrs={"autocomplete": "off"}),
    )


def person(request: HttpRequest, frame: dict[str, Any]) -> HttpResponse:
    """Asks for an address by POST, so that it stands in no address, no log and no history of a browser."""
    form = LookUpForm(request.POST if request.method == "POST" else None)
    found, problem, status = None, "", 200
    if request.method == "POST":
        status = 422
    if form.is_valid():
        email, now = form.cleaned_data["email"], timezone.now()
        status = 200
        if "erase" in request.POST:
            if request.POST.get("sure") == "on":
                try:
                    erase_all(email=email, by=request.user, now=now)  # type: ignore[arg-type]
                except DomainError as error:
                    problem, status = error.message, 409
                else:
                    messages.success(
                        request, _("Cette personne est effacée. Reste ce que la loi nous oblige à garder.")
                    )
                    return redirect("admin:person")
            else:
                problem, status = _("Cochez la case pour confirmer : un effacement ne s’annule pas."), 422
        found = look_up(email=email, by=request.user, now=now)  # type: ignore[arg-type]
    context = {
        **frame,
        "title": _("Tout sur une personne"),
        "form": form,
        "person": found,
        "problem": problem,
        "chapters": _chapters(found) if found else [],
    }
    return TemplateResponse(request, "backoffice/person.html", context, status=status)


def _chapters(found: Any) -> list[tuple[str, list[list[tuple[str, Any]]]]]:
    """What is held, part by part: each record as its names and values, without what is empty."""
    parts = [
        (_("Compte"), [found.account["account"]] if found.user else []),
        (_("Paniers"), found.account.get("baskets", [])),
        (_("Commandes"), found.orders),
        (_("Prospects"), found.prospects),
        (_("Commentaires"), found.comments),
    ]
    return [(title, [[*_flat(record)] for record in records]) for title, records in parts]


def _flat(record: dict[str, Any], prefix: str = "") -> Any:
    for name, value in record.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{name}.")
        elif isinstance(value, list):
            for place, each in enumerate(value, start=1):
                if isinstance(each, dict):
                    yield from _flat(each, f"{prefix}{name}.{place}.")
                else:
                    yield f"{prefix}{name}.{place}", each
        elif value not in (None, ""):
            yield prefix + name, value
