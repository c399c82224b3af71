"""Checks of the inventory; each yields findings and calls nothing."""

from collections.abc import Callable, Iterable
from itertools import chain

from apps.operations.services.audit.checks import (
    access,
    backups,
    data,
    exposure,
    identity,
    machines,
    money,
    network,
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
    access.federated_roles,
    access.plain_balancers,
    access.old_tls,
    network.unlogged_networks,
    network.default_groups,
    network.open_network_acls,
    data.plain_queues,
    data.unrecoverable_tables,
    data.unrotated_secrets,
    data.unscanned_repositories,
    data.plain_file_systems,
    data.ruled_by_strangers,
    data.unblocked_account,
    data.plain_disks_by_default,
    data.doomed_keys,
    data.missing_budget,
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
