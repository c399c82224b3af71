from apps.catalogue.admin import attribute, category, ledgers, product, stock

__all__ = ["attribute", "category", "ledgers", "product", "stock"]
