from apps.backoffice.admin import comments, delivery, orders, payments, people, prospect_imports, prospects, sales

__all__ = ["comments", "delivery", "orders", "payments", "people", "prospect_imports", "prospects", "sales"]
