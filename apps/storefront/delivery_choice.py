from collections.abc import Sequence

from apps.delivery.services import Quote


def usual_delivery(quotes: Sequence[Quote]) -> Quote | None:
    """The delivery in a basket's total before one is chosen: the cheapest one to a home address, else the cheapest."""
    at_home = [quote for quote in quotes if quote.method.destination.needs_address]
    return min(at_home or quotes, key=lambda quote: quote.price, default=None)
