"""What RDS refuses where it keeps the master password itself."""

from __future__ import annotations

from collections.abc import Iterator

from rules.world import Resource, Rule, World


def managed_passwords_have_no_copies(world: World) -> Iterator[str]:
    databases = world.of("aws_db_instance")
    managed = {one.block for one in databases if one["manage_master_user_password"]}
    arns = {one["identifier"] for one in databases if one["manage_master_user_password"]}
    for one in databases:
        if one["manage_master_user_password"] and _blue_green(one):
            yield f"{one.short}: no blue/green deployment where RDS keeps the master password"
        source = world.origins(one, "replicate_source_db")
        copied = str(one["replicate_source_db"]).rpartition(":")[2]
        if (source & managed and one.block not in source) or copied in arns:
            yield f"{one.short}: no replica of a MySQL database whose master password RDS keeps"


def _blue_green(database: Resource) -> bool:
    return any(one["enabled"] for one in database["blue_green_update"] or [])


RULES = (
    Rule(
        "managed passwords have no copies",
        "Neither read replicas nor blue/green deployments of MySQL with a password that RDS manages.",
        "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-secrets-manager.html#rds-secrets-manager-limitations",
        managed_passwords_have_no_copies,
    ),
)
