from apps.catalogue.admin import attribute, catalogue_import, category, ledgers, planned_reduction, product, stock

__all__ = ["attribute", "catalogue_import", "category", "ledgers", "planned_reduction", "product", "stock"]
