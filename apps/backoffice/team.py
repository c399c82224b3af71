"""The owner's page of the team: who is in it, with which roles; invite, change, suspend."""

from typing import Any

from allauth.mfa.models import Authenticator
from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminEmailInputWidget,
    UnfoldAdminTextInputWidget,
)

from apps.accounts import team
from apps.accounts.models import User
from apps.common.errors import DomainError
from apps.common.fields import EmailFormField
from apps.common.typed import TypedForm

# No group has it: superusers alone.
PERMISSION = "accounts.manage_team"
OWNER = "owner"
MAX_COLLEAGUES = 200


def _roles() -> list[tuple[str, str]]:
    names = Group.objects.order_by("name").values_list("name", flat=True)
    return [(OWNER, _("Propriétaire : tout, et l’équipe")), *((name, name) for name in names)]


class RolesForm(forms.Form):
    roles = forms.MultipleChoiceField(
        label=gettext_lazy("Rôles"), choices=_roles, widget=UnfoldAdminCheckboxSelectMultipleWidget
    )

    @property
    def given(self) -> dict[str, Any]:
        """The chosen roles, as the services take them."""
        chosen = self.cleaned_data["roles"]
        names = [name for name in chosen if name != OWNER]
        return {"groups": list(Group.objects.filter(name__in=names)), "owner": OWNER in chosen}


class InviteForm(TypedForm, RolesForm):
    email = EmailFormField(label=gettext_lazy("Adresse e-mail"), max_length=254, widget=UnfoldAdminEmailInputWidget)
    first_name = forms.CharField(
        label=gettext_lazy("Prénom"), max_length=80, required=False, widget=UnfoldAdminTextInputWidget
    )
    field_order = ["email", "first_name", "roles"]


def team_view(request: HttpRequest) -> HttpResponse:
    if not request.user.has_perm(PERMISSION):
        raise PermissionDenied
    invitation = InviteForm(auto_id="invite_%s")
    if request.method == "POST":
        if request.POST.get("verb") == "invite":
            invitation = InviteForm(request.POST, auto_id="invite_%s")
            if invitation.is_valid() and _done(request, _invite, invitation):
                return redirect("backoffice:team")
        else:
            _done(request, _change, request.POST)
            return redirect("backoffice:team")
    people = list(
        User.objects.filter(is_staff=True).prefetch_related("groups").order_by("-is_active", "email")[:MAX_COLLEAGUES]
    )
    factors = _second_factors(people)
    context = {
        **admin.site.each_context(request),
        "title": _("Équipe"),
        "colleagues": [
            {
                "user": person,
                "roles": _names_of(person),
                "has_second_factor": person.pk in factors,
                "form": RolesForm(initial={"roles": _codes_of(person)}, auto_id=f"of_{person.pk}_%s"),
            }
            for person in people
        ],
        "invitation": invitation,
    }
    return TemplateResponse(
        request, "backoffice/team.html", context, status=400 if invitation.is_bound and invitation.errors else 200
    )


def _done(request: HttpRequest, act: Any, given: Any) -> bool:
    try:
        messages.success(request, act(request.user, given))
    except DomainError as error:
        messages.error(request, error.message)
        return False
    return True


def _invite(by: User, form: InviteForm) -> str:
    user = team.invite_colleague(
        email=form.cleaned_data["email"],
        first_name=form.cleaned_data["first_name"],
        language="fr",
        by=by,
        now=timezone.now(),
        **form.given,
    )
    return _("Un e-mail part à %(email)s, avec un lien pour choisir un mot de passe.") % {"email": user.email}


def _change(by: User, data: Any) -> str:
    number, verb = data.get("colleague", ""), data.get("verb")
    user_id = int(number) if number.isascii() and number.isdigit() and len(number) < 10 else 0
    if verb in ("suspend", "resume"):
        user = team.set_active(user_id=user_id, active=verb == "resume", by=by)
        done = (
            _("%(email)s peut de nouveau se connecter.")
            if user.is_active
            else _("%(email)s ne peut plus se connecter.")
        )
        return done % {"email": user.email}
    form = RolesForm(data)
    if not form.is_valid():
        raise DomainError(_("Choisissez au moins un rôle, ou suspendez ce compte."))
    user = team.set_roles(user_id=user_id, by=by, **form.given)
    return _("Les rôles de %(email)s sont changés.") % {"email": user.email}


def _codes_of(user: User) -> list[str]:
    return [*([OWNER] if user.is_superuser else []), *(group.name for group in user.groups.all())]


def _names_of(user: User) -> str:
    names = [*([_("Propriétaire")] if user.is_superuser else []), *(group.name for group in user.groups.all())]
    return ", ".join(names) or _("aucun rôle")


def _second_factors(people: list[User]) -> set[int]:
    kinds = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
    return set(Authenticator.objects.filter(user__in=people, type__in=kinds).values_list("user_id", flat=True))
