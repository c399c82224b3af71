"""E-mails about withdrawals: the acknowledgement that the law asks for, and what the team must know."""

from django.core.mail import EmailMultiAlternatives
from django.utils import translation
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from apps.accounts.services import colleagues_who_may
from apps.aftersales.emails import AfterSalesEmail
from apps.aftersales.models import Withdrawal
from apps.aftersales.sentences import content, pieces, what_follows
from apps.common import mail
from apps.common.models import OutboxEmail
from apps.common.money import format_euros
from apps.common.outbox import composes
from apps.notifications.links import link


@composes(AfterSalesEmail.ACKNOWLEDGEMENT, label=AfterSalesEmail.ACKNOWLEDGEMENT.label)
def compose_acknowledgement(email: OutboxEmail) -> EmailMultiAlternatives | None:
    """Content, date and time of the declaration on a durable medium (art. L221-21 and D221-5 code de la consommation);
    None when the customer was erased meanwhile. Three queries."""
    withdrawal = _load(email.object_id)
    if not withdrawal.email:
        return None
    with translation.override(email.language):
        page = link("storefront:withdrawal", withdrawal.order.access_token, withdrawal.pk)
        declaration = [f"{label}\u202f:\n{value}" for label, value in content(withdrawal)]
        return mail.compose_text(
            subject=_("Accusé de réception de votre rétractation, commande %(number)s")
            % {"number": withdrawal.order.number},
            text="\n\n".join(
                [
                    _("Bonjour %(name)s,") % {"name": withdrawal.name},
                    _("Nous avons bien reçu votre déclaration de rétractation. Voici ce que vous avez déclaré :"),
                    *declaration,
                    *what_follows(withdrawal),
                    _("Voir la déclaration :") + f"\n{page}",
                    _("Gardez ce message : il prouve votre déclaration et sa date."),
                ]
            ),
            to=withdrawal.email,
            language=email.language,
            key=email.key,
        )


@composes(AfterSalesEmail.TEAM, label=AfterSalesEmail.TEAM.label)
def compose_for_team(email: OutboxEmail) -> EmailMultiAlternatives | None:
    """A declaration has come; None when the colleague may not handle it any more."""
    return _to_colleague(email, subject=gettext_noop("Rétractation de la commande %(number)s"))


@composes(AfterSalesEmail.REMINDER, label=AfterSalesEmail.REMINDER.label)
def compose_reminder(email: OutboxEmail) -> EmailMultiAlternatives | None:
    """A refund is due within three days; None when it is settled, or the colleague may not handle it any more."""
    subject = gettext_noop("À rembourser avant le %(day)s : rétractation de la commande %(number)s")
    return _to_colleague(email, subject=subject)


def _to_colleague(email: OutboxEmail, *, subject: str) -> EmailMultiAlternatives | None:
    withdrawal = _load(email.object_id)
    user = colleagues_who_may("aftersales.change_withdrawal").filter(pk=int(email.occasion)).first()
    if user is None or (email.kind == AfterSalesEmail.REMINDER and withdrawal.is_settled):
        return None
    with translation.override(email.language):
        due = date_format(localtime(withdrawal.refund_due_at), "DATE_FORMAT")
        held = _("Le remboursement peut attendre les produits ou la preuve de leur envoi (art. L221-24).")
        page = link("admin:aftersales_withdrawal_change", withdrawal.pk)
        parts = [
            _("Bonjour,"),
            _("%(name)s renonce à :") % {"name": withdrawal.name or withdrawal.order.recipient}
            + "\n"
            + "\n".join(pieces(withdrawal)),
            _("État : %(status)s.") % {"status": withdrawal.get_status_display()},
        ]
        if not withdrawal.is_settled:
            parts.append(
                _("Montant : %(amount)s, à rembourser au plus tard le %(day)s.")
                % {"amount": format_euros(withdrawal.refund_total), "day": due}
            )
        if withdrawal.is_held_back:
            parts.append(held)
        parts.append(_("Ouvrir la rétractation :") + f"\n{page}")
        return mail.compose_text(
            subject=_(subject) % {"number": withdrawal.order.number, "day": due},
            text="\n\n".join(parts),
            to=user.email,
            language=email.language,
            key=email.key,
        )


def _load(pk: int) -> Withdrawal:
    return Withdrawal.objects.select_related("order").prefetch_related("lines__order_line").get(pk=pk)
