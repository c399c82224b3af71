from allauth.account.models import EmailAddress
from django.db import transaction

from apps.accounts.models import User


@transaction.atomic
def replace_login_email(*, user: User) -> None:
    """Make `user.email`, changed by staff, the account's only e-mail in allauth's table, unverified.

    allauth resets passwords by that table: a former e-mail left in it would still open the account.
    """
    EmailAddress.objects.filter(user=user).delete()
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=False)
