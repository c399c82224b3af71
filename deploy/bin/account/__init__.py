"""What an AWS account must have before the first environment: each item says what is missing of it, and makes it.

An item is read first and changed only where something is missing, so that all of them can be repeated;
deploy/bin/doctor reads the same items and changes nothing.
"""

from __future__ import annotations

from account.access import (
    make_blocks,
    make_boundary,
    make_provider,
    missing_blocks,
    missing_boundary,
    missing_provider,
)
from account.buckets import make_states, missing_states
from account.facts import Account, Item, this_account
from account.spending import (
    make_budget,
    make_cost_tags,
    make_quotas,
    missing_budget,
    missing_cost_tags,
    missing_quotas,
)
from account.watching import make_trail, make_watch, missing_trail, missing_watch

ITEMS = (
    Item("states", "Terraform's states, their versions and their lock", missing_states, make_states),
    Item("blocks", "nothing of the account can be made public", missing_blocks, make_blocks),
    Item("provider", "the pipeline comes without a key", missing_provider, make_provider),
    Item("boundary", "what no operator's role may do", missing_boundary, make_boundary),
    Item("trail", "who did what, for 400 days", missing_trail, make_trail),
    Item("watch", "somebody looks for what is unusual or open", missing_watch, make_watch),
    Item("budget", "somebody hears of spending", missing_budget, make_budget),
    Item("cost tags", "spending is counted by environment", missing_cost_tags, make_cost_tags),
    Item("quotas", "an environment fits, twice over during a release", missing_quotas, make_quotas),
)

__all__ = ["ITEMS", "Account", "Item", "this_account"]
