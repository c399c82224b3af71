from django.core.files.storage import default_storage
from django.db import migrations, models

import apps.catalogue.models.catalogue_import
from apps.common.documents import documents


def move_files(apps, _schema_editor):
    """From among the pictures, under the same names. A file that is gone, or was moved already, is passed over."""
    for received in apps.get_model("catalogue", "CatalogueImport").objects.only("file", "rejects").iterator():
        for name in filter(None, (received.file.name, received.rejects.name)):
            if default_storage.exists(name):
                with default_storage.open(name) as file:
                    documents().delete(name)
                    documents().save(name, file)
                default_storage.delete(name)


class Migration(migrations.Migration):
    dependencies = [("catalogue", "0010_images_that_await_renditions")]

    operations = [
        migrations.AlterField(
            "catalogueimport",
            "file",
            models.FileField(
                max_length=255,
                storage=documents,
                upload_to=apps.catalogue.models.catalogue_import.import_path,
                verbose_name="fichier",
            ),
        ),
        migrations.AlterField(
            "catalogueimport",
            "rejects",
            models.FileField(
                blank=True,
                max_length=255,
                storage=documents,
                upload_to=apps.catalogue.models.catalogue_import.import_path,
                verbose_name="lignes refusées",
            ),
        ),
        migrations.RunPython(move_files, migrations.RunPython.noop, elidable=True),
    ]
