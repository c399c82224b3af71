"""E-mails to staff: their prospects, and planned reductions that could not begin."""

from django.core.mail import EmailMultiAlternatives
from django.utils import translation
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.accounts.models import User
from apps.catalogue.emails import CatalogueEmail
from apps.catalogue.models import PlannedReduction
from apps.common import mail
from apps.common.models import OutboxEmail
from apps.common.money import format_euros
from apps.common.outbox import composes
from apps.notifications.links import link
from apps.prospects.emails import TeamEmail
from apps.prospects.models import Note, Prospect
from apps.prospects.retention import warned_of
from apps.prospects.services import digest_of

# How many are listed: per group of the digest; in a retention warning and in one of refused reductions.
LISTED, NAMED = 15, 20


@composes(TeamEmail.DIGEST, label=TeamEmail.DIGEST.label)
def compose_digest(email: OutboxEmail) -> EmailMultiAlternatives | None:
    """Daily digest: a colleague's late, due and new prospects; None when there are none any more."""
    user = _colleague(email.object_id)
    if user is None:
        return None
    digest = digest_of(user, now=email.created_at)
    if not (digest.late or digest.due or digest.new):
        return None
    with translation.override(email.language):
        chapters = [
            (_("En retard"), digest.late),
            (_("Aujourd’hui"), digest.due),
            (_("Nouveaux pour vous"), digest.new),
        ]
        parts = [_("Bonjour,")]
        for title, listed in chapters:
            if listed:
                parts.append(f"{title} ({len(listed)})")
                parts += [_next_action(card) for card in listed[:LISTED]]
            if len(listed) > LISTED:
                parts.append(_("… et %(count)s autres.") % {"count": len(listed) - LISTED})
        parts.append(_("Ne plus recevoir ce message :") + "\n" + link("admin:prospects_digest"))
        subject = _("Vos prospects : %(late)s en retard, %(today)s aujourd’hui, %(new)s nouveaux") % {
            "late": len(digest.late),
            "today": len(digest.due),
            "new": len(digest.new),
        }
        return _message(email, user, subject, parts)


@composes(TeamEmail.MENTION, label=TeamEmail.MENTION.label)
def compose_mention(email: OutboxEmail) -> EmailMultiAlternatives | None:
    """A note names a colleague; None when the note was deleted."""
    user = _colleague(int(email.occasion))
    note = Note.objects.select_related("prospect").filter(pk=email.object_id).first()
    if user is None or note is None:
        return None
    with translation.override(email.language):
        subject = _("%(author)s vous nomme sur la carte de %(prospect)s") % {
            "author": note.author_name,
            "prospect": note.prospect,
        }
        parts = [
            _("Bonjour,"),
            _("%(author)s a écrit :") % {"author": note.author_name},
            note.text,
            _("Ouvrir la carte :") + "\n" + _card_url(note.prospect_id),
        ]
        return _message(email, user, subject, parts)


@composes(TeamEmail.RETENTION, label=TeamEmail.RETENTION.label)
def compose_retention(email: OutboxEmail) -> EmailMultiAlternatives | None:
    """Cards that will be anonymised; None when somebody was in contact with all of them since."""
    user = _colleague(email.object_id)
    cards = warned_of(user, at=email.created_at) if user else []
    if user is None or not cards:
        return None
    with translation.override(email.language):
        lines = [f"{card}\n{_card_url(card.pk)}" for card in cards[:NAMED]]
        if len(cards) > NAMED:
            lines.append(_("… et %(count)s autres.") % {"count": len(cards) - NAMED})
        subject = ngettext(
            "%(count)s prospect sera anonymisé dans 30 jours",
            "%(count)s prospects seront anonymisés dans 30 jours",
            len(cards),
        ) % {"count": len(cards)}
        parts = [
            _("Bonjour,"),
            _(
                "Trois ans sans contact : la loi veut que nous oubliions ces personnes. Une note ou un "
                "déplacement sur la carte compte comme un contact ; sinon elles seront anonymisées dans "
                "30 jours."
            ),
            *lines,
        ]
        return _message(email, user, subject, parts)


@composes(CatalogueEmail.REFUSED_REDUCTIONS, label=CatalogueEmail.REFUSED_REDUCTIONS.label)
def compose_refused_reductions(email: OutboxEmail) -> EmailMultiAlternatives | None:
    """Planned reductions that could not begin; None when they were deleted meanwhile."""
    user = _colleague(email.object_id)
    refused = PlannedReduction.objects.filter(state=PlannedReduction.State.REFUSED, notified_at=email.created_at)
    rows = list(refused.select_related("variant__product").order_by("starts_at", "pk"))
    if user is None or not rows:
        return None
    count = len(rows)
    with translation.override(email.language):
        parts = [
            _("Bonjour,"),
            ngettext(
                "Une réduction prévue n’a pas commencé : le prix courant reste demandé.",
                "%(count)s réductions prévues n’ont pas commencé : le prix courant reste demandé.",
                count,
            )
            % {"count": count},
        ]
        parts += [_reduction(row, email.language) for row in rows[:NAMED]]
        if count > NAMED:
            parts.append(_("… et %(count)s autres.") % {"count": count - NAMED})
        page = link("admin:catalogue_plannedreduction_changelist") + "?state__exact=REFUSED"
        parts.append(_("Voir les réductions refusées :") + "\n" + page)
        subject = ngettext(
            "%(count)s réduction prévue a été refusée", "%(count)s réductions prévues ont été refusées", count
        ) % {"count": count}
        return _message(email, user, subject, parts)


def _message(email: OutboxEmail, user: User, subject: str, parts: list[str]) -> EmailMultiAlternatives:
    return mail.compose_text(
        subject=subject[:200],
        text="\n\n".join(parts),
        to=user.email,
        language=email.language,
        key=email.key,
    )


def _colleague(pk: int) -> User | None:
    """None when the account is no longer active staff."""
    return User.objects.filter(pk=pk, is_active=True, is_staff=True).first()


def _card_url(prospect_id: int) -> str:
    return link("admin:prospects_prospect_change", prospect_id)


def _next_action(card: Prospect) -> str:
    what = card.next_action or _("prochaine action à choisir")
    when = f", {date_format(card.next_action_date, 'j F')}" if card.next_action_date else ""
    return f"{card} — {what}{when}\n{_card_url(card.pk)}"


def _reduction(row: PlannedReduction, language: str) -> str:
    variant = row.variant
    name = f"{variant.product.name}, {variant.label}" if variant.label else variant.product.name
    price, start = format_euros(row.amount, language), date_format(localtime(row.starts_at), "SHORT_DATETIME_FORMAT")
    return f"{name} ({variant.sku}) — {price}, {start}\n{row.refusal}".rstrip()
