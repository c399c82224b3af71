"""What page and e-mail say of a declaration, in the current language: its content, and what follows from it."""

from datetime import date, datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from apps.aftersales.models import REFUND_WITHIN, Withdrawal
from apps.common.formats import clock
from apps.common.money import NO_BREAK_SPACE, format_euros
from apps.shop.identity import current

Status = Withdrawal.Status


def content(withdrawal: Withdrawal) -> list[tuple[str, str]]:
    """The declaration as (label, value): what the acknowledgement must repeat (art. D221-5 code de la consommation).

    Needs `order` and `lines__order_line` loaded.
    """
    return [
        (_("Nom"), withdrawal.name),
        (
            _("Contrat"),
            _("commande %(number)s, passée le %(day)s")
            % {"number": withdrawal.order.number, "day": _day(withdrawal.order.placed_at)},
        ),
        (_("Produits auxquels vous renoncez"), "\n".join(pieces(withdrawal))),
        (_("Accusé de réception envoyé à"), withdrawal.email),
        (
            _("Déclaration envoyée"),
            _("le %(day)s à %(time)s (heure de Paris)")
            % {"day": _day(withdrawal.declared_at), "time": clock(withdrawal.declared_at)},
        ),
    ]


def pieces(withdrawal: Withdrawal) -> list[str]:
    lines = [(each.quantity, each.order_line) for each in withdrawal.lines.all()]
    return [
        f"{quantity} × {line.product_name}" + (f" ({line.variant_label})" if line.variant_label else "")
        for quantity, line in lines
    ]


def what_follows(withdrawal: Withdrawal) -> list[str]:
    """Return and refund, as the law has them and as they stand (art. L221-23 and L221-24)."""
    if withdrawal.status == Status.NOTHING_DUE:
        return [_("Aucun paiement n’est à vous rendre : cette rétractation est close.")]
    if withdrawal.status == Status.REFUNDED:
        return [_("Nous vous avons remboursé : cette rétractation est close.")]
    amount, by = format_euros(withdrawal.refund_total), _day(withdrawal.declared_at + REFUND_WITHIN)
    refund = _(
        "Nous vous remboursons %(amount)s au plus tard le %(day)s, par le moyen de paiement que vous avez utilisé."
    ) % {"amount": amount, "day": by}
    if withdrawal.order.paid_at is None:
        refund = _("Si vous avez payé entre-temps, nous vous remboursons %(amount)s au plus tard le %(day)s.") % {
            "amount": amount,
            "day": by,
        }
    if withdrawal.status == Status.NOTHING_SENT:
        return [
            _("Ces produits ne sont pas encore partis : vous n’avez rien à renvoyer."),
            refund,
        ]
    if withdrawal.status == Status.AWAITING_GOODS:
        return [
            _(
                "Renvoyez les produits au plus tard le %(day)s à %(company)s, %(address)s, ou rapportez-les à la "
                "boutique. Les frais de renvoi sont à votre charge."
            )
            % {"day": by, "company": current().company, "address": current().address},
            refund,
            _(
                "Nous pouvons attendre d’avoir reçu les produits ou une preuve de leur envoi : répondez à l’e-mail "
                "d’accusé de réception en joignant le reçu du transporteur."
            ),
        ]
    return [
        _("Nous avons reçu les produits.")
        if withdrawal.status == Status.GOODS_RECEIVED
        else _("Nous avons reçu la preuve de leur envoi."),
        _("Nous vous remboursons %(amount)s au plus tard le %(day)s.")
        % {"amount": amount, "day": _day(withdrawal.refund_due_at)},
    ]


def _day(value: datetime | date) -> str:
    local = timezone.localtime(value) if isinstance(value, datetime) else value
    return date_format(local, "j F Y").replace(" ", NO_BREAK_SPACE)
