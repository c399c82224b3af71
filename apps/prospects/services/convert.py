from datetime import datetime

from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from apps.accounts.invitations import AccountExists, find_account, invite_customer
from apps.accounts.models import User
from apps.common.errors import DomainError
from apps.common.transactions import retry_on_deadlock
from apps.prospects.models import Prospect, Stage
from apps.prospects.services.history import Author, Kind, lock, note, save
from apps.prospects.services.ranks import place


class ConversionRefused(DomainError):
    code = "conversion_refused"


def account_for(prospect: Prospect) -> User | None:
    """The account that converting would link; None when it would open one. Two queries at most."""
    return find_account(email=prospect.email)


@retry_on_deadlock
def convert_prospect(
    *, prospect_id: int, version: int, link_account: int | None, by: Author, now: datetime
) -> Prospect:
    """Make a customer of a prospect: the card goes to the first column that is won, and gets an account.

    Without an account for the e-mail one is opened and its owner invited by e-mail. An existing one is linked only
    when `link_account` names it, and nothing in it is changed: raises AccountExists otherwise. Locks the column, then
    the card. Raises ConversionRefused, StaleVersion, Prospect.DoesNotExist.
    """
    with transaction.atomic(durable=True):
        stage = Stage.objects.select_for_update().filter(outcome=Stage.Outcome.WON).first()
        if stage is None:
            raise ConversionRefused(_("Aucune étape n’a l’issue « gagné ». Donnez-la à une étape, puis recommencez."))
        prospect = lock(prospect_id, version)
        if prospect.customer_id is not None:
            raise ConversionRefused(_("Ce prospect a déjà un compte client."))
        prospect.customer = _account(prospect, link_account, now)
        former = prospect.stage
        if former != stage:
            prospect.rank = place(stage, prospect, None, None, now)
            prospect.stage, prospect.stage_since = stage, now
        prospect.last_contact_at, prospect.warned_at = now, None
        save(prospect, now)
        note(prospect, Kind.CONVERTED, by, now, from_stage=former, to_stage=stage)
    return prospect


def _account(prospect: Prospect, link_account: int | None, now: datetime) -> User:
    account = find_account(email=prospect.email)
    if account is None:
        return invite_customer(
            email=prospect.email,
            first_name=prospect.first_name,
            last_name=prospect.last_name,
            phone=prospect.phone,
            language=(get_language() or "fr")[:2],
            now=now,
        )
    if account.is_staff or not account.is_active:
        raise ConversionRefused(_("L’adresse de cette carte est celle d’un compte de l’équipe ou fermé."))
    if account.pk != link_account:
        raise AccountExists(
            _("Cette adresse a déjà un compte. Relisez à qui il est, puis confirmez que c’est la même personne."),
            user=account,
        )
    return account
