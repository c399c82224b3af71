from apps.backoffice.admin import orders, payments, sales

__all__ = ["orders", "payments", "sales"]
