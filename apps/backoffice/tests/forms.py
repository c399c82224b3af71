from django.forms import MultiWidget


def form_of(client, url: str) -> dict[str, str]:
    """What a browser would send back from the page, untouched."""
    context = client.get(url).context
    data = {}
    forms = [context["adminform"].form, *(f for s in context["inline_admin_formsets"] for f in s.formset.forms)]
    for form in forms:
        for bound in form:
            value = bound.value()
            widget = bound.field.widget
            if isinstance(widget, MultiWidget):
                parts = value if isinstance(value, list) else widget.decompress(value)
                for name, part in zip(widget.widgets_names, parts, strict=True):
                    data[f"{bound.html_name}{name}"] = "" if part is None else str(part)
            elif isinstance(value, list):
                data[bound.html_name] = [str(getattr(each, "pk", each)) for each in value]
            elif value is not None and value is not False:
                data[bound.html_name] = "on" if value is True else str(value)
                if bound.field.show_hidden_initial:
                    initial = bound.html_initial_name
                    data[initial] = form.data[initial] if initial in form.data else str(value)
    for inline in context["inline_admin_formsets"]:
        for bound in inline.formset.management_form:
            data[bound.html_name] = str(bound.value())
    return data
