"""E-mails to the team about money that moves without the shop: disputes, refunds made at the provider."""

from django.core.mail import EmailMultiAlternatives
from django.utils import translation
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.accounts.services import colleagues_who_may
from apps.common import mail
from apps.common.models import OutboxEmail
from apps.common.money import format_euros
from apps.common.outbox import composes
from apps.notifications.links import link
from apps.payments.emails import PaymentEmail
from apps.payments.models import Dispute, Refund


@composes(PaymentEmail.DISPUTE, label=PaymentEmail.DISPUTE.label)
def compose_dispute(email: OutboxEmail) -> EmailMultiAlternatives | None:
    """How a dispute stands now; None when the colleague may not see it any more."""
    return _about_dispute(email)


@composes(PaymentEmail.DISPUTE_REMINDER, label=PaymentEmail.DISPUTE_REMINDER.label)
def compose_reminder(email: OutboxEmail) -> EmailMultiAlternatives | None:
    """The last day for evidence is near; None when somebody has answered, or the colleague may not see it any more."""
    return _about_dispute(email) if Dispute.objects.to_answer().filter(pk=email.object_id).exists() else None


def _about_dispute(email: OutboxEmail) -> EmailMultiAlternatives | None:
    user = _colleague(email, "payments.view_dispute")
    if user is None:
        return None
    dispute = Dispute.objects.select_related("payment__order").get(pk=email.object_id)
    number, amount = dispute.payment.order.number, format_euros(dispute.amount, email.language)
    with translation.override(email.language):
        named = {"number": number, "amount": amount}
        parts = [_("Bonjour,"), _what_happened(dispute) % named]
        if dispute.needs_response and dispute.answer_by is not None:
            until = date_format(localtime(dispute.answer_by), "DATE_FORMAT")
            subject = _("Litige à répondre avant le %(day)s, commande %(number)s") % {**named, "day": until}
            parts.append(
                _(
                    "Donnez vos preuves (facture, preuve de livraison, échanges) dans le tableau de bord du "
                    "prestataire avant le %(day)s. Sans réponse, le litige est perdu."
                )
                % {"day": until}
            )
        else:
            status = dispute.get_status_display()
            subject = _("Litige de la commande %(number)s : %(status)s") % {**named, "status": status}
        if dispute.withdrawn:
            parts.append(
                _("%(amount)s ont été repris à la boutique : ne remboursez pas cette somme une seconde fois.")
                % {"amount": format_euros(dispute.withdrawn, email.language)}
            )
        parts.append(_("Ouvrir le litige :") + "\n" + link("admin:payments_dispute_change", dispute.pk))
        return _message(email, user, subject, parts)


def _what_happened(dispute: Dispute) -> str:
    if dispute.is_open and dispute.is_inquiry:
        return _("La banque d’un client pose une question sur %(amount)s de la commande %(number)s.")
    sentences = {
        Dispute.Status.NEEDS_RESPONSE: _(
            "Un client conteste %(amount)s de la commande %(number)s auprès de sa banque."
        ),
        Dispute.Status.UNDER_REVIEW: _("La réponse au litige sur la commande %(number)s (%(amount)s) est à l’examen."),
        Dispute.Status.WON: _("Le litige sur la commande %(number)s (%(amount)s) est gagné."),
        Dispute.Status.LOST: _("Le litige sur la commande %(number)s est perdu : %(amount)s restent au client."),
        Dispute.Status.CLOSED: _("La banque a clos sa demande sur la commande %(number)s (%(amount)s)."),
    }
    return sentences[Dispute.Status(dispute.status)]


@composes(PaymentEmail.REFUND_ELSEWHERE, label=PaymentEmail.REFUND_ELSEWHERE.label)
def compose_refund_elsewhere(email: OutboxEmail) -> EmailMultiAlternatives | None:
    """Somebody refunded in the provider's dashboard; None when the colleague may not refund any more."""
    user = _colleague(email, "payments.add_refund")
    if user is None:
        return None
    refund = Refund.objects.select_related("payment__order").get(pk=email.object_id)
    order = refund.payment.order
    with translation.override(email.language):
        named = {"number": order.number, "amount": format_euros(refund.amount, email.language)}
        parts = [
            _("Bonjour,"),
            _("%(amount)s de la commande %(number)s ont été remboursés dans le tableau de bord du prestataire.")
            % named,
            _(
                "La boutique a enregistré le remboursement ; l’avoir suit de lui-même si la vente est facturée. "
                "L’état de la commande et le stock n’ont pas changé : voyez s’il faut l’annuler, ou noter un retour."
            ),
            _("Ouvrir la commande :") + "\n" + link("admin:orders_order_change", order.pk),
        ]
        return _message(email, user, _("Remboursement fait chez le prestataire, commande %(number)s") % named, parts)


def _colleague(email: OutboxEmail, permission: str) -> User | None:
    return colleagues_who_may(permission).filter(pk=int(email.occasion)).first()


def _message(email: OutboxEmail, user: User, subject: str, parts: list[str]) -> EmailMultiAlternatives:
    return mail.compose_text(
        subject=subject[:200], text="\n\n".join(parts), to=user.email, language=email.language, key=email.key
    )
