"""What staff may do with a withdrawal: one row per verb, offered when its status allows it.

The money itself is given back from the order's page (`order_desk`), which proposes the amount.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.aftersales import services
from apps.aftersales.models import Withdrawal

CHANGE = "aftersales.change_withdrawal"
Status = Withdrawal.Status


@dataclass(frozen=True)
class Verb:
    """`run` takes withdrawal, by and now, and raises DomainError when it refuses."""

    name: str
    label: str | Promise
    done: str | Promise
    run: Callable[..., object]
    to: Withdrawal.Status


VERBS = {
    verb.name: verb
    for verb in [
        Verb(
            name="proof",
            label=_("Preuve d’envoi reçue"),
            done=_("La preuve d’envoi de %(number)s est notée : le remboursement ne peut plus attendre."),
            run=services.receive_proof,
            to=Status.PROOF_RECEIVED,
        ),
        Verb(
            name="goods",
            label=_("Produits reçus"),
            done=_("Le retour de %(number)s est noté : le remboursement ne peut plus attendre."),
            run=services.receive_goods,
            to=Status.GOODS_RECEIVED,
        ),
        Verb(
            name="refunded",
            label=_("Marquer remboursée"),
            done=_("La rétractation de %(number)s est close."),
            run=services.mark_refunded,
            to=Status.REFUNDED,
        ),
        Verb(
            name="nothing-due",
            label=_("Rien à rembourser"),
            done=_("La rétractation de %(number)s est close."),
            run=services.mark_nothing_due,
            to=Status.NOTHING_DUE,
        ),
    ]
}


def offered_verbs(withdrawal: Withdrawal, user: User) -> list[Verb]:
    if not user.has_perm(CHANGE):
        return []
    return [verb for verb in VERBS.values() if withdrawal.can_become(verb.to)]
