"""Lifts the lockout of an account after a password reset by e-mail, which proves whose account it is."""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.account.signals import password_reset
from django.dispatch import receiver
from django.http import HttpRequest

from apps.accounts import lockout
from apps.accounts.models import User


@receiver(password_reset)
def lift_lockout(request: HttpRequest, user: User, **kwargs: Any) -> None:
    """Reset the failed attempts of this client, for each e-mail address of the account."""
    others = EmailAddress.objects.filter(user=user).values_list("email", flat=True)
    for email in {user.email, *others}:
        lockout.succeeded(request, email)
