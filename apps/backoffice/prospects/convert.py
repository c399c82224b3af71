"""Converting a prospect to a customer: a preview of what will happen, then the conversion."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.accounts.invitations import AccountExists
from apps.backoffice.prospects.card import card_url
from apps.common.errors import DomainError
from apps.prospects import services
from apps.prospects.models import Prospect


def convert(request: HttpRequest, card: Prospect, frame: dict[str, Any]) -> HttpResponse:
    if request.method != "POST":
        return _ask(request, card, frame)
    version, account = request.POST.get("version", ""), request.POST.get("account", "")
    try:
        services.convert_prospect(
            prospect_id=card.pk,
            version=int(version) if version.isdecimal() and len(version) < 10 else 0,
            link_account=int(account) if account.isdecimal() and len(account) < 19 else None,
            by=services.Author(user=request.user),  # type: ignore[arg-type]
            now=timezone.now(),
        )
    except (AccountExists, services.StaleVersion) as error:
        card.refresh_from_db()
        return _ask(request, card, frame, problem=error.message, status=409)
    except DomainError as error:
        messages.error(request, error.message)
        return redirect(card_url(card.pk))
    messages.success(request, _("Ce prospect est maintenant un client."))
    return redirect(card_url(card.pk))


def _ask(
    request: HttpRequest, card: Prospect, frame: dict[str, Any], problem: str = "", status: int = 200
) -> HttpResponse:
    context = {
        **frame,
        "title": _("Faire de ce prospect un client"),
        "subtitle": str(card),
        "card": card,
        "account": services.account_for(card),
        "problem": problem,
    }
    return TemplateResponse(request, "backoffice/prospects/convert.html", context, status=status)
