"""A terminal in which commands stop at their n-th line until a proof has acted on them: for test_interrupted.

python -m webmarket.tests.proofs.interrupted FOLDER         reads lines of JSON: arguments, at
python -m webmarket.tests.proofs.interrupted FOLDER fill    a month of documents that is closed, and pictures

The shop's own files are in FOLDER/disk.

Each command is a process of its own, forked from one that has imported the shop already: a start takes seconds. Its
output is FOLDER/output, its exit code FOLDER/code. At its line `at` it writes its number to FOLDER/paused, and goes on
once FOLDER/go is there.
"""

import json
import os
import signal
import sys
import time
from contextlib import suppress
from io import TextIOBase
from pathlib import Path

import django
from django.conf import settings
from environ import Env

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webmarket.settings")

from webmarket import files

FOLDER = Path(sys.argv[1])
# Before models ask for their storage.
settings.MEDIA_ROOT = FOLDER / "disk" / "media"
settings.STORAGES = files.storages(Env(), bucket="", region="", var_dir=FOLDER / "disk")
django.setup()

from django.core.files.base import ContentFile  # noqa: E402
from django.core.files.storage import default_storage  # noqa: E402
from django.core.management import execute_from_command_line  # noqa: E402


class Paper(TextIOBase):
    """What a terminal shows, with its progress. The n-th line waits."""

    def __init__(self, folder: Path, at: int) -> None:
        self.folder, self.at, self.lines = folder, at, 0

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> int:
        visible = text.replace("\r", "").replace("\x1b[K", "").strip()
        if visible:
            with (self.folder / "output").open("a") as file:
                file.write(f"{visible}\n")
            self.lines += 1
            if self.lines == self.at:
                self.wait()
        return len(text)

    def wait(self) -> None:
        (self.folder / "paused").write_text(str(os.getpid()))
        while not (self.folder / "go").exists():
            time.sleep(0.01)


def run(folder: Path, case: dict) -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.stdout = sys.stderr = Paper(folder, case["at"])  # type: ignore[assignment]
    code = 1
    try:
        execute_from_command_line(["manage.py", *case["arguments"]])
        code = 0
    except SystemExit as ended:
        code = int(ended.code or 0)
    finally:
        (folder / "code").write_text(str(code))
        os._exit(code)


def fill() -> None:
    from apps.catalogue.models import Product, ProductImage
    from apps.invoicing.tests.factories import closed_october

    closed_october()
    product = Product.objects.earliest("pk")
    for number in range(12):
        name = default_storage.save(f"products/{product.pk}/{number}.webp", ContentFile(bytes(20_000)))
        ProductImage.objects.create(product=product, file=name, width=9, height=9)


def main() -> None:
    folder = FOLDER
    if sys.argv[2:] == ["fill"]:
        fill()
        return
    for line in sys.stdin:
        for name in ("output", "paused", "go", "code"):
            (folder / name).unlink(missing_ok=True)
        (folder / "output").touch()
        pid = os.fork()
        if pid == 0:
            run(folder, json.loads(line))
        with suppress(ChildProcessError):
            _pid, status = os.waitpid(pid, 0)
            sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
