"""Logging: every event, ours and the libraries', is one line on standard error."""

import logging
import re
import sys
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import structlog

# The « @ » of an e-mail: as it is, in a URL (also encoded twice), in HTML, in JSON, full width.
AT = re.compile(r"@|\uff20|%(?:25)*40|&#0*64;|&#x0*40;|&commat;|\\u0040", re.IGNORECASE)
# Ends an e-mail on the left; quoted, its local part may hold anything.
BEFORE_EMAIL = set('<>()[],;:"\\@') | {"\uff20"}
QUOTED_LOCAL_PART = re.compile(r'\\"[^"\\\n]*\\"$|"(?:[^"\\\n]|\\.)*"$')
LONGEST_QUOTED = 300
# Any script, punycode, percent-encoded, or an IP in brackets.
_LABELS = r"""[^\s<>()\[\],;:"'@/?\#&|{}=\\]{1,300}"""
DOMAIN = re.compile(
    rf"\[[0-9A-Fa-f:.IPv]{{2,60}}\]|{_LABELS}(?:[.\u3002\uff0e\uff61]|%(?:25)*2E){_LABELS}", re.IGNORECASE
)
# Access tokens in paths: of an order, of a confirmed e-mail, of a password reset (3-cx2abc-<32 hexadecimal digits>);
# UUIDs, JSON Web Tokens. Names of Python's files in a traceback are none.
KEY_IN_PATH = re.compile(
    r"(?:(?<=/)|(?<=%2F))(?:"
    r"(?=[A-Za-z0-9:=%-]*[A-Z_:%])[A-Za-z0-9_:=%-]{16,}"
    r"|(?=(?:[a-z0-9]+-)*(?=[a-z]*[0-9])(?=[0-9]*[a-z])[a-z0-9]{20,})[a-z0-9-]{20,}"
    r"|[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}"
    r"|eyJ[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+){1,2}"
    r")(?![A-Za-z0-9_:=%~-]|\.\w)"
)
# Django's key of a password reset, wherever it stands.
RESET_KEY = re.compile(r"(?<![A-Za-z0-9-])(?:[0-9A-Za-z]{1,13}-)?[0-9a-z]{6,8}-[0-9a-f]{32}(?![0-9a-f])")
# What a header, a cookie or an object names as a secret. MySQL says of a login only whether it had a password.
NAMED_SECRET = re.compile(
    r"""(?<![A-Za-z0-9])("""
    r"""(?:[a-z]{1,20}[_-])?(?:sessionid|csrf[a-z]{0,20}|token|secret|password|passwd|api[_-]?key|signature|authorization)"""
    r"""\\?["']?\s?[:=]\s?(?:(?:bearer|basic|token)\s)?\\?["']?)(?!YES\b|NO\b)[^\s"'&;,)}\]\\]+""",
    re.IGNORECASE,
)
# A word of an e-mail's header that is not ASCII.
ENCODED_WORD = re.compile(r"=\?[\w-]{1,40}\?[bq]\?[^?\s]{0,400}\?=", re.IGNORECASE)
VALUE_IN_QUERY = re.compile(r"(?<=[?&])([\w.\[\]-]{1,100})=[^&\s\"'<>]+")
# As Django's development server writes a request.
REQUEST_LINE = re.compile(r"(?<=[A-Z] )/\S*(?= HTTP/)")
HIDDEN = "…"


def add_context(release: str) -> Any:
    """A processor that adds the release, the signed-in user's id and the trace's id."""

    def add(_logger: Any, _method: str, event: dict[str, Any]) -> dict[str, Any]:
        # Imported here: this module is loaded by the settings.
        from apps.common import tracing
        from apps.common.middleware import request_log

        event["release"] = release
        if (user_id := request_log.user_id()) is not None:
            event.setdefault("user_id", user_id)
        if trace_id := tracing.trace_id():
            event["trace_id"] = trace_id
        return event

    return add


def hide_typed_paths(_logger: Any, _method: str, event: dict[str, Any]) -> dict[str, Any]:
    """Of a path that Django logs (« Not Found: /… ») only words of our own URLs stay: visitors type names and telephone
    numbers there."""
    request = getattr(event.get("_record"), "request", None)
    path = getattr(request, "path", "")
    if path and isinstance(event.get("event"), str):
        event["event"] = event["event"].replace(path, masked(path))
    elif getattr(event.get("_record"), "name", "") == "django.server":
        event["event"] = REQUEST_LINE.sub(lambda found: masked(found[0].partition("?")[0]), str(event["event"]))
    return event


def masked(path: str) -> str:
    words = _words_of_urls()
    return "/".join(part if not part or part in words else HIDDEN for part in path.split("/"))


def _words_of_urls() -> frozenset[str]:
    from django.urls import get_urlconf

    try:
        return _words_of(get_urlconf())
    except Exception:  # Whatever an unfinished URLconf raises was logged already, and a line must not be lost for it.
        return frozenset()


