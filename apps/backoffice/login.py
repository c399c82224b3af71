from datetime import timedelta
from math import ceil
from typing import Any

from allauth.mfa.utils import is_mfa_enabled
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from unfold.forms import AuthenticationForm

from apps.common import formats


class StaffLoginForm(AuthenticationForm):
    """The admin's own form asks for a password alone: an account with a second factor logs in through the shop's
    form."""

    def confirm_login_allowed(self, user) -> None:
        super().confirm_login_allowed(user)
        if is_mfa_enabled(user):
            raise ValidationError(
                render_to_string("backoffice/second_factor.html"),
                code="second_factor",
            )


def locked_out(request: HttpRequest, response: HttpResponse, credentials: Any = None) -> HttpResponse:
    """The page of a lockout, with how long it lasts; axes calls it in place of its own."""
    wait = getattr(request, "login_wait", 60.0)
    minutes = ceil(wait / 60)
    context = {
        **admin.site.each_context(request),
        "title": _("Trop d’essais"),
        "minutes": minutes,
        "hours": ceil(minutes / 60) if minutes > 90 else 0,
        "until": formats.clock(timezone.now() + timedelta(seconds=wait)),
        "login_url": reverse("admin:login"),
        "reset_url": reverse("account_reset_password"),
    }
    answer = TemplateResponse(
        request, "backoffice/locked_out.html", context, status=429, headers={"Retry-After": str(ceil(wait))}
    )
    return answer.render()
