from apps.backoffice.admin import (
    comments,
    delivery,
    emails,
    orders,
    payments,
    people,
    prospect_imports,
    prospects,
    sales,
)

__all__ = [
    "comments",
    "delivery",
    "emails",
    "orders",
    "payments",
    "people",
    "prospect_imports",
    "prospects",
    "sales",
]
