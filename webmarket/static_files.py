"""Static files as they are served: the shop's style sheets without line ends and comments."""

import re

from django.core.files.base import ContentFile, File
from storages.backends.s3 import S3ManifestStaticStorage
from whitenoise.storage import CompressedManifestStaticFilesStorage

OURS = "storefront/"
_STRING = re.compile(r"(\"[^\"]*\"|'[^']*')")
_COMMENT = re.compile(r"/\*.*?\*/", re.S)
_AROUND = re.compile(r" ?([{};,>~]) ?")


def minify(css: str) -> str:
    """The same rules in fewer bytes. What stands in quotation marks is left alone, and so are spaces that may mean
    something: between selectors, around + and -, before a colon."""
    parts = _STRING.split(_COMMENT.sub("", css))
    return "".join(part if place % 2 else _squeeze(part) for place, part in enumerate(parts)).strip()


def _squeeze(css: str) -> str:
    css = _AROUND.sub(r"\1", re.sub(r"\s+", " ", css))
    return css.replace(": ", ":").replace(";}", "}")


class _MinifiesStyles:
    """A storage that writes our style sheets minified. They are minified before their hash is taken, and again (which
    changes nothing) when the copy named by it is written."""

    def _save(self, name: str, content: File) -> str:
        if name.endswith(".css") and OURS in name:
            content.seek(0)
            content = ContentFile(minify(content.read().decode()).encode())
        return super()._save(name, content)  # type: ignore[misc]


class StaticOnDisk(_MinifiesStyles, CompressedManifestStaticFilesStorage):
    pass


class StaticOnS3(_MinifiesStyles, S3ManifestStaticStorage):
    pass
