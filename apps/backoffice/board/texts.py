from django.utils.translation import gettext as _


def texts() -> dict[str, str]:
    """Sentences of the board's script, which fills in the {names}."""
    return {
        "picked": _(
            "{name} : carte prise, {column}, place {place} sur {count}. Flèches pour déplacer, Entrée pour "
            "poser, Échap pour annuler."
        ),
        "carried": _("{column}, place {place} sur {count}."),
        "dropped": _("{name} posée dans {column}, place {place} sur {count}."),
        "cancelled": _("Déplacement annulé, {name} est revenue dans {column}."),
        "waiting": _("En attente du réseau"),
        "waiting_count": _("Hors ligne. Déplacements en attente : {count}. Ils partiront au retour du réseau."),
        "sent_later": _("Le réseau est revenu : aucun déplacement n’attend plus."),
        "signed_out": _(
            "Votre session est terminée. Vos déplacements sont gardés : reconnectez-vous pour les envoyer."
        ),
        "sign_in": _("Se reconnecter"),
        "forbidden": _("Vous n’avez plus le droit de déplacer des cartes. {name} est revenue à sa place."),
        "reason_title": _("Pourquoi déplacer {name} dans {column} ?"),
        "confirm_title": _("La colonne {column} est pleine"),
        "not_moved": _("{name} est restée dans {column}."),
        "see_card": _("Ouvrir la carte"),
        "dismiss": _("Fermer"),
        "menu_title": _("Déplacer {name} vers…"),
    }
