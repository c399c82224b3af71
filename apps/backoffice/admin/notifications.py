from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.admin import ModelAdmin
from unfold.decorators import display

from apps.common.errors import DomainError
from apps.orders.models import OrderNotification
from apps.orders.notifications import message_id
from apps.orders.services import send_again, settle_as_sent

COLOURS = {
    OrderNotification.Status.OWED: "info",
    OrderNotification.Status.SENDING: "info",
    OrderNotification.Status.HANDED: "warning",
    OrderNotification.Status.SENT: "success",
    OrderNotification.Status.FAILED: "danger",
}


@admin.register(OrderNotification)
class OrderNotificationAdmin(ModelAdmin):
    """E-mails about orders: those of which nobody knows whether they left, or that could not, are settled here."""

    list_display = ["order", "kind", "outcome", "attempts", "created_at", "sent_at", "known_as"]
    list_select_related = ["order"]
    list_filter = ["status", "kind"]
    search_fields = ["order__number"]
    ordering = ["-pk"]
    show_full_result_count = False
    list_per_page = 50
    actions = ["send_selected_again", "settle_selected"]
    fields = [("order", "kind"), ("status", "attempts"), ("created_at", "sent_at"), "known_as"]

    def get_readonly_fields(self, request: HttpRequest, obj: object = None) -> list[str]:
        return ["order", "kind", "status", "attempts", "created_at", "sent_at", "known_as"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def change_view(self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None) -> Any:
        extra = {"show_save": False, "show_save_and_continue": False, **(extra_context or {})}
        return super().change_view(request, object_id, form_url, extra)

    @display(description=_("état"), ordering="status", label=COLOURS)
    def outcome(self, notification: OrderNotification) -> tuple[str, str]:
        return notification.status, notification.get_status_display()

    @display(description=_("nom chez le serveur de messagerie"))
    def known_as(self, notification: OrderNotification) -> str:
        # Long, and copied whole all the same where it breaks.
        name = message_id(notification)
        parts = [name[at : at + 8] for at in range(0, len(name), 8)]
        return render_to_string("backoffice/breakable.html", {"parts": parts})

    @admin.action(description=_("Renvoyer : le message n’est pas parti"), permissions=["change"])
    def send_selected_again(self, request: HttpRequest, queryset: QuerySet[OrderNotification]) -> None:
        done = self._each(request, queryset, send_again)
        text = ngettext("%(count)d message va repartir.", "%(count)d messages vont repartir.", done)
        if done:
            messages.success(request, text % {"count": done})

    @admin.action(description=_("Tenir pour envoyé : le serveur de messagerie l’a"), permissions=["change"])
    def settle_selected(self, request: HttpRequest, queryset: QuerySet[OrderNotification]) -> None:
        done = self._each(request, queryset, settle_as_sent)
        text = ngettext("%(count)d message tenu pour envoyé.", "%(count)d messages tenus pour envoyés.", done)
        if done:
            messages.success(request, text % {"count": done})

    def _each(self, request: HttpRequest, queryset: QuerySet[OrderNotification], settle: Callable[..., None]) -> int:
        done = 0
        for notification in queryset.select_related("order"):
            try:
                settle(notification=notification, now=timezone.now())
            except DomainError as error:
                messages.error(request, error.message)
            else:
                done += 1
        return done
