from django.contrib import admin
from unfold.admin import ModelAdmin

from apps.backoffice.models import DailySales


@admin.register(DailySales)
class DailySalesAdmin(ModelAdmin):
    list_display = ["date", "orders", "pieces", "revenue", "vat", "rolled_up_at"]

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False
