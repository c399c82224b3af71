"""Every form with text fields is a TypedForm."""

import pytest
from django import forms
from django.contrib import admin
from django.urls import get_resolver

from apps.common.typed import TypedForm

PASTED = {
    "author", "city", "company", "email", "first_name", "last_name", "line1", "line2", "login", "order_number", "phone",
    "postcode", "recipient",
}  # fmt: skip


def forms_of_ours() -> list[type[forms.BaseForm]]:
    def below(parent: type) -> set[type]:
        return {parent}.union(*(below(child) for child in parent.__subclasses__()))

    # Its views bring every form with them.
    assert get_resolver().url_patterns
    return [
        form
        for form in below(forms.BaseForm)
        if form.__module__.startswith("apps.") and ".tests." not in form.__module__
    ]


def takes_what_is_pasted(form: type[forms.BaseForm]) -> set[str]:
    fields = {name: field for name, field in getattr(form, "base_fields", {}).items() if not field.disabled}
    return {name for name in PASTED & fields.keys() if isinstance(fields[name], forms.CharField)}


def test_every_form_tidies():
    taking = [form for form in forms_of_ours() if takes_what_is_pasted(form)]
    assert len(taking) > 5
    assert [form.__qualname__ for form in taking if not issubclass(form, TypedForm)] == []


@pytest.mark.django_db
def test_every_screen_of_the_back_office_tidies(admin_user, rf):
    request = rf.get("/admin/")
    request.user = admin_user
    missing = []
    for model, screen in admin.site._registry.items():
        if not model.__module__.startswith("apps."):
            continue
        named_forms = [(model.__name__, screen.get_form(request))] if screen.has_add_permission(request) else []
        named_forms.append((model.__name__, screen.get_form(request, model(pk=1), change=True)))
        for inline in screen.get_inline_instances(request):
            if inline.has_add_permission(request, None):
                named_forms.append((type(inline).__name__, inline.get_formset(request).form))
        missing += [
            name for name, form in named_forms if takes_what_is_pasted(form) and not issubclass(form, TypedForm)
        ]
    assert missing == []
