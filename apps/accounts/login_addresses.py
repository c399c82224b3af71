from allauth.account.models import EmailAddress
from django.db import transaction

from apps.accounts.models import User


@transaction.atomic
def replace_login_address(*, user: User) -> None:
    """The account's address was changed by somebody else than its owner: it is the only one left, to be confirmed.

    allauth keeps addresses in a table of its own, and asks it who may have a new password: an address that was given
    up, or taken over with its mailbox, would go on opening the account.
    """
    EmailAddress.objects.filter(user=user).delete()
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=False)
