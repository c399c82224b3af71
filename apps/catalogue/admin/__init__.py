from apps.catalogue.admin import attribute, catalogue_import, category, ledgers, product, stock

__all__ = ["attribute", "catalogue_import", "category", "ledgers", "product", "stock"]
