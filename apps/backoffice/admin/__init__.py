from apps.backoffice.admin import comments, delivery, orders, payments, prospects, sales

__all__ = ["comments", "delivery", "orders", "payments", "prospects", "sales"]
