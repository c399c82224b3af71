"""Each morning's e-mail to who follows prospects: what is late, what is for today, who is new."""

from datetime import date, datetime, timedelta

from django.conf import settings
from django.db.models import Q
from django.urls import reverse
from django.utils import translation
from django.utils.formats import date_format
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.prospects.models import DigestChoice, Prospect
from apps.prospects.services.letters import card_address, owe
from apps.prospects.services.mentions import team

NEW = timedelta(days=1)
LISTED = 15


def send_digests(*, now: datetime) -> int:
    """Owe each colleague who wants it and has something to do one letter a day; returns how many were written.

    A second run on the same day writes none. Three queries, and one for each letter.
    """
    today = localdate(now)
    people = [user for user in team().select_related("prospect_digest") if _wants(user)]
    due = Q(next_action_date__lte=today) | Q(assigned_at__gt=now - NEW)
    cards: dict[int, list[Prospect]] = {}
    open_cards = Prospect.objects.kept().filter(due, assignee__in=people, stage__outcome="OPEN", anonymised_at=None)
    for card in open_cards.order_by("next_action_date", "pk"):
        cards.setdefault(card.assignee_id or 0, []).append(card)
    return sum(_tell(user, cards[user.pk], today, now) for user in people if user.pk in cards)


def choose_digest(*, user: User, is_wanted: bool) -> None:
    DigestChoice.objects.update_or_create(user=user, defaults={"is_wanted": is_wanted})


def wants_digest(user: User) -> bool:
    """One query."""
    return not DigestChoice.objects.filter(user=user, is_wanted=False).exists()


def _wants(user: User) -> bool:
    choice: DigestChoice | None = getattr(user, "prospect_digest", None)
    return choice is None or choice.is_wanted


def _tell(user: User, cards: list[Prospect], today: date, now: datetime) -> bool:
    late = [card for card in cards if card.next_action_date and card.next_action_date < today]
    due = [card for card in cards if card.next_action_date == today]
    new = [card for card in cards if card.assigned_at and card.assigned_at > now - NEW]
    with translation.override(user.language):
        chapters = [(_("En retard"), late), (_("Aujourd’hui"), due), (_("Nouveaux pour vous"), new)]
        parts = [_("Bonjour,")]
        for title, listed in chapters:
            if listed:
                parts.append(f"{title} ({len(listed)})")
                parts += [_line(card, user.language) for card in listed[:LISTED]]
            if len(listed) > LISTED:
                parts.append(_("… et %(count)s autres.") % {"count": len(listed) - LISTED})
        settings_address = settings.SITE_URL + reverse("admin:prospects_digest")
        parts.append(_("Ne plus recevoir ce message :") + "\n" + settings_address)
        return owe(
            key=f"digest-{user.pk}-{today.isoformat()}",
            user=user,
            subject=_("Vos prospects : %(late)s en retard, %(today)s aujourd’hui, %(new)s nouveaux")
            % {"late": len(late), "today": len(due), "new": len(new)},
            text="\n\n".join(parts),
            now=now,
        )


def _line(card: Prospect, language: str) -> str:
    what = card.next_action or _("prochaine action à choisir")
    when = f", {date_format(card.next_action_date, 'j F')}" if card.next_action_date else ""
    return f"{card} — {what}{when}\n{card_address(card.pk, language=language)}"
