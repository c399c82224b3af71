"""The admin's page of dead letters: messages that no worker could process, returned to their queue or deleted."""

from botocore.exceptions import BotoCoreError, ClientError
from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.common.errors import DomainError
from apps.operations.aws.errors import explain
from apps.operations.services import dead_letters

SEE, SETTLE = "operations.view_operationrun", "operations.start_operation"


class SettleForm(forms.Form):
    queue = forms.CharField(max_length=80)
    key = forms.CharField(max_length=120)
    verb = forms.ChoiceField(
        choices=[("give_back", gettext_lazy("Rendre à la file")), ("delete", gettext_lazy("Supprimer"))]
    )


def dead_letters_view(request: HttpRequest, site: AdminSite) -> HttpResponse:
    if not request.user.has_perm(SEE):
        raise PermissionDenied
    if request.method == "POST":
        return _settle(request)
    rows, trouble = [], ""
    try:
        rows = dead_letters.dead_letters()
    except (BotoCoreError, ClientError) as error:
        trouble = explain(error).message
    context = {
        **site.each_context(request),
        "title": _("Lettres mortes"),
        "dead_messages": rows,
        "trouble": trouble,
        "may_settle": request.user.has_perm(SETTLE),
    }
    return TemplateResponse(request, "backoffice/operations/dead_letters.html", context, status=502 if trouble else 200)


def _settle(request: HttpRequest) -> HttpResponse:
    if not request.user.has_perm(SETTLE):
        raise PermissionDenied
    form = SettleForm(request.POST)
    if form.is_valid():
        which = {"queue": form.cleaned_data["queue"], "key": form.cleaned_data["key"]}
        try:
            if form.cleaned_data["verb"] == "give_back":
                dead_letters.give_back(**which)
                messages.success(request, _("Le message est rendu à sa file : un worker va le reprendre."))
            else:
                dead_letters.delete(**which)
                messages.success(request, _("Le message est supprimé."))
        except DomainError as error:
            messages.error(request, error.message)
        except (BotoCoreError, ClientError) as error:
            messages.error(request, explain(error).message)
    return redirect("admin:operations_dead_letters")
