from apps.orders.notifications import send_notification, send_owed_notifications

__all__ = ["send_notification", "send_owed_notifications"]
