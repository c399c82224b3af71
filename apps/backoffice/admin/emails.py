from collections.abc import Callable, Iterator
from typing import Any

from django.contrib import admin, messages
from django.db.models import Case, OuterRef, QuerySet, Subquery, When
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.admin import ModelAdmin
from unfold.decorators import display

from apps.common import outbox
from apps.common.models import OutboxEmail
from apps.orders.emails import OrderEmail
from apps.orders.models import Order

Status = OutboxEmail.Status
COLOURS = {
    Status.PENDING: "info",
    Status.SENDING: "info",
    Status.HANDED: "warning",
    Status.SENT: "success",
    Status.FAILED: "danger",
}


class KindFilter(admin.SimpleListFilter):
    """By the kind's label."""

    title = _("message")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> Iterator[tuple[str, str]]:
        yield from outbox.labels().items()

    def queryset(self, request: HttpRequest, queryset: QuerySet[OutboxEmail]) -> QuerySet[OutboxEmail]:
        return queryset.filter(kind=self.value()) if self.value() else queryset


def kind_label(kind: str) -> str:
    return outbox.labels().get(kind, kind)


@admin.register(OutboxEmail)
class OutboxEmailAdmin(ModelAdmin):
    """The outbox: e-mails in doubt or failed are settled here."""

    list_display = ["order_number", "message", "outcome", "attempts", "created_at", "sent_at", "message_id"]
    list_filter = ["status", KindFilter]
    search_fields = ["key"]
    ordering = ["-pk"]
    show_full_result_count = False
    list_per_page = 50
    actions = ["send_selected_again", "settle_selected"]
    fields = [("order_number", "message"), ("status", "attempts"), ("created_at", "sent_at"), "message_id"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[OutboxEmail]:
        number = Subquery(Order.objects.filter(pk=OuterRef("object_id")).values("number")[:1])
        return super().get_queryset(request).annotate(number=Case(When(kind__in=OrderEmail.values, then=number)))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[OutboxEmail], search_term: str
    ) -> tuple[QuerySet[OutboxEmail], bool]:
        """By the number of the order, or a part of it."""
        if not search_term.strip():
            return queryset, False
        orders = Order.objects.filter(number__icontains=search_term.strip()).values("pk")
        return queryset.filter(kind__in=OrderEmail.values, object_id__in=orders), False

    def get_readonly_fields(self, request: HttpRequest, obj: object = None) -> list[str]:
        return ["order_number", "message", "status", "attempts", "created_at", "sent_at", "message_id"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def change_view(self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None) -> Any:
        extra = {"show_save": False, "show_save_and_continue": False, **(extra_context or {})}
        return super().change_view(request, object_id, form_url, extra)

    @display(description=_("commande"))
    def order_number(self, email: OutboxEmail) -> str | None:
        return email.number

    @display(description=_("message"), ordering="kind")
    def message(self, email: OutboxEmail) -> str:
        return kind_label(email.kind)

    @display(description=_("état"), ordering="status", label=COLOURS)
    def outcome(self, email: OutboxEmail) -> tuple[str, str]:
        return email.status, email.get_status_display()

    @display(description=_("nom chez le serveur de messagerie"))
    def message_id(self, email: OutboxEmail) -> str:
        # Long: may break anywhere, and is copied whole.
        name = outbox.message_id(email)
        parts = [name[at : at + 8] for at in range(0, len(name), 8)]
        return render_to_string("backoffice/breakable.html", {"parts": parts})

    @admin.action(description=_("Renvoyer : le message n’est pas parti"), permissions=["change"])
    def send_selected_again(self, request: HttpRequest, queryset: QuerySet[OutboxEmail]) -> None:
        done = self._each(request, queryset, outbox.send_again, _nothing_to_send)
        text = ngettext("%(count)d message va repartir.", "%(count)d messages vont repartir.", done)
        if done:
            messages.success(request, text % {"count": done})

    @admin.action(description=_("Tenir pour envoyé : le serveur de messagerie l’a"), permissions=["change"])
    def settle_selected(self, request: HttpRequest, queryset: QuerySet[OutboxEmail]) -> None:
        done = self._each(request, queryset, outbox.settle_as_sent, _no_doubt)
        text = ngettext("%(count)d message tenu pour envoyé.", "%(count)d messages tenus pour envoyés.", done)
        if done:
            messages.success(request, text % {"count": done})

    def _each(
        self,
        request: HttpRequest,
        queryset: QuerySet[OutboxEmail],
        settle: Callable[..., bool],
        refusal: Callable[[OutboxEmail], str],
    ) -> int:
        done = 0
        for email in queryset:
            if settle(email=email, now=timezone.now()):
                done += 1
            else:
                messages.error(request, refusal(email))
        return done


def _nothing_to_send(email: OutboxEmail) -> str:
    if not email.number:
        return _("Ce message est parti ou va partir : il n’y a rien à renvoyer.")
    return _("Le message « %(kind)s » de la commande %(number)s est parti ou va partir : il n’y a rien à renvoyer.") % {
        "kind": kind_label(email.kind),
        "number": email.number,
    }


def _no_doubt(email: OutboxEmail) -> str:
    if not email.number:
        return _("Il n’y a pas de doute sur ce message.")
    return _("Il n’y a pas de doute sur le message « %(kind)s » de la commande %(number)s.") % {
        "kind": kind_label(email.kind),
        "number": email.number,
    }
