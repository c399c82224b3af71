"""Saved filters of the board: one's own, and those that a colleague shares."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from apps.backoffice.board.filters import Filters
from apps.backoffice.board.views import may
from apps.backoffice.models import SavedView

MOST_VIEWS = 30


class SavedViewForm(forms.Form):
    name = forms.CharField(max_length=60)
    address = forms.CharField(max_length=500, required=False)
    is_shared = forms.BooleanField(required=False)

    def clean_address(self) -> str:
        """Only parameters of the board, in canonical form."""
        return Filters(QueryDict(self.cleaned_data["address"])).query_string()


@require_POST
def save_view(request: HttpRequest) -> HttpResponse:
    """Save the filters under a name; the same name again replaces the earlier view."""
    may(request, "view")
    form = SavedViewForm(request.POST)
    board = reverse("backoffice:board")
    if not form.is_valid():
        messages.error(request, _("Donnez à la vue un nom de 60 caractères au plus."))
        return redirect(board)
    given = form.cleaned_data
    own = SavedView.objects.filter(owner=request.user)
    if own.count() >= MOST_VIEWS and not own.filter(name=given["name"]).exists():
        messages.error(request, _("Vous avez déjà 30 vues. Supprimez-en une d’abord."))
    else:
        SavedView.objects.update_or_create(
            owner=request.user,
            name=given["name"],
            defaults={"query": given["address"], "is_shared": given["is_shared"]},
        )
        messages.success(request, _("La vue « %(name)s » est enregistrée.") % given)
    return redirect(f"{board}?{given['address']}" if given["address"] else board)


@require_POST
def delete_view(request: HttpRequest, pk: int) -> HttpResponse:
    may(request, "view")
    view = get_object_or_404(SavedView.objects.filter(owner=request.user), pk=pk)
    view.delete()
    messages.success(request, _("La vue « %(name)s » est supprimée.") % {"name": view.name})
    return redirect("backoffice:board")
