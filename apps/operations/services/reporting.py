"""`report_sales`: sales to consumers and invoices to businesses, to the platform that passes them on."""

from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.common.formats import day, percent
from apps.common.money import ZERO, format_euros
from apps.invoicing.platforms import platform
from apps.invoicing.reporting import last_decade, sales_report, to_businesses, xml_of
from apps.operations.errors import OperationFailed
from apps.operations.runs.definition import Operation, Options, Outcome, register
from apps.operations.runs.report import Reporter


class ReportOptions(Options):
    first = forms.DateField(
        label=gettext_lazy("Du"),
        required=False,
        help_text=gettext_lazy("premier jour ; par défaut celui du dernier tiers de mois écoulé"),
    )
    last = forms.DateField(
        label=gettext_lazy("Au"),
        required=False,
        help_text=gettext_lazy("dernier jour"),
    )


def report_sales(*, first: date | None, last: date | None, dry_run: bool, report: Reporter, now: datetime) -> Outcome:
    """A dry run shows what would be sent. What was sent before is not sent again. Raises OperationFailed for a period
    that has not ended: its sums would change."""
    today = timezone.localdate(now)
    begin, end = (first, last) if first and last else last_decade(today)
    if begin > end or end >= today:
        raise OperationFailed(_("La période doit être écoulée, et finir après avoir commencé."))
    sales, invoices = sales_report(begin, end), to_businesses(begin, end)
    for each in sales.totals:
        report.say(
            _("%(day)s, %(rate)s : %(net)s HT, %(vat)s de TVA, %(count)d documents.")
            % {
                "day": day(each.day),
                "rate": percent(each.rate),
                "net": format_euros(each.net),
                "vat": format_euros(each.vat),
                "count": each.count,
            }
        )
    sent = 0
    for document in invoices.iterator(chunk_size=200):
        report.say(_("%(number)s, à une entreprise.") % {"number": document.number})
        if not dry_run:
            platform().send_invoice(number=document.number, xml=xml_of(document))
        sent += 1
    if not dry_run:
        report.say(platform().send_sales(sales))
    data: dict[str, Any] = {
        "first": begin,
        "last": end,
        "days": len({each.day for each in sales.totals}),
        "net": sum((each.net for each in sales.totals), ZERO),
        "vat": sum((each.vat for each in sales.totals), ZERO),
        "invoices": sent,
    }
    text = (
        _("À envoyer, du %(from)s au %(to)s : %(net)s HT aux particuliers, %(invoices)d factures aux entreprises.")
        if dry_run
        else _("Envoyé, du %(from)s au %(to)s : %(net)s HT aux particuliers, %(invoices)d factures aux entreprises.")
    )
    period = {"from": day(begin), "to": day(end)}
    return Outcome(text % {**data, **period, "net": format_euros(data["net"])}, data)


register(
    Operation(
        name="report_sales",
        title=gettext_lazy("Déclaration des ventes"),
        about=gettext_lazy(
            "Remet à la plateforme agréée les ventes aux particuliers, par jour et par taux, et les factures aux "
            "entreprises."
        ),
        run=report_sales,
        options=ReportOptions,
        time_limit=timedelta(minutes=10),
    )
)
