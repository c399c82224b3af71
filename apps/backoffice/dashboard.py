from datetime import timedelta
from typing import Any

from django.db.models import F
from django.http import HttpRequest
from django.utils import timezone

from apps.backoffice.charts import bar_chart
from apps.backoffice.checklist import checklist
from apps.backoffice.models import DailySales
from apps.backoffice.moderation import waiting_count
from apps.catalogue.models import Stock
from apps.catalogue.services.planned_prices import refused_lately
from apps.common.money import ZERO
from apps.orders.models import Order
from apps.payments.models import Dispute
from apps.prospects.models import Prospect, Stage
from apps.shop.identity import current

DAYS = 30
MAX_LOW_STOCK = 12
MAX_TO_PREPARE = 12
MAX_REFUSED = 6
MAX_DISPUTES = 12
REFUSED_COUNTED = 200
UNCOLLECTED = timedelta(days=14)


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Context of the admin's index: 30 days of sales from the roll-ups, pending work, low stock."""
    if request.user.has_perm("shop.change_shop") and not current().is_open:
        context["checklist"] = steps = checklist(request.user)
        context["may_open"] = not any(step.required and step.reasons for step in steps)
    if request.user.has_perm("backoffice.view_dailysales"):
        context |= _sales()
    if request.user.has_perm("orders.view_order"):
        context["to_prepare"] = Order.objects.to_prepare().order_by("placed_at")[:MAX_TO_PREPARE]
        context["to_prepare_count"] = Order.objects.to_prepare().count()
        context["uncollected_count"] = Order.objects.uncollected(since=timezone.now() - UNCOLLECTED).count()
        context["awaiting_count"] = Order.objects.filter(status=Order.Status.AWAITING_PAYMENT).count()
    if request.user.has_perm("payments.view_dispute"):
        context["disputes"] = list(
            Dispute.objects.to_answer().select_related("payment__order").order_by("answer_by")[:MAX_DISPUTES]
        )
    if request.user.has_perm("comments.change_comment"):
        context["to_moderate_count"] = waiting_count()
    if request.user.has_perm("catalogue.change_plannedreduction"):
        refused = list(refused_lately(now=timezone.now())[:REFUSED_COUNTED])
        context["refused_reductions"], context["refused_reductions_count"] = refused[:MAX_REFUSED], len(refused)
    if request.user.has_perm("catalogue.view_stock"):
        low = Stock.objects.filter(on_hand__lte=F("reserved") + F("low_threshold"), variant__is_active=True)
        context["low_stock"] = low.select_related("variant__product").order_by("on_hand", "pk")[:MAX_LOW_STOCK]
        context["low_stock_count"] = low.count()
    if request.user.has_perm("prospects.view_prospect"):
        counts = Prospect.objects.counts()
        stages = Stage.objects.visible().filter(outcome=Stage.Outcome.OPEN)
        context["prospect_stages"] = [(stage, counts.get(stage.pk, 0)) for stage in stages]
        context["late_actions"] = Prospect.objects.not_deleted().late_for(request.user, timezone.localdate()).count()
    return context


def _sales() -> dict[str, Any]:
    today = timezone.localdate()
    dates = [today - timedelta(days=age) for age in reversed(range(DAYS))]
    rows = {row.date: row for row in DailySales.objects.filter(date__in=dates)}
    days = [(day, rows[day].revenue, rows[day].orders) if day in rows else (day, ZERO, 0) for day in dates]
    orders = sum(count for _, _, count in days)
    revenue = sum((amount for _, amount, _ in days), ZERO)
    return {
        "sales_chart": bar_chart(days),
        "sales_revenue": revenue,
        "sales_orders": orders,
        "sales_average": revenue / orders if orders else None,
        "sales_today": days[-1],
    }
