"""URLs of pictures."""

import html
import re

from django.utils.translation import gettext as _

from apps.common.tabular.errors import Refusal

_FILE = re.compile(r"[^<>\"]{1,200}\.(?:jpe?g|png|webp|gif|avif)", re.I)


def image_urls(raw: str) -> list[str]:
    """The addresses in a cell, which commas, semicolons, bars, spaces or line ends separate."""
    return [part for part in re.split(r"[\s,;|]+(?=https?://)", raw.strip(), flags=re.I) if part]


def image_names(raw: str) -> list[str]:
    """The names of files in a cell, for pictures that come in an archive; nothing where it holds anything else."""
    if "://" in raw:
        return []
    names = [name.strip().replace("\\", "/").removeprefix("./") for name in re.split(r"[,;|\n]+", raw) if name.strip()]
    return names if all(_FILE.fullmatch(name) for name in names) else []


def image_url(raw: str) -> str:
    """A URL that a picture can be fetched from. The product sells without it, so the caller warns and goes on."""
    url = html.unescape(raw.strip())
    if len(url) > 500:
        raise Refusal(_("adresse d’image trop longue : %(length)s caractères, 500 au plus") % {"length": len(url)})
    if url and (not re.match(r"https?://[^\s/]+/?", url, re.I) or re.search(r"[\s<>\"\\]", url)):
        raise Refusal(_("adresse d’image refusée : « %(url)s »") % {"url": url[:80]})
    return url
