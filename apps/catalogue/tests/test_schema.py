import pytest
from django.db import IntegrityError, transaction

from apps.catalogue.models import Stock, StockMovement
from apps.catalogue.tests.factories import VariantFactory
from apps.common.models import AppendOnlyError

pytestmark = pytest.mark.django_db


def test_the_database_refuses_to_reserve_more_than_there_is():
    variant = VariantFactory(on_hand=2)
    with pytest.raises(IntegrityError), transaction.atomic():
        Stock.objects.filter(variant=variant).update(reserved=3)


def test_the_stock_ledger_is_append_only():
    movement = VariantFactory().stock.movements.get()
    movement.delta = 99
    for attempt in (movement.save, movement.delete, StockMovement.objects.all().delete):
        with pytest.raises(AppendOnlyError):
            attempt()
