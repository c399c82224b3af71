from apps.backoffice.admin import delivery, orders, payments, prospects, sales

__all__ = ["delivery", "orders", "payments", "prospects", "sales"]
