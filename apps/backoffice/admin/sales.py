from django.contrib import admin

from apps.backoffice.admin.base import ReadOnlyAdmin
from apps.backoffice.models import DailySales


@admin.register(DailySales)
class DailySalesAdmin(ReadOnlyAdmin):
    list_display = ["date", "orders", "pieces", "revenue", "vat", "rolled_up_at"]
