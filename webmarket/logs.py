"""Logging: every event, ours and the libraries', is one line on standard error."""

import logging
import re
import sys
from collections.abc import Mapping
from typing import Any

import structlog

# Quoted in messages of libraries: the e-mail that a mail server refuses, the path with an order's access token.
EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
KEY_IN_PATH = re.compile(r"(?<=/)(?=[^/\s?]*[A-Z_:])[A-Za-z0-9_:=-]{16,}(?=/|\s|\?|$)")
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


def redact_personal_data(_logger: Any, _method: str, event: dict[str, Any]) -> dict[str, Any]:
    """Replaces e-mails and access tokens in every text. Our own events have none; messages of libraries may."""
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
