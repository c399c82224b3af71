"""Assertions on AWS's answers after `apply`, the operations and `destroy`: each returns what is wrong, or nothing."""

from __future__ import annotations

from applied import data, edge_and_roles, hosts, network
from applied.aws import Aws, Check
from applied.operations import AFTER_DESTROY, AFTER_OPERATIONS

AFTER_APPLY: tuple[Check, ...] = (*network.CHECKS, *hosts.CHECKS, *data.CHECKS, *edge_and_roles.CHECKS)

__all__ = ["AFTER_APPLY", "AFTER_DESTROY", "AFTER_OPERATIONS", "Aws", "Check"]
