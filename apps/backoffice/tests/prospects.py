"""Cards as the back office's pages get them."""

from typing import Any

from django.contrib.auth.models import Group

from apps.accounts.models import User
from apps.accounts.tests.factories import StaffFactory
from apps.backoffice.prospects.forms import CardForm
from apps.backoffice.services.groups import sync_groups
from apps.prospects.models import Prospect


def colleague(**fields: Any) -> User:
    """Somebody who works on prospects."""
    sync_groups()
    user = StaffFactory(**fields)
    user.groups.add(Group.objects.get(name="Assistance"))
    return user


def filled_in(card: Prospect, **typed: Any) -> dict[str, str]:
    """What a browser sends back from the card's page after somebody typed over some fields."""
    form = CardForm(instance=card)
    data = {}
    for bound in form:
        value = bound.value()
        text = "" if value is None else str(value)
        data[bound.html_name] = text
        if bound.field.show_hidden_initial:
            data[bound.html_initial_name] = text
    return data | {name: str(value) for name, value in typed.items()}
