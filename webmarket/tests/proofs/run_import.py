"""The worker of a proof: works on one import of a catalogue, as the tasks do.

python -m webmarket.tests.proofs.run_import receive FILE    prints the number of an import that is confirmed
python -m webmarket.tests.proofs.run_import work ID         goes on with it, whatever it was at

It takes over at once from a worker that was killed, as the sweep does after three minutes.
"""

import os
import sys
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webmarket.settings")
django.setup()

from django.core.files.uploadedfile import SimpleUploadedFile  # noqa: E402
from django.utils import timezone  # noqa: E402

from apps.imports.models import ImportJob  # noqa: E402
from apps.imports.services import catalogue_imports, undo  # noqa: E402
from apps.imports.tests.received import owner  # noqa: E402


def receive(path: Path) -> None:
    now = timezone.now()
    file = SimpleUploadedFile(path.name, path.read_bytes())
    its = catalogue_imports.receive_import(file=file, format_="auto", vat_class="STANDARD", author=None, now=now)
    catalogue_imports.preview_import(import_id=its.pk, now=now)
    catalogue_imports.confirm_import(received=its, by=owner(), now=now)
    sys.stdout.write(str(its.pk))


def work(import_id: int) -> None:
    now = timezone.now()
    sys.stdout.write("working\n")
    sys.stdout.flush()
    ImportJob.objects.filter(received=import_id).update(beat_at=None)
    catalogue_imports.apply_import(import_id=import_id, now=now)
    undo.undo_import(import_id=import_id, now=now)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["receive", path]:
            receive(Path(path))
        case ["work", number]:
            work(int(number))
