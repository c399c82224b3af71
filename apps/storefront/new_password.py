"""Who chose a new password by the link in an e-mail has shown whose account it is."""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.account.signals import password_reset
from django.dispatch import receiver
from django.http import HttpRequest

from apps.accounts import lockout
from apps.accounts.models import User


@receiver(password_reset)
def open_again(request: HttpRequest, user: User, **kwargs: Any) -> None:
    """The place has its tries again, under each address that the account is entered with."""
    others = EmailAddress.objects.filter(user=user).values_list("email", flat=True)
    for email in {user.email, *others}:
        lockout.succeeded(request, email)
