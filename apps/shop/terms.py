"""Versions of the terms of sale (conditions générales de vente).

A version's name begins with the date on which it came into force. A template, templates/storefront/legal/terms/
<version>.{fr,en}.html, never changes once an order accepted it: a new wording is a new file and a new entry here. A
shop publishes the newest one filled with its own facts; what it published is kept word for word (`TermsText`).
"""

from apps.shop.identity import Identity

TEMPLATES = ("2026-11-01", "2026-11-27", "2026-11-28", "2026-11-28-2", "2026-11-28-3")
TEMPLATE = TEMPLATES[-1]


def version_in_force(identity: Identity) -> str:
    """What the shop published last; the newest template where it never did: a demo, a shop of an earlier release."""
    return identity.terms_version or TEMPLATE
