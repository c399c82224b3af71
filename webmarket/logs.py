"""Every line the shop logs, ours and the libraries', leaves as one event on standard error."""

import logging
import re
import sys
from collections.abc import Mapping
from typing import Any

import structlog

# What libraries quote in their messages: a mail server the address it refuses, Django the path with an order's key.
EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
KEY_IN_PATH = re.compile(r"(?<=/)(?=[^/\s?]*[A-Z_:])[A-Za-z0-9_:=-]{16,}(?=/|\s|\?|$)")
HIDDEN = "…"


def add_context(release: str) -> Any:
    """A processor that adds who asked, in which trace, to which release."""

    def add(_logger: Any, _method: str, event: dict[str, Any]) -> dict[str, Any]:
        # Loaded late: settings are being read while this module is.
        from apps.common import tracing
        from apps.common.middleware import request_log

        event["release"] = release
        if (user_id := request_log.user_id()) is not None:
            event.setdefault("user_id", user_id)
        if trace_id := tracing.trace_id():
            event["trace_id"] = trace_id
        return event

    return add


def redact_personal_data(_logger: Any, _method: str, event: dict[str, Any]) -> dict[str, Any]:
    """Takes addresses and keys out of every text. Our own events hold none; this is for what libraries quote."""
    return {key: _hidden(value) for key, value in event.items()}


def _hidden(value: Any) -> Any:
    if isinstance(value, str):
        return KEY_IN_PATH.sub(HIDDEN, EMAIL.sub(HIDDEN, value))
    if isinstance(value, Mapping):
        return {_hidden(key): _hidden(each) for key, each in value.items()}
    if isinstance(value, list | tuple | set):
        return [_hidden(each) for each in value]
    return value if value is None or isinstance(value, bool | int | float) else _hidden(str(value))


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
    drawing: list[Any] = (
        # Locals stay out of tracebacks: they may hold addresses and card tokens.
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
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    add_context(release),
                    structlog.processors.format_exc_info,
                    redact_personal_data,
                    *drawing,
                ],
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "event"}},
        "root": {"handlers": ["stderr"], "level": level},
        # Django's own handlers would repeat or, with DEBUG off, swallow what reaches the root.
        "loggers": {
            "django": {"handlers": [], "level": level, "propagate": True},
            "django.server": {"handlers": [], "level": level, "propagate": True},
            # Strangers' malformed requests are not the shop's errors.
            "django.security.DisallowedHost": {"level": "CRITICAL"},
            "axes": {"level": "WARNING"},
            # It would write whole addresses, with what they ask for.
            "httpx": {"level": "WARNING"},
            # Whole requests, statements with their parameters and tasks with their arguments at DEBUG: never wanted.
            **{name: {"level": _at_least("INFO", level)} for name in ("django.db.backends", "celery", "kombu")},
            # At INFO, where each client found its credentials.
            **{name: {"level": _at_least("WARNING", level)} for name in ("botocore", "boto3", "s3transfer", "urllib3")},
            # The embedded broker is a folder and has no host to name.
            "kombu.connection": {"level": "ERROR"},
        },
    }


def _at_least(least: str, level: str) -> str:
    """A logger's own level is what counts, whatever the root's: it may be stricter, and not more talkative."""
    levels = logging.getLevelNamesMapping()
    return max(least, level.upper(), key=lambda name: levels[name])
