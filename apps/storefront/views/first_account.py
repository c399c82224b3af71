from datetime import timedelta
from http import HTTPStatus

from allauth.account.internal.flows.reauthentication import reauthenticate_by_password
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from apps.accounts.first_account import LinkUnusable, check_token, create_owner
from apps.accounts.invitations import AccountExists
from apps.accounts.lockout import client_ip
from apps.common.ip_networks import prefix
from apps.common.throttle import allowed
from apps.common.translation import current_language
from apps.storefront.forms.first_account import FirstAccountForm
from apps.storefront.http import post_data, secret_link, see_other

TRIES = {"times": 20, "within": timedelta(hours=1)}


@require_http_methods(["GET", "HEAD", "POST"])
@secret_link
def first_account(request: HttpRequest, token: str) -> HttpResponse:
    """The page behind the link of `create_owner`: e-mail and password, then the second factor."""
    now = timezone.now()
    if not allowed(action="first-account", who=prefix(client_ip(request) or ""), **TRIES):
        return _refused(request, _("Trop d’essais depuis cet accès à internet. Réessayez dans une heure."), status=429)
    try:
        check_token(token, now=now)
        form = FirstAccountForm(post_data(request))
        if form.is_valid():
            given = form.cleaned_data
            user = create_owner(
                token=token,
                email=given["email"],
                password=given["password1"],
                first_name=given["first_name"],
                language=current_language(),
                now=now,
            )
            login(request, user, backend="django.contrib.auth.backends.ModelBackend")
            # The second factor is asked for next; the password was typed a moment ago.
            reauthenticate_by_password(request)
            return see_other(reverse("mfa_activate_totp"))
    except LinkUnusable as error:
        return _refused(request, error.message, status=HTTPStatus.GONE)
    except AccountExists as error:
        form.add_error("email", error.message)
    status = HTTPStatus.BAD_REQUEST if form.is_bound else HTTPStatus.OK
    return render(request, "storefront/account/first.html", {"form": form}, status=status)


def _refused(request: HttpRequest, sentence: str, *, status: int) -> HttpResponse:
    return render(request, "storefront/account/first.html", {"refusal": sentence}, status=status)
