"""Prospects, and the stages that a shop begins with."""

import apps.common.documents
import apps.common.fields
import apps.common.schema
import apps.prospects.models.attachment
import apps.prospects.models.upload
import django.db.models.deletion
import django.utils.timezone
import uuid
from django.conf import settings
from django.db import migrations, models

STAGES = [
    ("nouveau", "Nouveau", "New", "#5a665f", False, "OPEN", 3),
    ("contacte", "Contacté", "Contacted", "#2f6f8f", False, "OPEN", 7),
    ("qualifie", "Qualifié", "Qualified", "#6a5aa8", False, "OPEN", 14),
    ("proposition", "Proposition", "Proposal", "#a8641a", False, "OPEN", 14),
    ("gagne", "Gagné", "Won", "#256b4c", False, "WON", None),
    ("perdu", "Perdu", "Lost", "#b9381f", True, "LOST", None),
]


def add_stages(apps, schema_editor):
    Stage = apps.get_model("prospects", "Stage")
    for position, (code, french, english, colour, asks_reason, outcome, days) in enumerate(STAGES):
        Stage.objects.get_or_create(
            code=code,
            defaults={
                "name_fr": french,
                "name_en": english,
                "position": position,
                "colour": colour,
                "asks_reason": asks_reason,
                "outcome": outcome,
                "cold_after_days": days,
            },
        )


