"""Cache, outbox, counts and used tokens."""

import apps.common.fields
import apps.common.schema
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [
        ('common', '0001_cache_entry'),
        ('common', '0002_compare_exactly'),
        ('common', '0003_counts_and_used_tokens'),
        ('common', '0004_outbox'),
        ('common', '0005_name_hash_of_a_token'),
    ]

    initial = True

    dependencies = [
    ]

    operations = [
        apps.common.schema.CreateModels(
            operations=[
                migrations.CreateModel(
                    name='CacheEntry',
                    fields=[
                        ('cache_key', apps.common.fields.ExactCharField(max_length=255, primary_key=True, serialize=False)),
                        ('value', models.TextField()),
                        ('expires', models.DateTimeField(db_index=True)),
                    ],
                    options={
                        'db_table': 'common_cache',
                    },
                ),
                migrations.CreateModel(
                    name='Attempts',
                    fields=[
                        ('key', apps.common.fields.ExactCharField(max_length=100, primary_key=True, serialize=False)),
                        ('marks', models.TextField()),
                        ('version', models.PositiveIntegerField(default=1)),
                        ('expires_at', models.DateTimeField(db_index=True)),
                    ],
                ),
                migrations.CreateModel(
                    name='Rate',
                    fields=[
                        ('who', apps.common.fields.ExactCharField(max_length=64, primary_key=True, serialize=False)),
                        ('free_at', models.BigIntegerField()),
                    ],
                ),
                migrations.CreateModel(
                    name='UsedToken',
                    fields=[
                        ('token_hash', apps.common.fields.ExactCharField(db_column='digest', max_length=64, primary_key=True, serialize=False)),
                        ('used_by', apps.common.fields.ExactCharField(max_length=64)),
                        ('expires_at', models.DateTimeField(db_index=True)),
                    ],
                ),
                migrations.CreateModel(
                    name='OutboxEmail',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('key', apps.common.fields.ExactCharField(max_length=150, unique=True)),
                        ('kind', apps.common.fields.ExactCharField(max_length=40, verbose_name='message')),
                        ('object_id', models.BigIntegerField()),
                        ('occasion', apps.common.fields.ExactCharField(blank=True, max_length=60)),
                        ('language', models.CharField(max_length=5, verbose_name='langue')),
                        ('status', models.CharField(choices=[('OWED', 'à envoyer'), ('SENDING', 'en cours d’envoi'), ('HANDED', 'remis, sans réponse'), ('SENT', 'envoyé'), ('FAILED', 'échec')], default='OWED', max_length=8, verbose_name='état')),
                        ('attempts', models.PositiveSmallIntegerField(default=0, verbose_name='essais')),
                        ('claimed_at', models.DateTimeField(blank=True, null=True)),
                        ('sent_at', models.DateTimeField(blank=True, null=True, verbose_name='envoyé le')),
                        ('created_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='créé le')),
                    ],
                    options={
                        'verbose_name': 'e-mail',
                        'verbose_name_plural': 'e-mails',
                        'indexes': [models.Index(fields=['status', 'created_at'], name='outbox_due'), models.Index(fields=['object_id', 'kind'], name='outbox_about')],
                    },
                ),
            ],
        ),
    ]
