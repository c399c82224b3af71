from collections.abc import Sequence

from apps.delivery.services import Quote


def usual_delivery(quotes: Sequence[Quote]) -> Quote | None:
    """What a basket's total counts until the shopper chooses: the cheapest one at home, as everybody can have."""
    at_home = [quote for quote in quotes if quote.method.destination.needs_address]
    return min(at_home or quotes, key=lambda quote: quote.price, default=None)
