"""Pages of the back office as two colleagues save them."""

from django.contrib.admin.utils import quote
from django.urls import reverse, reverse_lazy

from apps.backoffice.tests.forms import form_of
from apps.catalogue.models import Attribute, AttributeValue

OPERATOR = {"name": "Moulin", "postal_address": "1 rue", "electronic_address": "moulin@exemple.fr"}
OPERATOR_ADD = reverse_lazy("admin:catalogue_economicoperator_add")


def change(row) -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[quote(row.pk)])


def html_of(response) -> str:
    return response.content.decode()


def attribute_value():
    attribute = Attribute.objects.create(code="couleur", name_fr="Couleur")
    return AttributeValue.objects.create(attribute=attribute, label_fr="Rouge", slug="rouge")


def resubmission(response) -> dict[str, str]:
    """What a browser would send of the page of a refusal, nothing chosen."""

    class Page:
        def get(self, url):
            return response

    data = form_of(Page(), "")
    for conflict in response.context["edit_asked"]:
        data.setdefault("conflict-asked", []).append(conflict.name)
    return data


def rows_at(page: dict[str, str], prefix: str, pk: int) -> str:
    found = {value: name for name, value in page.items() if name.startswith(prefix) and name.endswith("-id")}
    return found[str(pk)].removesuffix("-id")


def rows_of(client, url: str) -> dict[str, str]:
    formset = client.get(url).context["cl"].formset
    data = {bound.html_name: str(bound.value()) for bound in formset.management_form}
    for form in formset.forms:
        for bound in form:
            value = bound.value()
            if value not in (None, False):
                data[bound.html_name] = "on" if value is True else str(value)
    return data | {"_save": "1"}


def sent_by_a_browser(client, url: str, **typed: str) -> dict[str, str]:
    return form_of(client, url) | {"csrfmiddlewaretoken": str(client.get(url).context["csrf_token"])} | typed
