"""The commands of docs/runbooks/recovery.md, so that a proof follows the page itself and fails where the two differ."""

import re
from pathlib import Path

from django.conf import settings

PAGE = Path(settings.BASE_DIR) / "docs" / "runbooks" / "recovery.md"
_BLOCK = re.compile(r"^( *)```(?P<language>\w*)\n(?P<text>.*?)^\1```$", re.MULTILINE | re.DOTALL)


class Section:
    """One disaster: what a person types, in the order of the page."""

    def __init__(self, title: str) -> None:
        found = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", PAGE.read_text(), re.MULTILINE | re.DOTALL)
        assert found, f"{PAGE.name} has no section « {title} »"
        blocks = [(block["language"], _plain(block["text"])) for block in _BLOCK.finditer(found[1])]
        self.scripts = [text for language, text in blocks if language == "python"]
        lines = [line for language, text in blocks if not language for line in text.splitlines()]
        self.left = [_without_comment(line) for line in lines if line.startswith("manage.py ")]

    def take(self, beginning: str, **names: str) -> list[str]:
        """The arguments of the next command that begins so, with the page's invented names replaced."""
        command = next((line for line in self.left if line.startswith(f"manage.py {beginning}")), None)
        assert command, f"{PAGE.name} does not say « manage.py {beginning} » here; it says {self.left}"
        self.left.remove(command)
        return [names.get(word, word) for word in command.split()[1:]]


def _plain(text: str) -> str:
    """Without the indentation of a list."""
    lines = text.splitlines()
    least = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
    return "\n".join(line[least:] for line in lines)


def _without_comment(line: str) -> str:
    return line.partition("  #")[0].strip()
