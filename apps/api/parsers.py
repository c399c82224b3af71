import codecs
import json
from typing import Any

from django.conf import settings
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

from apps.api.errors import TooLarge


class BoundedJSONParser(BaseParser):
    """One JSON object of at most API_MAX_BODY_BYTES, in UTF-8, without NUL, NaN or duplicate names.

    The limit holds for a body without Content-Length too. Raises TooLarge, ParseError.
    """

    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: dict | None = None) -> dict[str, Any]:
        limit = settings.API_MAX_BODY_BYTES
        raw = stream.read(limit + 1)
        if len(raw) > limit:
            raise TooLarge
        if raw.count(b"[") + raw.count(b"{") > 1000 or b"\\u0000" in raw or b"\x00" in raw:
            raise ParseError
        try:
            # Lone surrogates (« \ud800 ») are no text: no database stores them.
            value = json.loads(codecs.decode(raw, "utf-8"), parse_constant=_refuse, object_pairs_hook=_once)
            json.dumps(value, ensure_ascii=False).encode()
        except (ValueError, RecursionError) as error:
            raise ParseError from error
        if not isinstance(value, dict):
            raise ParseError
        return value


def _refuse(constant: str) -> None:
    raise ValueError(constant)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("name given twice")
    return found
