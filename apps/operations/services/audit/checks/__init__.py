"""Checks of the inventory; each yields findings and calls nothing."""

from collections.abc import Callable, Iterable
from itertools import chain

from apps.operations.services.audit.checks import (
    access,
    backups,
    exposure,
    identity,
    machines,
    money,
    storage,
    upkeep,
    watching,
)
from apps.operations.services.audit.costs import Cost
from apps.operations.services.audit.finding import Finding
from apps.operations.services.audit.inventory import Inventory

CHECKS: tuple[Callable[[Inventory], Iterable[Finding]], ...] = (
    exposure.open_ports,
    exposure.public_databases,
    exposure.public_snapshots,
    storage.public_buckets,
    storage.unblocked_buckets,
    storage.unencrypted_buckets,
    storage.unencrypted_disks,
    storage.unencrypted_databases,
    identity.wildcards,
    identity.administrators,
    identity.old_keys,
    identity.missing_factors,
    identity.root,
    machines.old_metadata,
    backups.missing_backups,
    backups.single_zone,
    backups.unprotected,
    watching.expiring_certificates,
    watching.missing_alarms,
    watching.silent_alarms,
    access.open_policies,
    access.trusting_roles,
    access.role_passing,
    access.public_images,
    access.plain_balancers,
    upkeep.trails,
    upkeep.unwatched_regions,
    upkeep.unrotated_keys,
    upkeep.endless_logs,
    upkeep.loose_buckets,
    upkeep.old_versions,
    upkeep.people,
)


def check(inventory: Inventory, costs: list[Cost]) -> list[Finding]:
    by_arn = {cost.resource: cost for cost in costs}
    return list(
        chain(
            chain.from_iterable(each(inventory) for each in CHECKS),
            chain.from_iterable(each(inventory, by_arn) for each in money.CHECKS),
        )
    )
