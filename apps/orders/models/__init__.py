from apps.orders.models.event import OrderEvent
from apps.orders.models.notification import OrderNotification
from apps.orders.models.order import Order, OrderLine
from apps.orders.models.past import PastOrder
from apps.orders.models.search import OrderSearch

__all__ = ["Order", "OrderEvent", "OrderLine", "OrderNotification", "OrderSearch", "PastOrder"]
