"""Template loaders that remove indentation and the line ends of lines that write nothing, and render once for each
language what depends on nothing else."""

import re
from pathlib import Path

from django.template import Origin, Template
from django.template.loaders import app_directories, base, cached, filesystem

from webmarket.language_texts import join_language_texts

OURS = (Path(__file__).resolve().parent, Path(__file__).resolve().parent.parent / "apps")
_INDENTATION = re.compile(r"\n[ \t]+")
# A line with nothing but these tags prints nothing: its line end is removed.
_SILENT = (
    r"if|elif|else|endif|for|empty|endfor|with|endwith|block|endblock|extends|load|autoescape|endautoescape"
    r"|url [^%]* as|keep|endkeep|endcomment"
)
_TAG = rf"{{% (?:{_SILENT})\b(?:(?!%}}).)*%}}"
_SILENT_LINE = re.compile(rf"^[ \t]*((?:{_TAG})+|{{% comment %}}[^\n]*{{% endcomment %}})\n", re.MULTILINE)


def unindented(text: str) -> str:
    """HTML, so that it is smaller. Line ends stay, as whitespace between words. Not for `<pre>` over several lines."""
    return _SILENT_LINE.sub(r"\1", _INDENTATION.sub("\n", text))


def without_silent_lines(text: str) -> str:
    """Plain text: each other line is sent as it is, with its indentation and its line end. The file's last line end is
    left out, so that an included piece may stand within a line."""
    return _SILENT_LINE.sub(r"\1", text).removesuffix("\n")


_READ = {".html": unindented, ".txt": without_silent_lines}


class _Unindents:
    def get_contents(self, origin: Origin) -> str:
        text = super().get_contents(origin)  # type: ignore[misc]
        path = Path(origin.name)
        read = _READ.get(path.suffix)
        return read(text) if read and any(path.is_relative_to(own) for own in OURS) else text


class Filesystem(_Unindents, filesystem.Loader):
    pass


class AppDirectories(_Unindents, app_directories.Loader):
    pass


class _JoinsLanguageTexts(base.Loader):
    def get_template(self, template_name: str, skip: list[Origin] | None = None) -> Template:
        template = super().get_template(template_name, skip)
        join_language_texts(template.nodelist)
        return template


class Cached(cached.Loader, _JoinsLanguageTexts):
    """Other threads find a template in the cache when its nodes are joined, never before."""
