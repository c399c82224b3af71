"""What imports wrote, and old paths."""

import apps.common.documents
import apps.common.fields
import apps.common.schema
import apps.imports.models
import django.core.serializers.json
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [
        ('imports', '0001_initial'),
        ('imports', '0002_history_and_old_paths'),
    ]

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ('catalogue', '0021_columns_of_imports'),
    ]

    operations = [
        apps.common.schema.CreateModels(
            operations=[
                migrations.CreateModel(
                    name='ImportJob',
                    fields=[
                        ('received', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='job', serialize=False, to='catalogue.catalogueimport')),
                        ('worker', apps.common.fields.ExactCharField(blank=True, max_length=32)),
                        ('beat_at', models.DateTimeField(null=True)),
                        ('attempts', models.PositiveSmallIntegerField(default=0)),
                    ],
                    options={
                        'verbose_name': 'travail d’un import',
                        'verbose_name_plural': 'travaux d’imports',
                    },
                ),
                migrations.CreateModel(
                    name='ColumnMapping',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name', apps.common.fields.ExactCharField(max_length=80, unique=True, verbose_name='fournisseur')),
                        ('reading', models.JSONField(default=dict, verbose_name='lecture')),
                        ('updated_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='modifié le')),
                        ('updated_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='par')),
                    ],
                    options={
                        'verbose_name': 'lecture de colonnes',
                        'verbose_name_plural': 'lectures de colonnes',
                        'ordering': ['name'],
                    },
                ),
                migrations.CreateModel(
                    name='ImportedProduct',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('line', models.PositiveIntegerField(default=0, verbose_name='ligne')),
                        ('code', apps.common.fields.ExactCharField(blank=True, max_length=80, verbose_name='code')),
                        ('name', models.CharField(blank=True, max_length=200, verbose_name='nom')),
                        ('outcome', models.CharField(choices=[('NEW', 'nouveau'), ('CHANGED', 'modifié'), ('UNCHANGED', 'inchangé'), ('REFUSED', 'refusé')], max_length=10, verbose_name='effet')),
                        ('attention', models.CharField(blank=True, choices=[('', 'rien de particulier'), ('PRICE', 'prix changé de plus de 30 %'), ('SOLD_OUT', 'épuisé après l’import'), ('PUBLISHED', 'brouillon mis en vente'), ('DOUBTFUL', 'lecture douteuse'), ('ABSENT', 'absent du fichier')], default='', max_length=10, verbose_name='à regarder')),
                        ('details', models.JSONField(default=list, verbose_name='détail')),
                        ('is_written', models.BooleanField(default=False, verbose_name='écrit')),
                        ('product_id', models.PositiveBigIntegerField(null=True)),
                        ('undo', models.JSONField(encoder=django.core.serializers.json.DjangoJSONEncoder, null=True)),
                        ('undone_at', models.DateTimeField(null=True, verbose_name='annulé le')),
                        ('left', models.JSONField(default=list, verbose_name='non annulé')),
                        ('received', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='products', to='catalogue.catalogueimport')),
                    ],
                    options={
                        'verbose_name': 'produit d’un import',
                        'verbose_name_plural': 'produits d’un import',
                        'ordering': ['pk'],
                        'indexes': [models.Index(fields=['received', 'outcome'], name='imported_by_outcome'), models.Index(fields=['received', 'attention'], name='imported_by_attention'), models.Index(fields=['product_id'], name='imported_by_product')],
                    },
                ),
                migrations.CreateModel(
                    name='HistoryImport',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('file', apps.common.fields.ExactFileField(blank=True, max_length=120, storage=apps.common.documents.documents, upload_to=apps.imports.models.history_path, verbose_name='fichier')),
                        ('rejects', apps.common.fields.ExactFileField(blank=True, max_length=120, storage=apps.common.documents.documents, upload_to=apps.imports.models.history_path, verbose_name='lignes refusées')),
                        ('name', models.CharField(max_length=160, verbose_name='nom du fichier')),
                        ('kind', models.CharField(blank=True, choices=[('CUSTOMERS', 'clients'), ('ORDERS', 'commandes')], max_length=10, verbose_name='contenu')),
                        ('source', apps.common.fields.ExactCharField(blank=True, help_text='Son nom, si vous en reprenez plusieurs\u202f; sinon celui du logiciel qui a écrit le fichier.', max_length=60, verbose_name='ancienne boutique')),
                        ('status', models.CharField(choices=[('RECEIVED', 'aperçu en cours'), ('PREVIEWED', 'à confirmer'), ('CONFIRMED', 'import en cours'), ('DONE', 'terminé'), ('UNDOING', 'annulation en cours'), ('UNDONE', 'annulé'), ('REFUSED', 'fichier refusé')], default='RECEIVED', max_length=10, verbose_name='état')),
                        ('progress', models.PositiveIntegerField(default=0, verbose_name='ligne atteinte')),
                        ('report', models.JSONField(default=dict, verbose_name='bilan')),
                        ('problem', models.CharField(blank=True, max_length=500, verbose_name='problème')),
                        ('created_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='envoyé le')),
                        ('beat_at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('attempts', models.PositiveSmallIntegerField(default=0)),
                        ('finished_at', models.DateTimeField(null=True, verbose_name='terminé le')),
                        ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='envoyé par')),
                    ],
                    options={
                        'verbose_name': 'import d’historique',
                        'verbose_name_plural': 'imports d’historique',
                        'ordering': ['-pk'],
                    },
                ),
                migrations.CreateModel(
                    name='ShopExport',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('status', models.CharField(choices=[('WAITING', 'en attente'), ('RUNNING', 'en cours'), ('DONE', 'prêt'), ('FAILED', 'échec'), ('EXPIRED', 'supprimé')], default='WAITING', max_length=8, verbose_name='état')),
                        ('file', apps.common.fields.ExactFileField(blank=True, max_length=120, storage=apps.common.documents.documents, upload_to=apps.imports.models.export_path, verbose_name='archive')),
                        ('counts', models.JSONField(default=dict, verbose_name='lignes')),
                        ('rows', models.PositiveIntegerField(default=0, verbose_name='lignes écrites')),
                        ('size', models.PositiveBigIntegerField(default=0, verbose_name='octets')),
                        ('problem', models.CharField(blank=True, max_length=500, verbose_name='problème')),
                        ('created_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='demandé le')),
                        ('beat_at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('finished_at', models.DateTimeField(null=True, verbose_name='terminé le')),
                        ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='demandé par')),
                    ],
                    options={
                        'verbose_name': 'export de la boutique',
                        'verbose_name_plural': 'exports de la boutique',
                        'ordering': ['-pk'],
                        'default_permissions': ('add', 'view'),
                    },
                ),
                migrations.CreateModel(
                    name='UnknownPath',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('path', apps.common.fields.ExactCharField(max_length=300, unique=True, verbose_name='adresse')),
                        ('hits', models.PositiveIntegerField(default=0, verbose_name='fois demandée')),
                        ('first_asked_at', models.DateTimeField(verbose_name='demandée la première fois')),
                        ('last_asked_at', models.DateTimeField(verbose_name='demandée le')),
                    ],
                    options={
                        'verbose_name': 'adresse inconnue',
                        'verbose_name_plural': 'adresses inconnues',
                        'ordering': ['-hits', 'path'],
                        'indexes': [models.Index(fields=['hits'], name='unknown_path_hits')],
                    },
                ),
                migrations.CreateModel(
                    name='OldPath',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('path', apps.common.fields.ExactCharField(max_length=500, unique=True, verbose_name='ancienne adresse')),
                        ('to_path', apps.common.fields.ExactCharField(blank=True, max_length=500, verbose_name='page')),
                        ('hits', models.PositiveIntegerField(default=0, verbose_name='fois demandée')),
                        ('last_asked_at', models.DateTimeField(blank=True, null=True, verbose_name='demandée le')),
                        ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='ajoutée le')),
                        ('category', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='catalogue.category', verbose_name='rayon')),
                        ('product', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='catalogue.product', verbose_name='produit')),
                    ],
                    options={
                        'verbose_name': 'ancienne adresse',
                        'verbose_name_plural': 'anciennes adresses',
                        'ordering': ['-hits', 'path'],
                        'indexes': [models.Index(fields=['hits'], name='old_path_hits')],
                        'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('category__isnull', True), ('product__isnull', False), ('to_path', '')), models.Q(('category__isnull', False), ('product__isnull', True), ('to_path', '')), models.Q(('category__isnull', True), ('product__isnull', True), models.Q(('to_path', ''), _negated=True)), _connector='OR'), name='old_path_leads_to_one_page')],
                    },
                ),
                migrations.CreateModel(
                    name='SuppliedVariant',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('reference', apps.common.fields.ExactCharField(blank=True, max_length=80, verbose_name='référence du fournisseur')),
                        ('mapping', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='supplied', to='imports.columnmapping')),
                        ('variant', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='catalogue.variant')),
                    ],
                    options={
                        'verbose_name': 'modèle d’un fournisseur',
                        'verbose_name_plural': 'modèles de fournisseurs',
                        'indexes': [models.Index(fields=['mapping', 'reference'], name='supplied_by_reference')],
                        'constraints': [models.UniqueConstraint(fields=('mapping', 'variant'), name='supplied_variant_once')],
                    },
                ),
                migrations.CreateModel(
                    name='ImportedCustomer',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('email_hash', apps.common.fields.ExactCharField(db_index=True, max_length=16)),
                        ('state_hash', apps.common.fields.ExactCharField(max_length=16)),
                        ('received', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='customers', to='imports.historyimport')),
                        ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'verbose_name': 'client d’un import',
                        'verbose_name_plural': 'clients d’un import',
                    },
                ),
            ],
        ),
    ]
