from apps.aftersales.services import check_withdrawals
from apps.catalogue.services.ledgers import check_ledgers
from apps.catalogue.services.search_index import check_search_index
from apps.orders.services import check_orders
from apps.payments.services import check_payments


def check_books() -> list[str]:
    """Inconsistencies in stock, search, orders, payments and withdrawals, one line each; empty when there are none."""
    return check_ledgers() + check_search_index() + check_orders() + check_payments() + check_withdrawals()
