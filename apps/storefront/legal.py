"""Versions of the terms of sale (conditions générales de vente), as dates on which they came into force.

A version's two texts, templates/storefront/legal/terms/<version>.{fr,en}.html, never change once an order accepted it:
a new wording is a new file and a new entry here.
"""

TERMS_VERSIONS = ("2026-11-01", "2026-11-27", "2026-11-28")
TERMS_VERSION = TERMS_VERSIONS[-1]
