"""An AWS account with planted faults and, beside them, things that look alike and are right.

`plant` was written from the headings of AWS Foundational Security Best Practices, the CIS benchmark and Trusted
Advisor, not from the checks of the audit: what the audit does not find there is a check that is missing. `further` has
a fault for each check that no fault of `plant` meets.
"""

from apps.operations.tests.estate import balancers, compute, databases, identity, messages, network, storage, watching
from apps.operations.tests.estate.planting import Clients, Estate


def plant(clients: Clients) -> Estate:
    estate = Estate(clients)
    network.plant(estate)
    compute.plant(estate)
    balancers.plant(estate)
    databases.plant(estate)
    storage.plant(estate)
    identity.plant(estate)
    messages.plant(estate)
    watching.plant(estate)
    return estate
