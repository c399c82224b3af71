"""Template loaders that remove indentation, so that pages are smaller."""

import re
from pathlib import Path

from django.template import Origin
from django.template.loaders import app_directories, filesystem

OURS = (Path(__file__).resolve().parent, Path(__file__).resolve().parent.parent / "apps")
_INDENTATION = re.compile(r"\n[ \t]+")
# A line with nothing but these tags prints nothing: its line end is removed.
_SILENT = r"if|elif|else|endif|for|empty|endfor|with|endwith|block|endblock|load|url [^%]* as|keep|endkeep|endcomment"
_TAG = rf"{{% (?:{_SILENT})\b(?:(?!%}}).)*%}}"
_SILENT_LINE = re.compile(rf"^((?:{_TAG})+|{{% comment %}}[^\n]*{{% endcomment %}})\n", re.MULTILINE)


def unindented(text: str) -> str:
    """Line ends stay, as whitespace between words. Not for `<pre>` over several lines."""
    return _SILENT_LINE.sub(r"\1", _INDENTATION.sub("\n", text))


class _Unindents:
    def get_contents(self, origin: Origin) -> str:
        text = super().get_contents(origin)  # type: ignore[misc]
        path = Path(origin.name)
        is_page = path.suffix == ".html" and "email" not in path.parts and any(path.is_relative_to(own) for own in OURS)
        return unindented(text) if is_page else text


class Filesystem(_Unindents, filesystem.Loader):
    pass


class AppDirectories(_Unindents, app_directories.Loader):
    pass
