"""`manage.py <operation>`: options as arguments, output on the terminal, the outcome as an exit code."""

import json
import re
import sys
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from typing import Any, NoReturn

import structlog
from django import forms
from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

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
    _asks_json = False

    def run_from_argv(self, argv: list[str]) -> None:
        self._asks_json = "--json" in argv
        super().run_from_argv(argv)

    def create_parser(self, prog_name: str, subcommand: str, **options: Any) -> CommandParser:
        parser = super().create_parser(prog_name, subcommand, **options)
        if parser.called_from_command_line:
            parser.error = self._refuse_arguments  # type: ignore[method-assign]
        return parser

    def _refuse_arguments(self, message: str) -> NoReturn:
        """As refused options of the form are: without the page of usage, and as JSON where that was asked for."""
        self._refuse(BadOptions(_sentence_of(message, self.operation)), as_json=self._asks_json)

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
            self._refuse(error, as_json=options["json"])
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

    def _refuse(self, error: BadOptions | AlreadyRunning, *, as_json: bool) -> NoReturn:
        if as_json:
            refused = {"operation": self.operation, "code": error.code, "message": error.message}
            self.stdout.write(json.dumps(refused, ensure_ascii=False))
        else:
            self.stderr.write(self.style.ERROR(error.message))
        sys.exit(BUSY if isinstance(error, AlreadyRunning) else BAD_OPTIONS)

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
        # The form refuses others, in a sentence.
        values = [str(value) for value, _text in list(field.choices) if value]  # type: ignore[arg-type]
        shape["metavar"] = f"{{{','.join(values)}}}"
    else:
        shape["metavar"] = name.upper()
    if name in options.positional:
        parser.add_argument(name, **shape)
    else:
        parser.add_argument(_flag(name), required=field.required and field.initial is None, **shape)


def _sentence_of(message: str, operation: str) -> str:
    """Of argparse's English."""
    sentences = (
        (r"unrecognized arguments: (.+)", _("Option inconnue : %(what)s.")),
        (r"the following arguments are required: (.+)", _("Il manque %(what)s.")),
        (r"argument (\S+): expected .*", _("%(what)s attend une valeur.")),
        (r"argument (\S+): ignored explicit argument .*", _("%(what)s n’attend pas de valeur.")),
        (r"ambiguous option: (\S+) .*", _("%(what)s peut vouloir dire plusieurs options.")),
    )
    found = ((re.fullmatch(pattern, message), text) for pattern, text in sentences)
    what = next((text % {"what": match[1]} for match, text in found if match), f"{message}.")
    return f"{what} " + _("« manage.py %(operation)s --help » montre ce qui se demande.") % {"operation": operation}


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"
