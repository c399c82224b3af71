"""The environments as they are planned for the rules: with pipeline and operators, production with all its options."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from environment_plan import ACCOUNT, REGION, prepare, run, show_plan
from rules import World

EVERYWHERE = {
    "github_repository": "example/webmarket",
    "operator_principal_arns": [f"arn:aws:iam::{ACCOUNT}:user/operator"],
}
OPTIONS = {
    "recovery_region": "eu-central-1",
    "managed_database_password": False,
    "database_password": "only-for-a-plan-and-kept-in-no-state",
    "failover": {"dns_name": "webmarket.eu-central-1.elb.amazonaws.com", "zone_id": "Z215JYRZR1TBD5"},
    "tracing": True,
    "activate_cost_tags": True,
    "signing_public_keys": {
        "2026-05": "-----BEGIN PUBLIC KEY-----\nMIIA\n-----END PUBLIC KEY-----",
        "2026-11": "-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----\n",
    },
}
STAGING = {
    "dev_timetable": "mon-fri 08:00-20:00",
    "kms_key_arn": f"arn:aws:kms:{REGION}:{ACCOUNT}:key/0f0f0f0f-0000-4000-8000-000000000001",
    "tuning": {"edge": {"countries": ["FR", "BE"]}, "monitoring": {"queue_age_seconds": 120}, "fleet": {"disk_gb": 40}},
}
PLANNED: dict[str, dict[str, object]] = {
    "demo": {"backup": True},
    "staging": STAGING,
    "production": OPTIONS,
}


def values_of(environment: str) -> dict[str, object]:
    """Variables beside the sample's."""
    return {**EVERYWHERE, **PLANNED[environment]}


def plan(environment: str, variables: dict[str, str], change: Callable[[Path], None] | None = None) -> World:
    place = f"{'changed' if change else 'planned'}/{environment}"
    root = prepare(environment, variables, place=place, values=values_of(environment), change=change)
    return World(environment, show_plan(root, variables), run(root, variables, "graph"))