@lru_cache(maxsize=4)
def _words_of(urlconf: Any) -> frozenset[str]:
    """Segments that URL patterns name themselves."""
    from django.conf import settings
    from django.urls import get_resolver
    from django.utils import translation

    languages = [code for code, _name in settings.LANGUAGES]
    words, resolvers = set(languages), [get_resolver(urlconf)]
    while resolvers:
        for each in resolvers.pop().url_patterns:
            for language in languages:
                with translation.override(language):
                    words |= _literal_segments(str(each.pattern))
            if hasattr(each, "url_patterns"):
                resolvers.append(each)
    return frozenset(words)


def _literal_segments(route: str) -> set[str]:
    literal = re.sub(r"<[^>]*>|\(\?P?[^)]*\)", "\0", route)
    return {part for part in re.split(r"[/^$]", literal) if part and "\0" not in part}


def redact_personal_data(_logger: Any, _method: str, event: dict[str, Any]) -> dict[str, Any]:
    """Replaces e-mails, access tokens and values of query strings in every text. Our own events have none; messages of
    libraries may."""
    return {key: _hidden(value) for key, value in event.items()}


def _hidden(value: Any) -> Any:
    if isinstance(value, str):
        text = VALUE_IN_QUERY.sub(rf"\1={HIDDEN}", _without_emails(ENCODED_WORD.sub(HIDDEN, value)))
        return NAMED_SECRET.sub(rf"\1{HIDDEN}", RESET_KEY.sub(HIDDEN, KEY_IN_PATH.sub(HIDDEN, text)))
    if isinstance(value, Mapping):
        return {_hidden(key): _hidden(each) for key, each in value.items()}
    if isinstance(value, list | tuple | set):
        return [_hidden(each) for each in value]
    return value if value is None or isinstance(value, bool | int | float) else _hidden(str(value))


def _without_emails(text: str) -> str:
    """One pass, from « @ » to « @ »: a long text takes no longer than its length."""
    parts, done = [], 0
    for at in AT.finditer(text):
        domain = DOMAIN.match(text, at.end())
        if at.start() < done or not domain:
            continue
        start = _start_of_email(text, done, at.start())
        if start < at.start():
            parts += [text[done:start], HIDDEN]
            done = domain.end()
    return "".join(parts) + text[done:] if parts else text


def _start_of_email(text: str, first: int, at: int) -> int:
    if text[at - 1 : at] == '"':
        nearest = max(first, at - LONGEST_QUOTED)
        quoted = QUOTED_LOCAL_PART.search(text[nearest:at])
        return nearest + quoted.start() if quoted else at
    start = at
    while start > first and not text[start - 1].isspace() and text[start - 1] not in BEFORE_EMAIL:
        start -= 1
    return start


def configure(*, readable: bool, level: str, release: str = "development") -> dict[str, Any]:
    """Set structlog up and return Django's LOGGING: coloured text when `readable`, JSON lines otherwise."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="%H:%M:%S" if readable else "iso", utc=not readable),
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    renderers: list[Any] = (
        # Without local variables in tracebacks: they may contain e-mails and card tokens.
        [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())]
        if readable
        else [structlog.processors.JSONRenderer(ensure_ascii=False)]
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "event": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": shared,
                "processors": [
                    hide_typed_paths,
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    add_context(release),
                    structlog.processors.format_exc_info,
                    redact_personal_data,
                    *renderers,
                ],
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "event"}},
        "root": {"handlers": ["stderr"], "level": level},
        # Django's own handlers would log events twice or, with DEBUG off, not at all.
        "loggers": {
            "django": {"handlers": [], "level": level, "propagate": True},
            "django.server": {"handlers": [], "level": level, "propagate": True},
            # Requests with a wrong Host are the clients' errors.
            "django.security.DisallowedHost": {"level": "CRITICAL"},
            "axes": {"level": "WARNING"},
            # It logs whole URLs with their query strings.
            "httpx": {"level": "WARNING"},
            # At DEBUG they log whole requests, statements with parameters and tasks with arguments.
            **{name: {"level": _at_least("INFO", level)} for name in ("django.db.backends", "celery", "kombu")},
            # At INFO it logs what Stripe says of a refusal, which may repeat what the customer typed.
            "stripe": {"level": _at_least("WARNING", level)},
            # At INFO each client logs where it found its credentials.
            **{name: {"level": _at_least("WARNING", level)} for name in ("botocore", "boto3", "s3transfer", "urllib3")},
            # It warns that the embedded broker (a folder) has no host.
            "kombu.connection": {"level": "ERROR"},
        },
    }


def _at_least(least: str, level: str) -> str:
    """The stricter of two levels: a logger's own level overrides the root's."""
    levels = logging.getLevelNamesMapping()
    return max(least, level.upper(), key=lambda name: levels[name])