class Migration(migrations.Migration):

    replaces = [
        ('prospects', '0001_initial'),
        ('prospects', '0002_first_stages'),
        ('prospects', '0003_follow_up'),
        ('prospects', '0004_last_contacts'),
        ('prospects', '0005_board_columns'),
        ('prospects', '0006_cold_stages'),
        ('prospects', '0007_hide_stages'),
        ('prospects', '0008_count_by_index'),
        ('prospects', '0009_compare_exactly'),
        ('prospects', '0010_name_former_emails_and_survivors'),
    ]

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        apps.common.schema.CreateModels(
            operations=[
                migrations.CreateModel(
                    name='Stage',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('code', apps.common.fields.ExactSlugField(max_length=30, unique=True, verbose_name='code')),
                        ('name_fr', models.CharField(max_length=60, verbose_name='nom')),
                        ('name_en', models.CharField(blank=True, max_length=60, verbose_name='nom anglais')),
                        ('position', models.PositiveSmallIntegerField(default=0, verbose_name='ordre')),
                        ('colour', models.CharField(choices=[('#5a665f', 'ardoise'), ('#2f6f8f', 'mer'), ('#6a5aa8', 'prune'), ('#a8641a', 'miel'), ('#256b4c', 'feuille'), ('#1f563e', 'forêt'), ('#b9381f', 'tomate'), ('#a03a6b', 'rose')], default='#256b4c', max_length=7, verbose_name='couleur')),
                        ('wip_limit', models.PositiveIntegerField(blank=True, help_text='Au-delà, la colonne le signale et le tableau demande une confirmation avant d’y déplacer une carte. Vide\u202f: sans limite.', null=True, verbose_name='nombre de cartes conseillé')),
                        ('asks_reason', models.BooleanField(default=False, help_text='Le motif est gardé dans l’historique de la carte.', verbose_name='demande un motif')),
                        ('outcome', models.CharField(choices=[('OPEN', 'en cours'), ('WON', 'gagné'), ('LOST', 'perdu')], default='OPEN', max_length=4, verbose_name='issue')),
                        ('cold_after_days', models.PositiveSmallIntegerField(blank=True, help_text='Une carte restée plus longtemps dans la colonne est signalée comme froide. Vide\u202f: jamais.', null=True, verbose_name='froid après (jours)')),
                        ('is_hidden', models.BooleanField(db_default=False, default=False, help_text='Une colonne masquée quitte le tableau\u202f; l’historique des cartes continue de la nommer.', verbose_name='masquée')),
                    ],
                    options={
                        'verbose_name': 'étape',
                        'verbose_name_plural': 'étapes',
                        'ordering': ['position', 'pk'],
                    },
                ),
                migrations.CreateModel(
                    name='DigestChoice',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('is_wanted', models.BooleanField(default=True, verbose_name='recevoir le récapitulatif du matin')),
                        ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='prospect_digest', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'verbose_name': 'choix du récapitulatif',
                        'verbose_name_plural': 'choix du récapitulatif',
                    },
                ),
                migrations.CreateModel(
                    name='ProspectImport',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('file', apps.common.fields.ExactFileField(blank=True, max_length=120, storage=apps.common.documents.documents, upload_to=apps.prospects.models.upload.upload_path)),
                        ('name', models.CharField(max_length=160, verbose_name='nom du fichier')),
                        ('status', models.CharField(choices=[('PREVIEWED', 'à confirmer'), ('DONE', 'terminé')], default='PREVIEWED', max_length=10, verbose_name='état')),
                        ('report', models.JSONField(default=dict, verbose_name='bilan')),
                        ('created_at', models.DateTimeField(verbose_name='envoyé le')),
                        ('finished_at', models.DateTimeField(null=True, verbose_name='terminé le')),
                        ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='envoyé par')),
                    ],
                    options={
                        'verbose_name': 'import de prospects',
                        'verbose_name_plural': 'imports de prospects',
                        'ordering': ['-pk'],
                    },
                ),
                migrations.CreateModel(
                    name='FormerTeamEmail',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('key', apps.common.fields.ExactCharField(max_length=80, unique=True)),
                        ('subject', models.CharField(blank=True, max_length=200)),
                        ('text', models.TextField(blank=True)),
                        ('created_at', models.DateTimeField()),
                        ('claimed_at', models.DateTimeField(db_index=True, null=True)),
                        ('attempts', models.PositiveSmallIntegerField(default=0)),
                        ('sent_at', models.DateTimeField(null=True)),
                        ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'verbose_name': 'message à l’équipe',
                        'verbose_name_plural': 'messages à l’équipe',
                        'db_table': 'prospects_letter',
                    },
                ),
                migrations.CreateModel(
                    name='Prospect',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='créé le')),
                        ('updated_at', models.DateTimeField(auto_now=True, verbose_name='modifié le')),
                        ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        ('first_name', models.CharField(max_length=80, verbose_name='prénom')),
                        ('last_name', models.CharField(max_length=80, verbose_name='nom')),
                        ('email', apps.common.fields.CanonicalEmailField(max_length=254, verbose_name='adresse e-mail')),
                        ('email_key', apps.common.fields.ExactCharField(editable=False, max_length=254)),
                        ('phone', models.CharField(blank=True, max_length=30, verbose_name='téléphone')),
                        ('phone_key', apps.common.fields.ExactCharField(blank=True, editable=False, max_length=20)),
                        ('company', models.CharField(blank=True, max_length=120, verbose_name='société')),
                        ('message', models.TextField(blank=True, verbose_name='message')),
                        ('source', apps.common.fields.ExactCharField(blank=True, max_length=80, verbose_name='origine')),
                        ('verified', models.BooleanField(default=False, editable=False, verbose_name='vérifié')),
                        ('stage_since', models.DateTimeField(editable=False, verbose_name='dans l’étape depuis')),
                        ('rank', models.BigIntegerField(editable=False)),
                        ('next_action', models.CharField(blank=True, max_length=200, verbose_name='prochaine action')),
                        ('next_action_date', models.DateField(blank=True, null=True, verbose_name='date de la prochaine action')),
                        ('version', models.PositiveIntegerField(default=1, editable=False)),
                        ('consent_version', apps.common.fields.ExactCharField(blank=True, editable=False, max_length=20, verbose_name='texte accepté')),
                        ('consent_at', models.DateTimeField(editable=False, null=True, verbose_name='accepté le')),
                        ('consent_address', models.CharField(blank=True, editable=False, max_length=45, verbose_name='accepté depuis')),
                        ('deleted_at', models.DateTimeField(editable=False, null=True, verbose_name='supprimé le')),
                        ('request_key', apps.common.fields.ExactCharField(editable=False, max_length=64, null=True, unique=True)),
                        ('request_hash', apps.common.fields.ExactCharField(blank=True, db_column='request_digest', editable=False, max_length=64)),
                        ('assignee', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='prospects', to=settings.AUTH_USER_MODEL, verbose_name='suivi par')),
                        ('stage', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='prospects', to='prospects.stage', verbose_name='étape')),
                        ('anonymised_at', models.DateTimeField(editable=False, null=True, verbose_name='anonymisé le')),
                        ('assigned_at', models.DateTimeField(editable=False, null=True)),
                        ('customer', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='compte client')),
                        ('last_contact_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='dernier contact')),
                        ('merged_into', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='merged_cards', to='prospects.prospect')),
                        ('warned_at', models.DateTimeField(editable=False, null=True)),
                    ],
                    options={
                        'verbose_name': 'prospect',
                        'verbose_name_plural': 'prospects',
                        'indexes': [models.Index(fields=['deleted_at', 'created_at', 'id'], name='prospect_newest'), models.Index(fields=['stage', 'deleted_at', 'created_at', 'id'], name='prospect_stage_newest'), models.Index(fields=['stage', 'deleted_at', 'rank', 'id'], name='prospect_board'), models.Index(fields=['email'], name='prospect_email'), models.Index(fields=['email_key'], name='prospect_email_key'), models.Index(fields=['phone_key'], name='prospect_phone_key'), models.Index(fields=['deleted_at', 'last_contact_at', 'id'], name='prospect_retention'), models.Index(fields=['assignee', 'deleted_at', 'next_action_date', 'id'], name='prospect_due'), models.Index(fields=['deleted_at', 'source'], name='prospect_source'), models.Index(fields=['deleted_at', 'stage'], name='prospect_counts')],
                    },
                ),
                migrations.CreateModel(
                    name='ProspectEvent',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('kind', models.CharField(choices=[('CREATED', 'créé'), ('CHANGED', 'modifié'), ('MOVED', 'déplacé'), ('DELETED', 'supprimé'), ('RESTORED', 'rétabli'), ('NOTED', 'note'), ('FILED', 'fichier ajouté'), ('UNFILED', 'fichier supprimé'), ('MERGED', 'fusionné'), ('UNMERGED', 'fusion annulée'), ('CONVERTED', 'devenu client'), ('WARNED', 'fin de conservation annoncée'), ('ANONYMISED', 'anonymisé')], max_length=10, verbose_name='évènement')),
                        ('at', models.DateTimeField(verbose_name='le')),
                        ('by_name', models.CharField(blank=True, max_length=120, verbose_name='par')),
                        ('reason', models.CharField(blank=True, max_length=300, verbose_name='motif')),
                        ('changes', models.JSONField(default=dict, verbose_name='changements')),
                        ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='par')),
                        ('prospect', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='events', to='prospects.prospect')),
                        ('from_stage', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='prospects.stage')),
                        ('to_stage', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='prospects.stage')),
                    ],
                    options={
                        'verbose_name': 'évènement',
                        'verbose_name_plural': 'évènements',
                        'ordering': ['at', 'pk'],
                    },
                ),
                migrations.CreateModel(
                    name='Attachment',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('file', apps.common.fields.ExactFileField(max_length=120, storage=apps.common.documents.documents, upload_to=apps.prospects.models.attachment.attachment_path)),
                        ('name', models.CharField(max_length=160, verbose_name='nom')),
                        ('size', models.PositiveIntegerField(verbose_name='taille')),
                        ('content_type', models.CharField(max_length=80, verbose_name='type')),
                        ('created_at', models.DateTimeField(verbose_name='ajouté le')),
                        ('added_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('prospect', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='attachments', to='prospects.prospect')),
                    ],
                    options={
                        'verbose_name': 'fichier',
                        'verbose_name_plural': 'fichiers',
                        'ordering': ['-created_at', '-pk'],
                    },
                ),
                migrations.CreateModel(
                    name='Merge',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('at', models.DateTimeField(verbose_name='le')),
                        ('undone_at', models.DateTimeField(null=True)),
                        ('data', models.JSONField(default=dict)),
                        ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('gone', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='prospects.prospect')),
                        ('survivor', models.ForeignKey(db_column='kept_id', on_delete=django.db.models.deletion.CASCADE, related_name='merges', to='prospects.prospect')),
                    ],
                    options={
                        'verbose_name': 'fusion',
                        'verbose_name_plural': 'fusions',
                        'ordering': ['-at', '-pk'],
                    },
                ),
                migrations.CreateModel(
                    name='Note',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('author_name', models.CharField(max_length=120, verbose_name='par')),
                        ('text', models.TextField(max_length=5000, verbose_name='note')),
                        ('key', apps.common.fields.ExactCharField(max_length=64, unique=True)),
                        ('created_at', models.DateTimeField(verbose_name='le')),
                        ('author', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('prospect', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='notes', to='prospects.prospect')),
                    ],
                    options={
                        'verbose_name': 'note',
                        'verbose_name_plural': 'notes',
                        'ordering': ['-created_at', '-pk'],
                    },
                ),
            ],
        ),
        migrations.RunPython(add_stages, migrations.RunPython.noop),
    ]
