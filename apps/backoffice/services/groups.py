"""The four jobs in a small shop, as groups of permissions. Nobody but « Administration » may change people."""

from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.db.models import Q, QuerySet

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
        "catalogue.stockmovement": SEE,
        "catalogue.stockhold": SEE,
        "catalogue.priceentry": SEE,
        "catalogue.catalogueimport": EDIT,
        "catalogue.plannedreduction": ALL,
    },
    "Commandes": {
        "orders.order": ("view", "change"),
        "orders.orderline": SEE,
        "orders.orderevent": SEE,
        "orders.ordernotification": ("view", "change"),
        "payments.payment": SEE,
        "payments.refund": ("view", "add"),
        "catalogue.product": SEE,
        "catalogue.variant": SEE,
        "catalogue.stock": ("view", "change"),
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
        "orders.ordernotification": SEE,
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
}
ADMINISTRATION = "Administration"


@transaction.atomic
def sync_groups() -> dict[str, int]:
    """Makes the groups and gives each exactly the permissions above; returns how many each has. Repeatable."""
    counts = {}
    for name, models in GROUPS.items():
        wanted = Q(pk__in=[])
        for label, actions in models.items():
            app, model = label.split(".")
            wanted |= Q(content_type__app_label=app, codename__in=[f"{action}_{model}" for action in actions])
        counts[name] = _grant(name, Permission.objects.filter(wanted))
    counts[ADMINISTRATION] = _grant(ADMINISTRATION, Permission.objects.all())
    return counts


def _grant(name: str, permissions: QuerySet[Permission]) -> int:
    group, _ = Group.objects.get_or_create(name=name)
    group.permissions.set(permissions)
    return group.permissions.count()
