from typing import Any

from django import forms
from django.core.exceptions import ValidationError


class TypedOverForm(forms.ModelForm):
    """For numbers that orders and planned prices change while somebody has the page open.

    Fields with `show_hidden_initial` carry what the page showed. Untouched they count as unchanged, so that saving a
    page does not undo a sale; typed over, they are refused when the number has moved since.
    """

    def refuse_if_moved(self, name: str, sentence: str) -> None:
        """Call in `clean`. Shown again, the form carries the number of now, so that a second look can confirm."""
        now = self.initial.get(name)
        if self.instance._state.adding or name not in self.changed_data or self.seen(name) == now:
            return
        self.data = self.data.copy()
        self.data[self.add_initial_prefix(name)] = str(now)
        self.add_error(name, sentence)

    def seen(self, name: str) -> Any:
        """What the page showed; None when it does not say."""
        try:
            return self.fields[name].to_python(self.data.get(self.add_initial_prefix(name)))
        except ValidationError:
            return None
