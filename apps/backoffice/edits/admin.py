from collections.abc import Iterator
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connections, router, transaction
from django.forms import BaseModelForm, BaseModelFormSet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from apps.backoffice.edits.forms import ComparedForm, GuardedForm
from apps.backoffice.edits.formsets import GuardedFormSet
from apps.backoffice.edits.refusals import refusal
from apps.backoffice.edits.repeats import SentTwice, is_saved, page_sent, saved
from apps.backoffice.refused import clashing, deleted
from apps.common.sent import has_typed

ROWS_A_PAGE = 25
"""Of an inline. Each row of a product's variants is 16 fields; a request may have 2,000."""


class GuardedAdmin(admin.ModelAdmin):
    """Mixed into every ModelAdmin by the site: forms, inlines and editable lists are compared with the present row.

    `locks_whole_table` on the admin: saving one row moves others (a tree), so all are locked. `may_be_sent_twice`: the
    response itself is what the person needs, and is displayed once.
    """

    # --- The form -------------------------------------------------------------------------------------------------
    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        if obj is None or not issubclass(form, BaseModelForm):
            return form
        more = {"compared_with": self._row_of_now(request, obj)} if _puts_back(request) else {}
        return type(form.__name__, (GuardedForm, form), more)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        if request.method == "POST":
            self._lock(object_id, from_field)
        return super().get_object(request, object_id, from_field)

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            try:
                return super().changeform_view(request, *args, **kwargs)
            except IntegrityError:
                # Somebody else was faster (an e-mail, a name, a referenced row), and nothing was written: validated
                # again, the form names what is taken or gone.
                return super().changeform_view(request, *args, **kwargs)
        except IntegrityError:
            return clashing(request)
        except SentTwice:
            messages.info(request, _("C’est déjà enregistré : ce formulaire a été envoyé deux fois."))
            is_open = "_continue" in request.POST
            page = f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist"
            return redirect(request.get_full_path() if is_open else reverse(page))

    def _page_sent(self, request: HttpRequest) -> str:
        return "" if getattr(self, "may_be_sent_twice", False) else page_sent(request)

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> Any:
        saved(self._page_sent(request))
        return super().response_add(request, obj, post_url_continue)

    def response_change(self, request: HttpRequest, obj: Any) -> Any:
        saved(self._page_sent(request))
        return super().response_change(request, obj)

    def _get_obj_does_not_exist_redirect(self, request: HttpRequest, opts: Any, object_id: str) -> HttpResponseBase:
        page = request.resolver_match.url_name if request.resolver_match else ""
        if request.method == "POST" and has_typed(request) and page == f"{opts.app_label}_{opts.model_name}_change":
            return deleted(request)
        return super()._get_obj_does_not_exist_redirect(request, opts, object_id)  # type: ignore[misc, no-any-return]

    def history_form_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """simple_history's page that puts an earlier version back: a change form like any other."""
        with transaction.atomic(using=router.db_for_write(self.model)):
            return super().history_form_view(request, *args, **kwargs)  # type: ignore[misc]

    def _row_of_now(self, request: HttpRequest, obj: Any) -> Any:
        if request.method == "POST":
            self._lock(str(obj.pk), None)
        return self.model._base_manager.filter(pk=obj.pk).first()

    def _lock(self, object_id: str, from_field: str | None) -> None:
        """Serialises saves of this record in the back office until the transaction ends."""
        connection = connections[router.db_for_write(self.model)]
        if not (connection.in_atomic_block and connection.features.has_select_for_update):
            return
        field = self.model._meta.get_field(from_field) if from_field else self.model._meta.pk
        rows = self.model._base_manager.using(connection.alias).order_by("pk").select_for_update()
        if not getattr(self, "locks_whole_table", False):
            try:
                rows = rows.filter(**{field.name: field.to_python(object_id)})
            except (ValidationError, ValueError, OverflowError):
                return
        list(rows.values_list("pk"))

    # --- Inlines --------------------------------------------------------------------------------------------------
    def get_formsets_with_inlines(self, request: HttpRequest, obj: Any = None) -> Iterator[tuple[Any, Any]]:
        for formset, inline in super().get_formsets_with_inlines(request, obj):
            yield _guarded_formset(formset), inline

    def get_formset_kwargs(self, request: HttpRequest, obj: Any, inline: Any, prefix: str) -> dict[str, Any]:
        kwargs = super().get_formset_kwargs(request, obj, inline, prefix)
        rows = kwargs.get("queryset")
        if rows is not None and not rows.ordered:
            # Pages of rows in no order could show one twice.
            kwargs["queryset"] = rows.order_by("pk")
        return kwargs

    def get_inline_instances(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        inlines = super().get_inline_instances(request, obj)
        for inline in inlines:
            if getattr(inline, "per_page", ROWS_A_PAGE) is None:
                inline.per_page = ROWS_A_PAGE
        return inlines

    # --- Lists that are edited in place ---------------------------------------------------------------------------
    def get_changelist_formset(self, request: HttpRequest, **kwargs: Any) -> Any:
        return _guarded_formset(super().get_changelist_formset(request, **kwargs))

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponseBase:
        if request.method != "POST" or "_save" not in request.POST:
            return super().changelist_view(request, extra_context)
        with transaction.atomic(using=router.db_for_write(self.model)):
            response = super().changelist_view(request, extra_context)
        context = getattr(response, "context_data", None) or {}
        formset = getattr(context.get("cl"), "formset", None)
        if formset is not None:
            # Displayed again, each row keeps its own fields, whatever a colleague has moved, added or deleted.
            context["cl"].result_list = [form.instance for form in formset.forms]
            context |= refusal(self, request, [formset])
            response.status_code = 409 if context["edit_is_stale"] else response.status_code
        return response

    # --- A refusal ------------------------------------------------------------------------------------------------
    def render_change_form(self, request: HttpRequest, context: Any, **kwargs: Any) -> Any:
        if is_saved(self._page_sent(request)):
            # The first save's rows make this repeat invalid.
            raise SentTwice
        self._add_refusal(request, context, kwargs.get("obj"))
        response = super().render_change_form(request, context, **kwargs)
        response.status_code = 409 if context.get("edit_is_stale") else response.status_code
        return response

    def render_history_view(self, request: HttpRequest, template: str, context: Any, **kwargs: Any) -> Any:
        self._add_refusal(request, context, context.get("original"))
        response = super().render_history_view(request, template, context, **kwargs)  # type: ignore[misc]
        response.status_code = 409 if context.get("edit_is_stale") else response.status_code
        return response

    def _add_refusal(self, request: HttpRequest, context: Any, obj: Any) -> None:
        if request.method == "POST" and "adminform" in context:
            formsets = [inline.formset for inline in context.get("inline_admin_formsets", ())]
            context |= refusal(self, request, [context["adminform"].form, *formsets], obj)


def _guarded_formset(formset: Any) -> Any:
    if not issubclass(formset, BaseModelFormSet) or issubclass(formset, GuardedFormSet):
        return formset
    form = type(formset.form.__name__, (ComparedForm, formset.form), {})
    return type(formset.__name__, (GuardedFormSet, formset), {"form": form})


def _puts_back(request: HttpRequest) -> bool:
    match = request.resolver_match
    return bool(match and match.url_name and match.url_name.endswith("_simple_history"))
