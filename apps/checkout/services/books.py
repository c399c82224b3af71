from apps.aftersales.services import check_withdrawals
from apps.catalogue.services.ledgers import check_ledgers
from apps.catalogue.services.search_index import check_search_index
from apps.invoicing.services import check_documents
from apps.orders.services import check_orders
from apps.payments.services import check_payments


def check_books() -> list[str]:
    """Inconsistencies in stock, search, orders, payments, withdrawals and documents, one line each."""
    return [
        *check_ledgers(),
        *check_search_index(),
        *check_orders(),
        *check_payments(),
        *check_withdrawals(),
        *check_documents(),
    ]
