"""E-mails about comments: moderation decisions, and invitations to review a purchase."""

from django.core.mail import EmailMultiAlternatives
from django.utils import translation
from django.utils.translation import gettext as _

from apps.comments.emails import CommentEmail
from apps.comments.invitations import products_to_review
from apps.comments.models import Comment
from apps.comments.sections import section_of
from apps.comments.tokens import author_token
from apps.common import mail
from apps.common.models import OutboxEmail
from apps.common.outbox import composes
from apps.notifications.links import link
from apps.orders.models import Order


@composes(CommentEmail.PUBLISHED, label=CommentEmail.PUBLISHED.label)
@composes(CommentEmail.REFUSED, label=CommentEmail.REFUSED.label)
def compose_decision(email: OutboxEmail) -> EmailMultiAlternatives | None:
    """A refusal with its reason, or a publication; None when the comment's status has changed since."""
    refused = email.kind == CommentEmail.REFUSED
    status = Comment.Status.REJECTED if refused else Comment.Status.PUBLISHED
    found = Comment.objects.select_related("user").filter(pk=email.object_id, status=status, withdrawn_at=None)
    comment = found.first()
    if comment is None:
        return None
    to = comment.email or (comment.user.email if comment.user and comment.user.is_active else "")
    if not to:
        return None
    with translation.override(email.language):
        # The page on which the author reads, changes and withdraws the comment.
        own = link("storefront:own_comment", comment.pk, author_token(comment))
        if refused:
            subject = _("Votre commentaire n’est pas publié")
            sentences = [
                _("Nous ne publions pas ce commentaire, pour la raison suivante\u202f:"),
                f"«\u202f{comment.reason}\u202f»",
                _("Vous pouvez nous répondre, ou en écrire un autre."),
                _("Voir ou supprimer votre commentaire\u202f:") + f"\n{own}",
            ]
        else:
            subject = _("Votre commentaire est publié")
            sentences = [
                _("Merci\u202f! Nous l’avons lu, et tout le monde peut maintenant le lire aussi."),
                _("Voir ou supprimer votre commentaire\u202f:") + f"\n{own}",
            ]
        quoted = f"«\u202f{comment.text[:300]}\u202f»"
        text = "\n\n".join([_("Bonjour,"), *sentences, _("Vous aviez écrit\u202f:"), quoted])
        return mail.compose_text(subject=subject, text=text, to=to, language=email.language, key=email.key)


@composes(CommentEmail.INVITATION, label=CommentEmail.INVITATION.label)
def compose_invitation(email: OutboxEmail) -> EmailMultiAlternatives | None:
    order = Order.objects.get(pk=email.object_id)
    products = products_to_review(order)
    if not products:
        return None
    with translation.override(email.language):
        links = []
        for product in products:
            name = getattr(product, f"name_{email.language}") or product.name_fr
            page = link("storefront:comments", section_of(product.pk))
            links.append(f"{name}\u202f:\n{page}?commande={order.access_token}#ecrire")
        refusal = link("storefront:refuse_invitations", order.access_token)
        text = "\n\n".join(
            [
                _("Bonjour,"),
                _("Votre commande %(number)s est arrivée depuis quelques jours. Qu’en pensez-vous\u202f?")
                % {"number": order.number},
                _("Votre avis, bon ou mauvais, aide ceux qui hésitent. Il n’y a rien à gagner, sinon leur merci."),
                *links,
                _("C’est notre seul message à ce sujet. Pour n’en recevoir aucun après vos prochaines commandes\u202f:")
                + f"\n{refusal}",
            ]
        )
        subject = _("Votre avis sur la commande %(number)s") % {"number": order.number}
        return mail.compose_text(subject=subject, text=text, to=order.email, language=email.language, key=email.key)
