"""Pages about prospects that are not about one card."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.backoffice.prospects.card import card_url
from apps.common.errors import DomainError
from apps.prospects import services
from apps.prospects.models import Prospect

LISTED = 200


def trash(request: HttpRequest, frame: dict[str, Any]) -> HttpResponse:
    """Deleted cards that can still be restored, the latest first."""
    since = timezone.now() - services.RESTORABLE
    cards = Prospect.objects.cards().filter(deleted_at__gt=since, merged_into=None).order_by("-deleted_at", "-pk")
    context = {**frame, "title": _("Cartes supprimées"), "cards": list(cards[:LISTED])}
    return TemplateResponse(request, "backoffice/prospects/trash.html", context)


def restore(request: HttpRequest, frame: dict[str, Any], pk: int) -> HttpResponse:
    get_object_or_404(Prospect, pk=pk)
    try:
        services.restore_prospect(
            prospect_id=pk,
            by=services.Author(user=request.user),  # type: ignore[arg-type]
            now=timezone.now(),
        )
    except DomainError as error:
        messages.error(request, error.message)
        return redirect("admin:prospects_trash")
    messages.success(request, _("La carte est rétablie."))
    return redirect(card_url(pk))


def digest(request: HttpRequest, frame: dict[str, Any]) -> HttpResponse:
    """Whether one wants the daily digest."""
    if request.method == "POST":
        wanted = request.POST.get("is_wanted") == "on"
        services.choose_digest(user=request.user, is_wanted=wanted)  # type: ignore[arg-type]
        messages.success(
            request,
            _("Vous recevrez le récapitulatif du matin.") if wanted else _("Vous ne recevrez plus de récapitulatif."),
        )
        return redirect("admin:prospects_digest")
    wants = services.wants_digest(request.user)  # type: ignore[arg-type]
    context = {**frame, "title": _("Récapitulatif du matin"), "is_wanted": wants}
    return TemplateResponse(request, "backoffice/prospects/digest.html", context)
