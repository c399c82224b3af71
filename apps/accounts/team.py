"""Colleagues: invited, given roles, suspended. A role is a group of permissions; an owner may do everything."""

from collections.abc import Sequence
from datetime import datetime

from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group
from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts.emails import AccountEmail
from apps.accounts.models import User
from apps.common import outbox
from apps.common.email_addresses import canonical_email
from apps.common.errors import DomainError
from apps.common.transactions import retry_on_deadlock


class LastOwner(DomainError):
    code = "last_owner"


class NotAnOwner(DomainError):
    code = "not_an_owner"


class AlreadyColleague(DomainError):
    code = "already_colleague"


class NotAColleague(DomainError):
    code = "not_a_colleague"


@retry_on_deadlock
@transaction.atomic(durable=True)
def invite_colleague(
    *, email: str, first_name: str, groups: Sequence[Group], owner: bool, language: str, by: User, now: datetime
) -> User:
    """Open an account with these roles and enqueue an e-mail with a link to its password. A customer's account becomes
    a colleague's.

    Raises AlreadyColleague, NotAnOwner.
    """
    _lock_owners(by=by)
    email = canonical_email(email)
    user = User.objects.select_for_update().filter(email=email).first()
    if user is None:
        user = User.objects.create_user(email, first_name=first_name, language=language, date_joined=now)
        EmailAddress.objects.create(user=user, email=email, primary=True, verified=False)
    elif user.is_staff or user.is_superuser:
        raise AlreadyColleague(_("Cette adresse est déjà celle d’un membre de l’équipe."))
    user.is_staff, user.is_superuser, user.is_active = True, owner, True
    user.save(update_fields=["is_staff", "is_superuser", "is_active"])
    user.groups.set(groups)
    outbox.enqueue(
        kind=AccountEmail.TEAM_INVITATION,
        key=f"team-invitation-{user.pk}-{int(now.timestamp())}",
        object_id=user.pk,
        language=user.language,
        now=now,
    )
    return user


@retry_on_deadlock
@transaction.atomic(durable=True)
def set_roles(*, user_id: int, groups: Sequence[Group], owner: bool, by: User) -> User:
    """Give a colleague exactly these roles. Raises LastOwner, NotAnOwner, NotAColleague."""
    owners = _lock_owners(by=by)
    user = _colleague(user_id)
    if user.is_superuser and not owner:
        _refuse_last(user, owners)
    user.is_superuser = owner
    user.save(update_fields=["is_superuser"])
    user.groups.set(groups)
    return user


@retry_on_deadlock
@transaction.atomic(durable=True)
def set_active(*, user_id: int, active: bool, by: User) -> User:
    """Suspend a colleague, whose sessions end with the next request, or let them in again.

    Raises LastOwner, NotAnOwner, NotAColleague.
    """
    owners = _lock_owners(by=by)
    user = _colleague(user_id)
    if user.is_superuser and not active:
        _refuse_last(user, owners)
    user.is_active = active
    user.save(update_fields=["is_active"])
    return user


def _lock_owners(*, by: User) -> list[int]:
    """Ids of the active owners, whose rows stay locked: of two owners who remove each other at one moment, the second
    is no owner any more. Raises NotAnOwner."""
    rows = User.objects.filter(is_superuser=True, is_active=True).order_by("pk").select_for_update()
    owners = list(rows.values_list("pk", flat=True))
    if by.pk not in owners:
        raise NotAnOwner(_("Seul un propriétaire change l’équipe."))
    return owners


def _colleague(user_id: int) -> User:
    user = User.objects.select_for_update().filter(pk=user_id, is_staff=True).first()
    if user is None:
        raise NotAColleague(_("Ce compte n’est pas celui d’un membre de l’équipe."))
    return user


def _refuse_last(user: User, owners: Sequence[int]) -> None:
    if not set(owners) - {user.pk}:
        raise LastOwner(_("C’est le dernier propriétaire : nommez-en d’abord un autre."))
