from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import path

from apps.accounts.models import DataAccess
from apps.backoffice import people
from apps.backoffice.admin.base import ReadOnlyAdmin


@admin.register(DataAccess)
class DataAccessAdmin(ReadOnlyAdmin):
    """The log of accesses, read-only, and the page about one person."""

    list_display = ["at", "by_name", "action", "what", "count", "detail"]
    list_filter = ["action"]
    show_full_result_count = False

    def get_urls(self):
        return [path("personne/", self.admin_site.admin_view(self.person_view), name="person"), *super().get_urls()]

    def person_view(self, request: HttpRequest) -> HttpResponse:
        if not request.user.has_perm(people.PERMISSION):
            raise PermissionDenied
        return people.person(request, {**self.admin_site.each_context(request), "opts": self.opts})
