"""`reconcile_payouts`: what providers have paid out, matched line by line to payments, refunds and disputes."""

from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.common.money import format_euros
from apps.operations.runs.definition import Operation, Outcome, register
from apps.operations.runs.report import Reporter
from apps.payments import gateways
from apps.payments.services import Reconciled, reconcile_payouts, state_of_payouts

MAX_LISTED = 20


def run(*, dry_run: bool, report: Reporter, now: datetime) -> Outcome:
    """A dry run says how the payouts stand that were fetched before. Not `ok` while a line, a payout or a payment is
    not explained."""
    if not gateways.with_books():
        return Outcome(_("Aucun prestataire ne verse d’argent à cette boutique."), {"payouts": 0}, is_idle=True)
    found = state_of_payouts(now=now) if dry_run else reconcile_payouts(now=now)
    for sentence in _sentences(found):
        report.say(sentence)
    data = {
        "payouts": found.payouts,
        "new": found.new,
        "lines": found.lines,
        "unexplained": found.unexplained_count,
        "unequal": len(found.unequal),
        "missing": found.missing_count,
    }
    if data["unexplained"] or data["unequal"] or data["missing"]:
        return Outcome(
            _(
                "%(payouts)d versements lus, %(new)d nouveaux. À expliquer : %(unexplained)d lignes, %(unequal)d "
                "versements, %(missing)d paiements sans versement."
            )
            % data,
            data,
            ok=False,
        )
    return Outcome(
        _("%(payouts)d versements lus, %(new)d nouveaux, %(lines)d lignes ; tout est rapproché.") % data, data
    )


def _sentences(found: Reconciled) -> list[str]:
    sentences = [
        _("%(payout)s : %(kind)s %(source)s de %(amount)s, %(match)s.")
        % {
            "payout": line.payout.reference,
            "kind": line.get_kind_display(),
            "source": line.source or line.reference,
            "amount": format_euros(line.amount),
            "match": line.get_match_display(),
        }
        for line in found.unexplained[:MAX_LISTED]
    ]
    sentences += [
        _("%(payout)s : ses lignes ne font pas %(amount)s.")
        % {"payout": payout.reference, "amount": format_euros(payout.amount)}
        for payout in found.unequal[:MAX_LISTED]
    ]
    return sentences + [
        _("%(number)s : %(amount)s encaissés, sur aucun versement.")
        % {"number": payment.order.number, "amount": format_euros(payment.amount)}
        for payment in found.missing[:MAX_LISTED]
    ]


register(
    Operation(
        name="reconcile_payouts",
        title=gettext_lazy("Rapprochement des versements"),
        about=gettext_lazy(
            "Lit les versements des prestataires de paiement et rapproche chaque ligne des paiements, remboursements "
            "et litiges."
        ),
        run=run,
        time_limit=timedelta(minutes=25),
    )
)
