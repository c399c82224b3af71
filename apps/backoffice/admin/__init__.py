from apps.backoffice.admin import delivery, orders, payments, sales

__all__ = ["delivery", "orders", "payments", "sales"]
