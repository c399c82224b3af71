"""Keys and kept responses."""

import apps.common.fields
import apps.common.schema
import django.db.models.deletion
import django.utils.timezone
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [
        ('api', '0001_initial'),
        ('api', '0002_compare_exactly'),
        ('api', '0003_kept_answers'),
        ('api', '0004_name_hashes_and_responses'),
    ]

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        apps.common.schema.CreateModels(
            operations=[
                migrations.CreateModel(
                    name='ApiKey',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='créé le')),
                        ('updated_at', models.DateTimeField(auto_now=True, verbose_name='modifié le')),
                        ('name', models.CharField(max_length=80, verbose_name='nom')),
                        ('secret_hash', apps.common.fields.ExactCharField(db_column='digest', editable=False, max_length=64, unique=True)),
                        ('hint', models.CharField(editable=False, max_length=12, verbose_name='début')),
                        ('scopes', models.JSONField(default=list, verbose_name='droits')),
                        ('last_used_at', models.DateTimeField(editable=False, null=True, verbose_name='dernier usage')),
                        ('revoked_at', models.DateTimeField(editable=False, null=True, verbose_name='révoquée le')),
                        ('created_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, to=settings.AUTH_USER_MODEL, verbose_name='créée par')),
                    ],
                    options={
                        'verbose_name': 'clé d’API',
                        'verbose_name_plural': 'clés d’API',
                    },
                ),
                migrations.CreateModel(
                    name='ApiSession',
                    fields=[
                        ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ('stamp', apps.common.fields.ExactCharField(max_length=64)),
                        ('refresh_id', apps.common.fields.ExactCharField(max_length=64)),
                        ('created_at', models.DateTimeField()),
                        ('expires_at', models.DateTimeField(db_index=True)),
                        ('revoked_at', models.DateTimeField(null=True)),
                        ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='api_sessions', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'verbose_name': 'connexion par l’API',
                        'verbose_name_plural': 'connexions par l’API',
                    },
                ),
                migrations.CreateModel(
                    name='StoredResponse',
                    fields=[
                        ('key', apps.common.fields.ExactCharField(max_length=64, primary_key=True, serialize=False)),
                        ('request_hash', apps.common.fields.ExactCharField(db_column='digest', max_length=64)),
                        ('holder', apps.common.fields.ExactCharField(max_length=32)),
                        ('held_until', models.DateTimeField()),
                        ('facts', models.JSONField(null=True)),
                        ('created_at', models.DateTimeField(db_index=True)),
                    ],
                    options={
                        'db_table': 'api_keptanswer',
                    },
                ),
            ],
        ),
    ]
