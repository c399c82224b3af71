from apps.backoffice.admin import (
    comments,
    delivery,
    notifications,
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
    "notifications",
    "orders",
    "payments",
    "people",
    "prospect_imports",
    "prospects",
    "sales",
]
