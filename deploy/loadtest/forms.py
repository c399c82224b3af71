"""Parser of a page's links and forms, with their fields as a browser would send them."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlsplit


@dataclass
class Form:
    action: str
    fields: dict[str, str] = field(default_factory=dict)
    # Values of radio buttons and boxes, by name.
    choices: dict[str, list[str]] = field(default_factory=dict)


class Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.forms: list[Form] = []
        self._form: Form | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        if tag == "a" and "href" in given:
            self.links.append(urlsplit(given["href"]).path)
        elif tag == "form":
            self._form = Form(given.get("action", ""))
            self.forms.append(self._form)
        elif tag == "input" and self._form is not None and given.get("name"):
            self._input(self._form, given)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None

    def _input(self, form: Form, given: dict[str, str]) -> None:
        name, value, kind = given["name"], given.get("value", ""), given.get("type", "text")
        if kind in ("radio", "checkbox"):
            form.choices.setdefault(name, []).append(value or "on")
            if "checked" not in given:
                return
        if kind not in ("submit", "button", "file"):
            form.fields[name] = value or ("on" if kind == "checkbox" else "")

    def form(self, action: str) -> Form | None:
        """The first form whose action ends with this."""
        return next((form for form in self.forms if form.action.endswith(action)), None)

    def under(self, prefix: str) -> list[str]:
        """Links below a path, each once."""
        return list(dict.fromkeys(link for link in self.links if link.startswith(prefix) and link != prefix))
