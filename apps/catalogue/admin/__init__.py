from apps.catalogue.admin import (
    attribute,
    catalogue_import,
    category,
    ledgers,
    planned_reduction,
    product,
    stock,
    synonym,
)

__all__ = ["attribute", "catalogue_import", "category", "ledgers", "planned_reduction", "product", "stock", "synonym"]
