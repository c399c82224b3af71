import pytest
from django.contrib import admin
from import_export.admin import ExportMixin

from apps.backoffice.admin.orders import OrderResource
from apps.common.spreadsheets import SafeResource
from apps.orders.tests.factories import OrderFactory


def test_nothing_is_exported_but_through_the_safe_resource():
    exporting = [each for each in admin.site._registry.values() if isinstance(each, ExportMixin)]
    assert len(exporting) >= 3
    for model_admin in exporting:
        assert model_admin.resource_classes, model_admin
        assert all(issubclass(resource, SafeResource) for resource in model_admin.resource_classes), model_admin


@pytest.mark.django_db
@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "＝"])
def test_a_customers_name_is_no_formula(start):
    order = OrderFactory(recipient=f'{start}HYPERLINK("http://ailleurs.example")')
    (row,) = OrderResource().export([order]).dict
    assert row["recipient"] == f"'{order.recipient}"
    assert row["total"] == "29,90"
