"""Services of an account's address book, and which colleagues have a permission."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from apps.accounts.models import Address, User
from apps.common.errors import DomainError

MAX_ADDRESSES = 30


class TooManyAddresses(DomainError):
    code = "too_many_addresses"


def save_address(*, user: User, address: Address, now: datetime) -> Address:
    """Create or change one address of `user`. A new default replaces the former one; the first address is default.

    Raises TooManyAddresses. Locks the account's row, so that concurrent requests leave one default.
    """
    with transaction.atomic(durable=True):
        User.objects.select_for_update().get(pk=user.pk)
        others = Address.objects.of(user).exclude(pk=address.pk)
        if address._state.adding and others.count() >= MAX_ADDRESSES:
            raise TooManyAddresses(
                _("Votre carnet contient déjà %(count)s adresses. Supprimez-en une avant d’en ajouter.")
                % {"count": MAX_ADDRESSES}
            )
        if address.is_default:
            others.filter(is_default=True).update(is_default=False, updated_at=now)
        elif not others.filter(is_default=True).exists():
            address.is_default = True
        address.user = user
        address.save()
    return address


def delete_address(*, user: User, address_id: int, now: datetime) -> bool:
    """Delete one address; the oldest left becomes default if needed. False when it did not exist any more."""
    with transaction.atomic(durable=True):
        User.objects.select_for_update().get(pk=user.pk)
        deleted, _rows = Address.objects.of(user).filter(pk=address_id).delete()
        rest = Address.objects.of(user)
        if deleted and not rest.filter(is_default=True).exists():
            oldest = rest.order_by("pk").first()
            if oldest:
                Address.objects.filter(pk=oldest.pk).update(is_default=True, updated_at=now)
    return bool(deleted)


def colleagues_who_may(permission: str) -> "QuerySet[User]":
    """Active staff with a permission (`app.codename`), their own, a group's or a superuser's; by id."""
    app, codename = permission.split(".")
    granted = Q(is_superuser=True)
    for path in ("user_permissions", "groups__permissions"):
        granted |= Q(**{f"{path}__codename": codename, f"{path}__content_type__app_label": app})
    return User.objects.filter(granted, is_staff=True, is_active=True).distinct().order_by("pk")
