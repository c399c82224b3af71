from typing import Any

from django import forms
from django.core.exceptions import ValidationError


class TypedOverForm(forms.ModelForm):
    """Optimistic locking of single fields: for numbers that orders and planned prices change while a page is open.

    Fields with `show_hidden_initial` carry the number that the page showed. An untouched field counts as unchanged, so
    that saving a page does not undo a sale; a changed one is refused when the stored number has changed since.
    """

    def refuse_if_moved(self, name: str, sentence: str) -> None:
        """Call in `clean`. The redisplayed form carries the present number, so that saving it again is accepted."""
        now = self.initial.get(name)
        if self.instance._state.adding or name not in self.changed_data or self.seen(name) == now:
            return
        self.data = self.data.copy()
        self.data[self.add_initial_prefix(name)] = str(now)
        self.add_error(name, sentence)

    def seen(self, name: str) -> Any:
        """The number that the page displayed; None when the request does not carry it."""
        try:
            return self.fields[name].to_python(self.data.get(self.add_initial_prefix(name)))
        except ValidationError:
            return None
