from apps.orders.models.event import OrderEvent
from apps.orders.models.notification import OrderNotification
from apps.orders.models.order import Order, OrderLine

__all__ = ["Order", "OrderEvent", "OrderLine", "OrderNotification"]
