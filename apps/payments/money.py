"""The money of an order, for sentences to its customer: what is certain, and that the rest is not."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import prefetch_related_objects
from django.utils.translation import gettext as _

from apps.common.money import ZERO, format_euros
from apps.orders.models import Order
from apps.payments import gateways
from apps.payments.models import Payment, Refund


@dataclass(frozen=True)
class Money:
    """`taken`: captured in all. `returned`: refunds that were made; `returning`: asked for and not made yet.
    `disputed`: taken back by the customer's bank, and not given to the shop again.

    `processing`: a bank executes a payment, which takes days. `authorised`: a card that is charged at dispatch.
    `in_doubt`: a bank was asked for money and has not said yet what became of it. `by_hand`: some attempt was a
    transfer or cash, which the shop sees only when it arrives; another means that was chosen later calls none back.
    """

    taken: Decimal = ZERO
    returned: Decimal = ZERO
    returning: Decimal = ZERO
    disputed: Decimal = ZERO
    processing: bool = False
    authorised: Decimal = ZERO
    in_doubt: bool = False
    by_hand: bool = False

    @property
    def outstanding(self) -> Decimal:
        """What was taken and is not on its way back."""
        return self.taken - self.returned - self.returning - self.disputed

    @property
    def all_returned(self) -> bool:
        """Refunded whole by the shop; what a bank took back is no refund."""
        return self.taken > ZERO and self.returned + self.returning >= self.taken

    @property
    def news_of_refunds(self) -> list[str]:
        """A sentence for what was given back, one for what will be, and one for what the bank took back."""
        sentences = []
        if self.returned:
            sentences.append(_("Nous vous avons remboursé %(amount)s.") % {"amount": format_euros(self.returned)})
        if self.returning:
            sentences.append(
                _("Nous vous remboursons %(amount)s, par le moyen de paiement que vous avez utilisé.")
                % {"amount": format_euros(self.returning)}
            )
        if self.disputed:
            sentences.append(
                _("Votre banque nous a repris %(amount)s, que vous avez contestés auprès d’elle.")
                % {"amount": format_euros(self.disputed)}
            )
        return sentences

    def news_of_the_end(self, *, may_stand: bool) -> list[str]:
        """What became of the money of an order that has ended. `may_stand`: money that comes late may still have it."""
        sentences = self.news_of_refunds
        if self.outstanding > ZERO:
            sentences.append(
                _("Nous vous devons %(amount)s : notre équipe s’occupe de vous les rendre.")
                % {"amount": format_euros(self.outstanding)}
            )
        if self.processing:
            sentences.append(_at_the_bank(may_stand=may_stand))
        elif self.in_doubt:
            sentences.append(_doubt(may_stand=may_stand))
        elif not self.taken and self.by_hand:
            sentences.append(
                _("Nous n’avons reçu aucun règlement. Si vous en avez envoyé un, écrivez-nous : nous vous le rendons.")
            )
        elif not self.taken:
            sentences.append(_("Rien n’a été débité."))
        return sentences


def _doubt(*, may_stand: bool) -> str:
    if may_stand:
        return _(
            "Nous ne savons pas encore si votre banque a débité le paiement. Si c’est le cas, votre commande sera "
            "confirmée s’il nous reste tous ses produits, sinon la somme vous sera rendue ; un e-mail vous le dira."
        )
    return _(
        "Nous ne savons pas encore si votre banque a débité le paiement. Si c’est le cas, la somme vous "
        "sera rendue ; un e-mail vous le dira."
    )


def _at_the_bank(*, may_stand: bool) -> str:
    if may_stand:
        return _(
            "Votre banque exécute encore le paiement. Quand il arrivera, votre commande sera confirmée s’il nous reste "
            "tous ses produits, sinon la somme vous sera rendue ; un e-mail vous le dira."
        )
    return _(
        "Votre banque exécute encore le paiement : quand il arrivera, il vous sera rendu, et un e-mail vous le dira."
    )


def money_of(order: Order) -> Money:
    """What is known of the money of one order. One query; two once money was taken."""
    attempts = list(order.payments.order_by("pk"))
    prefetch_related_objects([each for each in attempts if each.status == Payment.Status.CAPTURED], "refunds")
    return add_up(attempts)


def add_up(payments: Iterable[Payment]) -> Money:
    """Of an order's attempts, oldest first, with their refunds."""
    taken = returned = returning = disputed = authorised = ZERO
    in_doubt = by_hand = processing = False
    for payment in payments:
        gateway = gateways.get(payment.gateway)
        passes_by_hand = gateway is not None and not gateway.is_remote
        by_hand = by_hand or passes_by_hand
        if payment.status == Payment.Status.CAPTURED:
            taken += payment.amount
            disputed += payment.disputed
            # Only captured money is ever given back.
            for refund in payment.refunds.all():
                returned += refund.amount if refund.is_done else ZERO
                returning += refund.amount if refund.is_sent_back or refund.status == Refund.Status.REQUESTED else ZERO
        elif payment.status == Payment.Status.PROCESSING:
            processing = True
        elif payment.status == Payment.Status.AUTHORISED:
            authorised += payment.amount
            in_doubt = in_doubt or not payment.order.is_certain
        elif payment.is_open and not passes_by_hand:
            in_doubt = in_doubt or payment.started_at is not None
    return Money(
        taken=taken,
        returned=returned,
        returning=returning,
        disputed=disputed,
        processing=processing,
        authorised=authorised,
        in_doubt=in_doubt,
        by_hand=by_hand,
    )
