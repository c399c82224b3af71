"""`manage.py <operation>`: options as arguments, output on the terminal, the outcome as an exit code."""

import json
import sys
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from typing import Any

import structlog
from django import forms
from django.core.management.base import BaseCommand
from django.utils import timezone

from apps.operations.errors import AlreadyRunning, BadOptions
from apps.operations.models import OperationRun
from apps.operations.operations import OPERATIONS
from apps.operations.runs.broken import explained
from apps.operations.runs.definition import Options
from apps.operations.runs.run import INTERRUPTED, Starter, run_operation, unexpected_message

logger = structlog.get_logger(__name__)

EXIT = {
    OperationRun.State.SUCCEEDED: 0,
    OperationRun.State.FAILED: 1,
    OperationRun.State.OUT_OF_TIME: 4,
    OperationRun.State.ABANDONED: 5,
}
BAD_OPTIONS, BUSY = 2, 3
CODES = """codes de sortie :
  0  fait                              3  une autre exécution est en cours
  1  échec, ou constats trop graves    4  arrêtée par son temps limite
  2  options refusées                  5  tenue pour perdue, une autre a pris sa place
  130, 143  interrompue par Ctrl-C, par SIGTERM
"""


class OperationCommand(BaseCommand):
    """Subclasses give `operation`, the name of a registered one, and `help`."""

    operation = ""
    # Command lines to copy.
    examples: tuple[str, ...] = ()
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.formatter_class = RawDescriptionHelpFormatter
        examples = "".join(f"  manage.py {self.operation} {each}\n" for each in self.examples)
        parser.epilog = f"exemples :\n{examples}\n{CODES}" if examples else CODES
        asked = OPERATIONS[self.operation].options
        for name, field in asked.base_fields.items():
            _add_argument(parser, asked, name, field)
        parser.add_argument("--dry-run", action="store_true", help="dit ce qui serait fait, sans rien changer")
        parser.add_argument("--json", action="store_true", help="écrit le résultat en JSON, et le reste sur stderr")

    def handle(self, *args: Any, **options: Any) -> None:
        operation = OPERATIONS[self.operation]
        screen = Terminal(self.stderr if options["json"] else self.stdout)
        given = {name: options[name] for name in operation.options.base_fields if options.get(name) is not None}
        try:
            run = run_operation(
                operation=operation,
                options=given,
                starter=Starter(OperationRun.Source.TERMINAL),
                now=timezone.now(),
                is_dry_run=options["dry_run"],
                screen=screen,
            )
        except (BadOptions, AlreadyRunning) as error:
            screen.clear()
            if options["json"]:
                refused = {"operation": operation.name, "code": error.code, "message": error.message}
                self.stdout.write(json.dumps(refused, ensure_ascii=False))
            else:
                self.stderr.write(self.style.ERROR(error.message))
            sys.exit(BUSY if isinstance(error, AlreadyRunning) else BAD_OPTIONS)
        except Exception as error:
            screen.clear()
            self._say_what_broke(error, as_json=options["json"])
            sys.exit(1)
        screen.clear()
        if options["json"]:
            self.stdout.write(json.dumps(described(run), ensure_ascii=False, indent=2))
        elif run.state == OperationRun.State.SUCCEEDED:
            self.stdout.write(self.style.SUCCESS(run.message))
        else:
            self.stderr.write(self.style.ERROR(run.message))
        if run.result.get("code") == INTERRUPTED:
            # A shell's exit code for a program that a signal ended.
            sys.exit(128 + run.result["signal"])
        if code := EXIT[OperationRun.State(run.state)]:
            sys.exit(code)

    def _say_what_broke(self, error: Exception, *, as_json: bool) -> None:
        """One sentence; the traceback is in the log."""
        refusal = explained(error)
        if not refusal:
            logger.error("operation_broke", operation=self.operation, exc_info=error)
        message, code = (refusal.message, refusal.code) if refusal else (unexpected_message(error), "unexpected_error")
        if as_json:
            broke = {"operation": self.operation, "code": code, "message": message}
            self.stdout.write(json.dumps(broke, ensure_ascii=False))
        else:
            self.stderr.write(self.style.ERROR(message))


def described(run: OperationRun) -> dict[str, Any]:
    return {
        "operation": run.operation,
        "run": run.pk,
        "state": run.state,
        "message": run.message,
        "dry_run": run.is_dry_run,
        "options": run.options,
        "started_at": run.started_at.isoformat(),
        "seconds": round((run.finished_at - run.started_at).total_seconds(), 3) if run.finished_at else None,
        "links": run.links,
        "result": run.result,
    }


class Terminal:
    """Prints lines, and one line of progress that the next replaces on a terminal."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._shows_progress = False

    def line(self, text: str) -> None:
        self.clear()
        self._stream.write(text, lambda line: line)

    def progress(self, text: str) -> None:
        if self._stream.isatty():
            self._stream.write(f"\r\x1b[K{text}", lambda line: line, ending="")
            self._stream.flush()
            self._shows_progress = True

    def clear(self) -> None:
        if self._shows_progress:
            self._stream.write("\r\x1b[K", lambda line: line, ending="")
            self._shows_progress = False


def _add_argument(parser: ArgumentParser, options: type[Options], name: str, field: forms.Field) -> None:
    text = str(field.help_text or "").replace("%", "%%")
    if isinstance(field, forms.BooleanField):
        parser.add_argument(_flag(name), action="store_true", help=text)
        return
    if field.initial not in (None, ""):
        text = f"{text} ({field.initial})".strip()
    shape: dict[str, Any] = {"help": text}
    if isinstance(field, forms.ChoiceField):
        shape["choices"] = [str(value) for value, _label in list(field.choices) if value]  # type: ignore[arg-type]
    else:
        shape["metavar"] = name.upper()
    if name in options.positional:
        parser.add_argument(name, **shape)
    else:
        parser.add_argument(_flag(name), required=field.required and field.initial is None, **shape)


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"
