"""The four jobs in a small shop, as groups of permissions; other permissions are for superusers alone.

Permissions of other packages' models are not given because they exist. `docs/admin-rights.md` lists what follows for
each screen, and a test compares the two (`manage.py admin_rights`).
"""

from collections.abc import Iterable

from django.contrib.auth.models import Group, Permission
from django.db import transaction

ALL = ("view", "add", "change", "delete")
EDIT = ("view", "add", "change")
SEE = ("view",)

# group name -> {"app.model": actions}
GROUPS: dict[str, dict[str, tuple[str, ...]]] = {
    "Catalogue": {
        "catalogue.category": ALL,
        "catalogue.product": ALL,
        "catalogue.variant": ALL,
        "catalogue.productimage": ALL,
        "catalogue.brand": ALL,
        "catalogue.economicoperator": ALL,
        "catalogue.attribute": ALL,
        "catalogue.attributevalue": ALL,
        "catalogue.searchsynonym": ALL,
        "catalogue.stock": ("view", "change"),
        "catalogue.stocksheet": EDIT,
        "catalogue.stockmovement": SEE,
        "catalogue.stockhold": SEE,
        "catalogue.priceentry": SEE,
        "catalogue.catalogueimport": EDIT,
        "catalogue.plannedreduction": ALL,
        "imports.oldpath": ("view", "add", "delete"),
        "imports.unknownpath": SEE,
    },
    "Commandes": {
        "orders.order": ("view", "change"),
        "orders.orderline": SEE,
        "orders.orderevent": SEE,
        "orders.pastorder": SEE,
        "aftersales.withdrawal": ("view", "change"),
        "aftersales.withdrawalline": SEE,
        "invoicing.document": SEE,
        "invoicing.documentvat": SEE,
        "common.outboxemail": ("view", "change"),
        "payments.dispute": SEE,
        "payments.disputemovement": SEE,
        "payments.payment": SEE,
        "payments.refund": ("view", "add"),
        "catalogue.product": SEE,
        "catalogue.variant": SEE,
        "catalogue.stock": ("view", "change"),
        "catalogue.stocksheet": EDIT,
        "catalogue.stockmovement": SEE,
        "catalogue.stockhold": SEE,
        "delivery.deliverymethod": EDIT,
        "delivery.weightbracket": ALL,
        "delivery.pickuppoint": EDIT,
        "backoffice.dailysales": SEE,
        "prospects.prospect": SEE,
        "prospects.stage": SEE,
    },
    "Assistance": {
        "orders.order": SEE,
        "orders.orderline": SEE,
        "orders.orderevent": SEE,
        "orders.pastorder": SEE,
        "aftersales.withdrawal": SEE,
        "aftersales.withdrawalline": SEE,
        "invoicing.document": SEE,
        "invoicing.documentvat": SEE,
        "common.outboxemail": SEE,
        "payments.payment": SEE,
        "accounts.user": SEE,
        "accounts.address": SEE,
        "catalogue.product": SEE,
        "catalogue.variant": SEE,
        "catalogue.stock": SEE,
        "prospects.prospect": ALL,
        "prospects.stage": SEE,
        "prospects.prospectimport": EDIT,
        "comments.comment": ("view", "change"),
        "comments.report": SEE,
    },
    "Administration": {
        "accounts.address": ALL,
        "accounts.dataaccess": ("view", "handle_person"),
        "accounts.user": EDIT,
        "aftersales.withdrawal": ("view", "change"),
        "aftersales.withdrawalline": SEE,
        "invoicing.closing": SEE,
        "invoicing.document": SEE,
        "invoicing.documentvat": SEE,
        "api.apikey": EDIT,
        "auth.group": SEE,
        "axes.accessattempt": ("view", "delete"),
        "backoffice.dailysales": SEE,
        "catalogue.attribute": ALL,
        "catalogue.attributevalue": ALL,
        "catalogue.brand": ALL,
        "catalogue.catalogueimport": EDIT,
        "catalogue.category": ALL,
        "catalogue.economicoperator": ALL,
        "catalogue.plannedreduction": ALL,
        "catalogue.priceentry": SEE,
        "catalogue.product": ALL,
        "catalogue.productimage": ALL,
        "catalogue.stock": ("view", "change"),
        "catalogue.stocksheet": EDIT,
        "catalogue.stockhold": SEE,
        "catalogue.stockmovement": SEE,
        "catalogue.variant": ALL,
        "comments.comment": ("view", "change"),
        "comments.report": SEE,
        "delivery.deliverymethod": ALL,
        "delivery.pickuppoint": ALL,
        "delivery.weightbracket": ALL,
        "django_celery_beat.periodictask": ("view", "change"),
        "imports.historyimport": EDIT,
        "imports.oldpath": ("view", "add", "delete"),
        "imports.unknownpath": SEE,
        "operations.auditfinding": ("view", "change"),
        "operations.duejob": SEE,
        "operations.operationrun": ("view", "start_operation"),
        "orders.order": ("view", "change"),
        "orders.orderevent": SEE,
        "orders.orderline": SEE,
        "orders.pastorder": SEE,
        "common.outboxemail": ("view", "change"),
        "payments.dispute": SEE,
        "payments.disputemovement": SEE,
        "payments.payment": SEE,
        "payments.payout": SEE,
        "payments.payoutline": SEE,
        "payments.refund": ("view", "add"),
        "payments.webhookevent": SEE,
        "prospects.prospect": ALL,
        "prospects.prospectimport": EDIT,
        "prospects.stage": ALL,
        "shop.shop": ("view", "change"),
    },
}
# Codenames that are whole: they begin with no verb of Django's.
SPECIAL = {"handle_person", "start_operation"}


def permissions_of(name: str) -> frozenset[str]:
    """What members of a group may, as `app.codename`."""
    return frozenset(
        f"{app}.{action}" if action in SPECIAL else f"{app}.{action}_{model}"
        for label, actions in GROUPS[name].items()
        for app, model in [label.split(".")]
        for action in actions
    )


@transaction.atomic
def sync_groups() -> dict[str, int]:
    """Create the groups and give each exactly the permissions above; returns how many each has. Repeatable.

    Raises ValueError for a permission that no model has: a right that a typing error took away is worse than a release
    that stops.
    """
    pks = {f"{app}.{codename}": pk for pk, app, codename in _permissions()}
    return {name: _grant(name, pks) for name in GROUPS}


def _permissions() -> Iterable[tuple[int, str, str]]:
    return Permission.objects.order_by().values_list("pk", "content_type__app_label", "codename")


def _grant(name: str, pks: dict[str, int]) -> int:
    wanted = permissions_of(name)
    if missing := wanted - pks.keys():
        raise ValueError(f"{name}: no model has {', '.join(sorted(missing))}")
    group, _ = Group.objects.get_or_create(name=name)
    group.permissions.set([pks[permission] for permission in wanted])
    return len(wanted)
