def form_of(client, url: str) -> dict[str, str]:
    """What a browser would send back from the page, untouched."""
    context = client.get(url).context
    data = {}
    forms = [context["adminform"].form, *(f for s in context["inline_admin_formsets"] for f in s.formset.forms)]
    for form in forms:
        for bound in form:
            value = bound.value()
            if isinstance(value, list):
                data[bound.html_name] = [str(getattr(each, "pk", each)) for each in value]
            elif value is not None and value is not False:
                data[bound.html_name] = "on" if value is True else str(value)
                if bound.field.show_hidden_initial:
                    data[bound.html_initial_name] = str(value)
    for inline in context["inline_admin_formsets"]:
        for bound in inline.formset.management_form:
            data[bound.html_name] = str(bound.value())
    return data
