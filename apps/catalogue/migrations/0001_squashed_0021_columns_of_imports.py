"""Catalogue, lists and search, with the full-text index that each database has: FULLTEXT on MySQL, an FTS5 table kept by
triggers on SQLite."""

import apps.catalogue.ean
import apps.catalogue.models.catalogue_import
import apps.catalogue.models.image
import apps.common.documents
import apps.common.fields
import apps.common.money
import apps.common.schema
import django.core.validators
import django.db.models.deletion
import django.utils.timezone
import simple_history.models
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models

MYSQL = [
    (
        "CREATE FULLTEXT INDEX search_name ON catalogue_searchdocument (name)",
        "DROP INDEX search_name ON catalogue_searchdocument",
    ),
    (
        "CREATE FULLTEXT INDEX search_everything ON catalogue_searchdocument (name, body)",
        "DROP INDEX search_everything ON catalogue_searchdocument",
    ),
]
SQLITE = [
    (
        "CREATE VIRTUAL TABLE catalogue_searchindex USING fts5("
        "name, body, content='catalogue_searchdocument', content_rowid='product_id', "
        "tokenize=\"unicode61 tokenchars '_'\")",
        "DROP TABLE catalogue_searchindex",
    ),
    (
        "CREATE TRIGGER catalogue_searchindex_insert AFTER INSERT ON catalogue_searchdocument BEGIN "
        "INSERT INTO catalogue_searchindex (rowid, name, body) VALUES (new.product_id, new.name, new.body); END",
        "DROP TRIGGER catalogue_searchindex_insert",
    ),
    (
        "CREATE TRIGGER catalogue_searchindex_delete AFTER DELETE ON catalogue_searchdocument BEGIN "
        "INSERT INTO catalogue_searchindex (catalogue_searchindex, rowid, name, body) "
        "VALUES ('delete', old.product_id, old.name, old.body); END",
        "DROP TRIGGER catalogue_searchindex_delete",
    ),
    (
        "CREATE TRIGGER catalogue_searchindex_update AFTER UPDATE ON catalogue_searchdocument "
        "WHEN old.name <> new.name OR old.body <> new.body OR old.product_id <> new.product_id BEGIN "
        "INSERT INTO catalogue_searchindex (catalogue_searchindex, rowid, name, body) "
        "VALUES ('delete', old.product_id, old.name, old.body); "
        "INSERT INTO catalogue_searchindex (rowid, name, body) VALUES (new.product_id, new.name, new.body); END",
        "DROP TRIGGER catalogue_searchindex_update",
    ),
]


def create(apps, schema_editor):
    for statement, _ in MYSQL if schema_editor.connection.vendor == "mysql" else SQLITE:
        schema_editor.execute(statement)


def drop(apps, schema_editor):
    for _, statement in reversed(MYSQL if schema_editor.connection.vendor == "mysql" else SQLITE):
        schema_editor.execute(statement)


class Migration(migrations.Migration):

    replaces = [
        ('catalogue', '0001_initial'),
        ('catalogue', '0002_listing_and_search'),
        ('catalogue', '0003_search_index'),
        ('catalogue', '0004_catalogue_import'),
        ('catalogue', '0005_lead_each_listing_index_by_one_sort'),
        ('catalogue', '0006_planned_reduction'),
        ('catalogue', '0007_product_opinion'),
        ('catalogue', '0008_search_posting'),
        ('catalogue', '0009_withdrawal_exception'),
        ('catalogue', '0010_images_that_await_renditions'),
        ('catalogue', '0011_keep_imports_among_the_documents'),
        ('catalogue', '0012_images_to_ask_for_again'),
        ('catalogue', '0013_compare_exactly'),
        ('catalogue', '0014_planned_reductions_as_intervals'),
        ('catalogue', '0015_addresses_of_pages'),
        ('catalogue', '0016_letters_of_addresses'),
        ('catalogue', '0017_french_column_names'),
        ('catalogue', '0018_search_by_language'),
        ('catalogue', '0019_codes_of_filters'),
        ('catalogue', '0020_name_when_the_team_was_notified'),
        ('catalogue', '0021_columns_of_imports'),
    ]

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        apps.common.schema.CreateModels(
            operations=[
                migrations.CreateModel(
                    name='Attribute',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('code', apps.common.fields.ExactSlugField(max_length=60, unique=True, verbose_name='code')),
                        ('name_fr', models.CharField(max_length=80, verbose_name='nom')),
                        ('name_en', models.CharField(blank=True, max_length=80, verbose_name='nom (anglais)')),
                        ('kind', models.CharField(choices=[('CHOICE', 'liste'), ('NUMBER', 'nombre'), ('BOOLEAN', 'oui ou non')], default='CHOICE', max_length=10, verbose_name='type')),
                        ('unit', models.CharField(blank=True, max_length=12, verbose_name='unité')),
                        ('is_facet', models.BooleanField(default=True, verbose_name='filtre des rayons')),
                        ('position', models.PositiveSmallIntegerField(default=0, verbose_name='ordre')),
                    ],
                    options={
                        'verbose_name': 'caractéristique',
                        'verbose_name_plural': 'caractéristiques',
                        'ordering': ['position', 'pk'],
                    },
                ),
                migrations.CreateModel(
                    name='Brand',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name', apps.common.fields.ExactCharField(max_length=120, unique=True, verbose_name='nom')),
                        ('slug', apps.common.fields.ExactSlugField(max_length=140, unique=True, verbose_name='adresse de page')),
                    ],
                    options={
                        'verbose_name': 'marque',
                        'verbose_name_plural': 'marques',
                        'ordering': ['name'],
                    },
                ),
                migrations.CreateModel(
                    name='CatalogueRevision',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('number', models.PositiveBigIntegerField(default=1)),
                        ('vocabulary', models.PositiveBigIntegerField(default=1)),
                    ],
                ),
                migrations.CreateModel(
                    name='Category',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('path', models.CharField(max_length=255, unique=True)),
                        ('depth', models.PositiveIntegerField()),
                        ('numchild', models.PositiveIntegerField(default=0)),
                        ('name_fr', models.CharField(max_length=120, verbose_name='nom')),
                        ('name_en', models.CharField(blank=True, max_length=120, verbose_name='nom (anglais)')),
                        ('slug_fr', apps.common.fields.ExactSlugField(max_length=140, unique=True, verbose_name='adresse de page')),
                        ('slug_en', apps.common.fields.ExactSlugField(max_length=140, unique=True, verbose_name='adresse de page (anglais)')),
                        ('description_fr', models.TextField(blank=True, verbose_name='présentation')),
                        ('description_en', models.TextField(blank=True, verbose_name='présentation (anglais)')),
                        ('tint', models.CharField(blank=True, help_text='Nom d’une teinte de la charte\u202f: sauge, miel, brique…', max_length=20, verbose_name='teinte')),
                        ('is_visible', models.BooleanField(default=True, verbose_name='visible')),
                    ],
                    options={
                        'verbose_name': 'rayon',
                        'verbose_name_plural': 'rayons',
                    },
                ),
                migrations.CreateModel(
                    name='EconomicOperator',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name', apps.common.fields.ExactCharField(max_length=160, verbose_name='nom')),
                        ('postal_address', apps.common.fields.ExactCharField(max_length=255, verbose_name='adresse postale')),
                        ('electronic_address', apps.common.fields.ExactCharField(max_length=255, verbose_name='adresse électronique')),
                    ],
                    options={
                        'verbose_name': 'opérateur économique',
                        'verbose_name_plural': 'opérateurs économiques',
                        'ordering': ['name'],
                    },
                ),
                migrations.CreateModel(
                    name='SearchWord',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('word', apps.common.fields.ExactCharField(max_length=40, unique=True)),
                        ('written', models.CharField(max_length=60)),
                        ('names', models.IntegerField(default=0)),
                        ('bodies', models.IntegerField(default=0)),
                    ],
                ),
                migrations.CreateModel(
                    name='CatalogueImport',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('file', apps.common.fields.ExactFileField(max_length=255, storage=apps.common.documents.documents, upload_to=apps.catalogue.models.catalogue_import.import_path, verbose_name='fichier')),
                        ('name', models.CharField(max_length=200, verbose_name='nom du fichier')),
                        ('format', models.CharField(choices=[('auto', 'reconnaître'), ('merchant', 'liste de commerçant'), ('shopify', 'Shopify'), ('woocommerce', 'WooCommerce'), ('wix', 'Wix'), ('mapped', 'choisir les colonnes'), ('webmarket', 'notre export')], default='auto', max_length=20, verbose_name='format')),
                        ('vat_class', models.CharField(choices=[('STANDARD', '20 %'), ('INTERMEDIATE', '10 %'), ('REDUCED', '5,5 %'), ('SUPER_REDUCED', '2,1 %')], default='STANDARD', help_text='Seulement pour un fichier qui ne la donne pas.', max_length=16, verbose_name='TVA des nouveaux produits')),
                        ('status', models.CharField(choices=[('RECEIVED', 'aperçu en cours'), ('MAPPING', 'colonnes à choisir'), ('PREVIEWED', 'à confirmer'), ('CONFIRMED', 'import en cours'), ('PAUSED', 'en pause'), ('STOPPED', 'interrompu'), ('DONE', 'terminé'), ('UNDOING', 'annulation en cours'), ('UNDONE', 'annulé'), ('REFUSED', 'fichier refusé')], default='RECEIVED', max_length=10, verbose_name='état')),
                        ('lines', models.PositiveIntegerField(default=0, verbose_name='lignes du fichier')),
                        ('progress', models.PositiveIntegerField(default=0, verbose_name='ligne atteinte')),
                        ('report', models.JSONField(default=dict, verbose_name='bilan')),
                        ('rejects', apps.common.fields.ExactFileField(blank=True, max_length=255, storage=apps.common.documents.documents, upload_to=apps.catalogue.models.catalogue_import.import_path, verbose_name='lignes refusées')),
                        ('problem', models.CharField(blank=True, max_length=500, verbose_name='problème')),
                        ('created_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='envoyé le')),
                        ('confirmed_at', models.DateTimeField(null=True, verbose_name='confirmé le')),
                        ('finished_at', models.DateTimeField(null=True, verbose_name='terminé le')),
                        ('confirmed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='confirmé par')),
                        ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='envoyé par')),
                        ('reading', models.JSONField(blank=True, null=True, verbose_name='lecture')),
                        ('wish', models.CharField(blank=True, choices=[('', 'continuer'), ('PAUSE', 'mettre en pause'), ('STOP', 'interrompre')], db_default='', default='', max_length=6, verbose_name='demande')),
                    ],
                    options={
                        'verbose_name': 'import du catalogue',
                        'verbose_name_plural': 'imports du catalogue',
                        'ordering': ['-pk'],
                    },
                ),
                migrations.CreateModel(
                    name='SearchSynonym',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('language', models.CharField(choices=[('fr', 'français'), ('en', 'anglais')], default='fr', max_length=2, verbose_name='langue')),
                        ('direction', models.CharField(choices=[('BOTH', 'Ces mots veulent dire la même chose'), ('ONE_WAY', 'Les premiers trouvent aussi les seconds')], default='BOTH', max_length=10, verbose_name='sens')),
                        ('words', models.CharField(help_text='Séparés par des virgules, chacun de quatre mots au plus\u202f: «\u202fsoda, limonade\u202f».', max_length=300, verbose_name='mots')),
                        ('found', models.CharField(blank=True, help_text='Pour le second sens seulement\u202f: qui cherche «\u202fapéro\u202f» trouve aussi «\u202folives, tapenade\u202f».', max_length=300, verbose_name='trouvent aussi')),
                    ],
                    options={
                        'verbose_name': 'synonyme de recherche',
                        'verbose_name_plural': 'synonymes de recherche',
                        'ordering': ['language', 'words'],
                    },
                ),
                migrations.CreateModel(
                    name='AttributeValue',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('slug', apps.common.fields.ExactSlugField(max_length=80, verbose_name='code')),
                        ('label_fr', models.CharField(max_length=120, verbose_name='valeur')),
                        ('label_en', models.CharField(blank=True, max_length=120, verbose_name='valeur (anglais)')),
                        ('number', models.DecimalField(blank=True, decimal_places=3, max_digits=12, null=True, verbose_name='valeur numérique')),
                        ('attribute', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='values', to='catalogue.attribute')),
                    ],
                    options={
                        'verbose_name': 'valeur',
                        'verbose_name_plural': 'valeurs',
                        'ordering': ['attribute', 'number', 'label_fr'],
                        'constraints': [models.UniqueConstraint(fields=('attribute', 'slug'), name='attribute_value_slug_unique')],
                    },
                ),
                migrations.CreateModel(
                    name='HistoricalProduct',
                    fields=[
                        ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                        ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='créé le')),
                        ('code', apps.common.fields.ExactCharField(db_index=True, help_text='Repère le produit d’un import à l’autre.', max_length=80, verbose_name='code')),
                        ('name_fr', models.CharField(max_length=200, verbose_name='nom')),
                        ('name_en', models.CharField(blank=True, max_length=200, verbose_name='nom (anglais)')),
                        ('slug_fr', apps.common.fields.ExactSlugField(max_length=220, verbose_name='adresse de page')),
                        ('slug_en', apps.common.fields.ExactSlugField(max_length=220, verbose_name='adresse de page (anglais)')),
                        ('description_fr', models.TextField(blank=True, help_text='HTML simple\u202f; le reste est retiré.', verbose_name='description')),
                        ('description_en', models.TextField(blank=True, help_text='HTML simple\u202f; le reste est retiré.', verbose_name='description (anglais)')),
                        ('vat_class', models.CharField(choices=[('STANDARD', '20 %'), ('INTERMEDIATE', '10 %'), ('REDUCED', '5,5 %'), ('SUPER_REDUCED', '2,1 %')], default='STANDARD', max_length=16, verbose_name='TVA')),
                        ('state', models.CharField(choices=[('DRAFT', 'brouillon'), ('PUBLISHED', 'publié'), ('ARCHIVED', 'archivé')], default='DRAFT', max_length=10, verbose_name='publication')),
                        ('published_at', models.DateTimeField(blank=True, null=True, verbose_name='publié le')),
                        ('option1_name_fr', models.CharField(blank=True, max_length=60, verbose_name='option 1')),
                        ('option1_name_en', models.CharField(blank=True, max_length=60, verbose_name='option 1 (anglais)')),
                        ('option2_name_fr', models.CharField(blank=True, max_length=60, verbose_name='option 2')),
                        ('option2_name_en', models.CharField(blank=True, max_length=60, verbose_name='option 2 (anglais)')),
                        ('option3_name_fr', models.CharField(blank=True, max_length=60, verbose_name='option 3')),
                        ('option3_name_en', models.CharField(blank=True, max_length=60, verbose_name='option 3 (anglais)')),
                        ('origin_fr', models.CharField(blank=True, max_length=120, verbose_name='origine')),
                        ('origin_en', models.CharField(blank=True, max_length=120, verbose_name='origine (anglais)')),
                        ('safety_warnings_fr', models.TextField(blank=True, verbose_name='avertissements de sécurité')),
                        ('safety_warnings_en', models.TextField(blank=True, verbose_name='avertissements de sécurité (anglais)')),
                        ('history_id', models.AutoField(primary_key=True, serialize=False)),
                        ('history_date', models.DateTimeField(db_index=True)),
                        ('history_change_reason', models.CharField(max_length=100, null=True)),
                        ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                        ('brand', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='catalogue.brand', verbose_name='marque')),
                        ('category', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='catalogue.category', verbose_name='rayon')),
                        ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('manufacturer', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='catalogue.economicoperator', verbose_name='fabricant')),
                        ('responsible_person', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='catalogue.economicoperator', verbose_name='personne responsable dans l’Union')),
                        ('withdrawal_exception', models.CharField(blank=True, choices=[('', 'aucune\u202f: 14 jours pour se rétracter'), ('MADE_TO_MEASURE', 'fait sur mesure ou personnalisé (3°)'), ('PERISHABLE', 'périssable (4°)'), ('HYGIENE', 'scellé pour l’hygiène ou la santé (5°)'), ('RECORDING', 'audio, vidéo ou logiciel scellé (9°)'), ('PRESS', 'journal ou magazine (11°)')], db_default='', default='', help_text='Le client a 14 jours pour se rétracter, sauf si le produit entre vraiment dans l’un de ces cas (code de la consommation, art. L221-28). Un produit scellé reste repris tant que le scellé est intact. L’exception est annoncée au client avant l’achat\u202f: sans cela, elle ne vaut pas.', max_length=16, verbose_name='exception au droit de rétractation')),
                    ],
                    options={
                        'verbose_name': 'historical produit',
                        'verbose_name_plural': 'historical produits',
                        'ordering': ('-history_date', '-history_id'),
                        'get_latest_by': ('history_date', 'history_id'),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name='Product',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='créé le')),
                        ('updated_at', models.DateTimeField(auto_now=True, verbose_name='modifié le')),
                        ('code', apps.common.fields.ExactCharField(help_text='Repère le produit d’un import à l’autre.', max_length=80, unique=True, verbose_name='code')),
                        ('name_fr', models.CharField(max_length=200, verbose_name='nom')),
                        ('name_en', models.CharField(blank=True, max_length=200, verbose_name='nom (anglais)')),
                        ('slug_fr', apps.common.fields.ExactSlugField(max_length=220, unique=True, verbose_name='adresse de page')),
                        ('slug_en', apps.common.fields.ExactSlugField(max_length=220, unique=True, verbose_name='adresse de page (anglais)')),
                        ('description_fr', models.TextField(blank=True, help_text='HTML simple\u202f; le reste est retiré.', verbose_name='description')),
                        ('description_en', models.TextField(blank=True, help_text='HTML simple\u202f; le reste est retiré.', verbose_name='description (anglais)')),
                        ('vat_class', models.CharField(choices=[('STANDARD', '20 %'), ('INTERMEDIATE', '10 %'), ('REDUCED', '5,5 %'), ('SUPER_REDUCED', '2,1 %')], default='STANDARD', max_length=16, verbose_name='TVA')),
                        ('state', models.CharField(choices=[('DRAFT', 'brouillon'), ('PUBLISHED', 'publié'), ('ARCHIVED', 'archivé')], default='DRAFT', max_length=10, verbose_name='publication')),
                        ('published_at', models.DateTimeField(blank=True, null=True, verbose_name='publié le')),
                        ('popularity', models.PositiveIntegerField(default=0, editable=False, verbose_name='popularité')),
                        ('option1_name_fr', models.CharField(blank=True, max_length=60, verbose_name='option 1')),
                        ('option1_name_en', models.CharField(blank=True, max_length=60, verbose_name='option 1 (anglais)')),
                        ('option2_name_fr', models.CharField(blank=True, max_length=60, verbose_name='option 2')),
                        ('option2_name_en', models.CharField(blank=True, max_length=60, verbose_name='option 2 (anglais)')),
                        ('option3_name_fr', models.CharField(blank=True, max_length=60, verbose_name='option 3')),
                        ('option3_name_en', models.CharField(blank=True, max_length=60, verbose_name='option 3 (anglais)')),
                        ('origin_fr', models.CharField(blank=True, max_length=120, verbose_name='origine')),
                        ('origin_en', models.CharField(blank=True, max_length=120, verbose_name='origine (anglais)')),
                        ('safety_warnings_fr', models.TextField(blank=True, verbose_name='avertissements de sécurité')),
                        ('safety_warnings_en', models.TextField(blank=True, verbose_name='avertissements de sécurité (anglais)')),
                        ('attribute_values', models.ManyToManyField(blank=True, related_name='products', to='catalogue.attributevalue', verbose_name='caractéristiques')),
                        ('brand', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='products', to='catalogue.brand', verbose_name='marque')),
                        ('category', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='products', to='catalogue.category', verbose_name='rayon')),
                        ('manufacturer', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalogue.economicoperator', verbose_name='fabricant')),
                        ('responsible_person', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalogue.economicoperator', verbose_name='personne responsable dans l’Union')),
                        ('withdrawal_exception', models.CharField(blank=True, choices=[('', 'aucune\u202f: 14 jours pour se rétracter'), ('MADE_TO_MEASURE', 'fait sur mesure ou personnalisé (3°)'), ('PERISHABLE', 'périssable (4°)'), ('HYGIENE', 'scellé pour l’hygiène ou la santé (5°)'), ('RECORDING', 'audio, vidéo ou logiciel scellé (9°)'), ('PRESS', 'journal ou magazine (11°)')], db_default='', default='', help_text='Le client a 14 jours pour se rétracter, sauf si le produit entre vraiment dans l’un de ces cas (code de la consommation, art. L221-28). Un produit scellé reste repris tant que le scellé est intact. L’exception est annoncée au client avant l’achat\u202f: sans cela, elle ne vaut pas.', max_length=16, verbose_name='exception au droit de rétractation')),
                    ],
                    options={
                        'verbose_name': 'produit',
                        'verbose_name_plural': 'produits',
                        'indexes': [models.Index(fields=['category', 'state'], name='product_category_state')],
                    },
                ),
                migrations.CreateModel(
                    name='FacetCount',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('kind', models.PositiveSmallIntegerField(choices=[(0, 'All'), (1, 'Availability'), (2, 'Price'), (3, 'Attribute'), (4, 'Brand')])),
                        ('key', models.PositiveBigIntegerField()),
                        ('count', models.IntegerField(default=0)),
                        ('brand', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='catalogue.brand')),
                        ('category', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='catalogue.category')),
                        ('value', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='catalogue.attributevalue')),
                    ],
                    options={
                        'indexes': [models.Index(fields=['category', 'kind', '-count', 'key'], name='facet_count_best')],
                        'constraints': [models.UniqueConstraint(fields=('kind', 'key', 'category'), name='facet_count_once')],
                    },
                ),
                migrations.CreateModel(
                    name='FilterAddress',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('scope', apps.common.fields.ExactCharField(max_length=40)),
                        ('slug', apps.common.fields.ExactCharField(max_length=140)),
                        ('attribute', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='catalogue.attribute')),
                        ('brand', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='catalogue.brand')),
                        ('attribute_value', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='catalogue.attributevalue')),
                    ],
                    options={
                        'verbose_name': 'code de filtre',
                        'verbose_name_plural': 'codes de filtre',
                        'constraints': [models.UniqueConstraint(fields=('scope', 'slug'), name='filter_address_means_one_thing')],
                    },
                ),
                migrations.CreateModel(
                    name='Variant',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='créé le')),
                        ('updated_at', models.DateTimeField(auto_now=True, verbose_name='modifié le')),
                        ('sku', apps.common.fields.ExactCharField(max_length=80, unique=True, verbose_name='référence')),
                        ('ean13', apps.common.fields.ExactCharField(blank=True, max_length=13, null=True, unique=True, validators=[apps.catalogue.ean.validate_ean13], verbose_name='code-barres EAN-13')),
                        ('position', models.PositiveSmallIntegerField(default=0, verbose_name='ordre')),
                        ('option1_fr', models.CharField(blank=True, max_length=80, verbose_name='valeur de l’option 1')),
                        ('option1_en', models.CharField(blank=True, max_length=80, verbose_name='valeur de l’option 1 (anglais)')),
                        ('option2_fr', models.CharField(blank=True, max_length=80, verbose_name='valeur de l’option 2')),
                        ('option2_en', models.CharField(blank=True, max_length=80, verbose_name='valeur de l’option 2 (anglais)')),
                        ('option3_fr', models.CharField(blank=True, max_length=80, verbose_name='valeur de l’option 3')),
                        ('option3_en', models.CharField(blank=True, max_length=80, verbose_name='valeur de l’option 3 (anglais)')),
                        ('price', apps.common.money.MoneyField(decimal_places=2, max_digits=10, validators=[django.core.validators.MinValueValidator(Decimal('0.00'))], verbose_name='prix TTC')),
                        ('regular_price', apps.common.money.MoneyField(decimal_places=2, max_digits=10, validators=[django.core.validators.MinValueValidator(Decimal('0.00'))], verbose_name='prix hors réduction')),
                        ('reference_price', apps.common.money.MoneyField(blank=True, decimal_places=2, max_digits=10, null=True, validators=[django.core.validators.MinValueValidator(Decimal('0.00'))], verbose_name='prix le plus bas des 30 jours avant la réduction')),
                        ('content_quantity', models.DecimalField(blank=True, decimal_places=3, help_text='En grammes, millilitres…', max_digits=10, null=True, verbose_name='contenu net')),
                        ('content_unit', models.CharField(blank=True, choices=[('GRAM', 'g'), ('MILLILITRE', 'ml'), ('PIECE', 'pièce'), ('METRE', 'm')], max_length=10, verbose_name='unité du contenu')),
                        ('weight_g', models.PositiveIntegerField(default=0, verbose_name='poids d’expédition (g)')),
                        ('is_active', models.BooleanField(default=True, verbose_name='en vente')),
                        ('product', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='variants', to='catalogue.product', verbose_name='produit')),
                    ],
                    options={
                        'verbose_name': 'modèle',
                        'verbose_name_plural': 'modèles',
                        'ordering': ['position', 'pk'],
                        'constraints': [models.CheckConstraint(condition=models.Q(('price__gte', 0)), name='variant_price_not_negative'), models.CheckConstraint(condition=models.Q(('price__lte', models.F('regular_price'))), name='variant_price_lte_regular'), models.CheckConstraint(condition=models.Q(('reference_price__isnull', True), ('price__lt', models.F('reference_price')), _connector='OR'), name='variant_reduction_below_reference'), models.CheckConstraint(condition=models.Q(('content_quantity__isnull', True), ('content_quantity__gt', 0), _connector='OR'), name='variant_content_positive')],
                    },
                ),
                migrations.CreateModel(
                    name='HistoricalVariant',
                    fields=[
                        ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                        ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='créé le')),
                        ('sku', apps.common.fields.ExactCharField(db_index=True, max_length=80, verbose_name='référence')),
                        ('ean13', apps.common.fields.ExactCharField(blank=True, db_index=True, max_length=13, null=True, validators=[apps.catalogue.ean.validate_ean13], verbose_name='code-barres EAN-13')),
                        ('position', models.PositiveSmallIntegerField(default=0, verbose_name='ordre')),
                        ('option1_fr', models.CharField(blank=True, max_length=80, verbose_name='valeur de l’option 1')),
                        ('option1_en', models.CharField(blank=True, max_length=80, verbose_name='valeur de l’option 1 (anglais)')),
                        ('option2_fr', models.CharField(blank=True, max_length=80, verbose_name='valeur de l’option 2')),
                        ('option2_en', models.CharField(blank=True, max_length=80, verbose_name='valeur de l’option 2 (anglais)')),
                        ('option3_fr', models.CharField(blank=True, max_length=80, verbose_name='valeur de l’option 3')),
                        ('option3_en', models.CharField(blank=True, max_length=80, verbose_name='valeur de l’option 3 (anglais)')),
                        ('price', apps.common.money.MoneyField(decimal_places=2, max_digits=10, validators=[django.core.validators.MinValueValidator(Decimal('0.00'))], verbose_name='prix TTC')),
                        ('regular_price', apps.common.money.MoneyField(decimal_places=2, max_digits=10, validators=[django.core.validators.MinValueValidator(Decimal('0.00'))], verbose_name='prix hors réduction')),
                        ('reference_price', apps.common.money.MoneyField(blank=True, decimal_places=2, max_digits=10, null=True, validators=[django.core.validators.MinValueValidator(Decimal('0.00'))], verbose_name='prix le plus bas des 30 jours avant la réduction')),
                        ('content_quantity', models.DecimalField(blank=True, decimal_places=3, help_text='En grammes, millilitres…', max_digits=10, null=True, verbose_name='contenu net')),
                        ('content_unit', models.CharField(blank=True, choices=[('GRAM', 'g'), ('MILLILITRE', 'ml'), ('PIECE', 'pièce'), ('METRE', 'm')], max_length=10, verbose_name='unité du contenu')),
                        ('weight_g', models.PositiveIntegerField(default=0, verbose_name='poids d’expédition (g)')),
                        ('is_active', models.BooleanField(default=True, verbose_name='en vente')),
                        ('history_id', models.AutoField(primary_key=True, serialize=False)),
                        ('history_date', models.DateTimeField(db_index=True)),
                        ('history_change_reason', models.CharField(max_length=100, null=True)),
                        ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                        ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('product', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='catalogue.product', verbose_name='produit')),
                    ],
                    options={
                        'verbose_name': 'historical modèle',
                        'verbose_name_plural': 'historical modèles',
                        'ordering': ('-history_date', '-history_id'),
                        'get_latest_by': ('history_date', 'history_id'),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name='SearchDocument',
                    fields=[
                        ('product', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='search_document', serialize=False, to='catalogue.product')),
                        ('name', models.TextField()),
                        ('body', models.TextField()),
                        ('length', models.PositiveSmallIntegerField()),
                        ('in_stock', models.BooleanField()),
                        ('popularity', models.PositiveIntegerField()),
                        ('price', models.DecimalField(decimal_places=2, max_digits=10)),
                        ('price_range', models.PositiveSmallIntegerField()),
                        ('published_at', models.DateTimeField(null=True)),
                        ('name_key', models.CharField(max_length=40)),
                        ('brand', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='catalogue.brand')),
                        ('name_key_en', models.CharField(db_default='', max_length=40)),
                    ],
                ),
                migrations.CreateModel(
                    name='ListingEntry',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('price', apps.common.money.MoneyField(decimal_places=2, max_digits=10, validators=[django.core.validators.MinValueValidator(Decimal('0.00'))])),
                        ('price_range', models.PositiveSmallIntegerField()),
                        ('in_stock', models.BooleanField()),
                        ('popularity', models.PositiveIntegerField(default=0)),
                        ('published_at', models.DateTimeField(null=True)),
                        ('name_key_fr', apps.common.fields.ExactCharField(max_length=40)),
                        ('name_key_en', apps.common.fields.ExactCharField(max_length=40)),
                        ('brand', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='catalogue.brand')),
                        ('category', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='catalogue.category')),
                        ('product', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='listing_entries', to='catalogue.product')),
                    ],
                    options={
                        'indexes': [models.Index(fields=['category', '-in_stock', '-popularity', 'product', 'brand', 'price_range'], name='listing_popular'), models.Index(fields=['category', 'price', 'product', 'in_stock', 'brand', 'price_range'], name='listing_price'), models.Index(fields=['category', 'published_at', 'product', 'in_stock', 'brand', 'price_range'], name='listing_newest'), models.Index(fields=['category', 'name_key_fr', 'product', 'in_stock', 'brand', 'price_range'], name='listing_name_fr'), models.Index(fields=['category', 'name_key_en', 'product', 'in_stock', 'brand', 'price_range'], name='listing_name_en'), models.Index(fields=['brand', 'category', '-in_stock', '-popularity', 'product', 'price_range'], name='listing_of_brand')],
                        'constraints': [models.UniqueConstraint(fields=('product', 'category'), name='listing_entry_once')],
                    },
                ),
                migrations.CreateModel(
                    name='ProductCard',
                    fields=[
                        ('product', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='card', serialize=False, to='catalogue.product')),
                        ('brand_name', models.CharField(blank=True, max_length=120)),
                        ('name_fr', models.CharField(max_length=200)),
                        ('name_en', models.CharField(max_length=200)),
                        ('slug_fr', apps.common.fields.ExactCharField(max_length=220)),
                        ('slug_en', apps.common.fields.ExactCharField(max_length=220)),
                        ('price', apps.common.money.MoneyField(decimal_places=2, max_digits=10, validators=[django.core.validators.MinValueValidator(Decimal('0.00'))])),
                        ('price_varies', models.BooleanField(default=False)),
                        ('reference_price', apps.common.money.MoneyField(decimal_places=2, max_digits=10, null=True, validators=[django.core.validators.MinValueValidator(Decimal('0.00'))])),
                        ('unit_price', apps.common.money.MoneyField(decimal_places=2, max_digits=10, null=True, validators=[django.core.validators.MinValueValidator(Decimal('0.00'))])),
                        ('content_unit', models.CharField(blank=True, max_length=10)),
                        ('sku', apps.common.fields.ExactCharField(blank=True, max_length=80)),
                        ('in_stock', models.BooleanField()),
                        ('pieces_left', models.PositiveIntegerField(help_text='Seulement quand il en reste peu.', null=True)),
                        ('picture', models.JSONField(default=dict)),
                        ('tint', models.CharField(blank=True, max_length=20)),
                        ('popularity', models.PositiveIntegerField(default=0)),
                        ('published_at', models.DateTimeField(null=True)),
                        ('counted', models.JSONField(default=list)),
                        ('brand', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='catalogue.brand')),
                        ('category', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='catalogue.category')),
                        ('rating_sum', models.PositiveIntegerField(default=0)),
                        ('ratings', models.PositiveIntegerField(default=0)),
                    ],
                    options={
                        'indexes': [models.Index(fields=['-in_stock', '-popularity', 'product'], name='card_popular'), models.Index(fields=['-in_stock', '-published_at', 'product'], name='card_newest'), models.Index(fields=['-in_stock', 'reference_price'], name='card_reduced'), models.Index(fields=['category', '-in_stock', '-popularity', 'product'], name='card_siblings')],
                    },
                ),
                migrations.CreateModel(
                    name='ProductOpinion',
                    fields=[
                        ('product', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='opinion', serialize=False, to='catalogue.product')),
                        ('comments', models.PositiveIntegerField(default=0, verbose_name='commentaires')),
                        ('ratings', models.PositiveIntegerField(default=0, verbose_name='notes')),
                        ('rating_sum', models.PositiveIntegerField(default=0, verbose_name='somme des notes')),
                        ('newest', models.JSONField(default=list)),
                    ],
                ),
                migrations.CreateModel(
                    name='SearchPosting',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('word', apps.common.fields.ExactCharField(max_length=40)),
                        ('place', models.BigIntegerField()),
                        ('price_range', models.PositiveSmallIntegerField()),
                        ('accents', apps.common.fields.ExactCharField(blank=True, max_length=40)),
                        ('brand', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='catalogue.brand')),
                        ('product', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='catalogue.product')),
                    ],
                    options={
                        'indexes': [models.Index(fields=['word', 'place', 'product', 'brand', 'price_range', 'accents'], name='search_posting_best')],
                        'constraints': [models.UniqueConstraint(fields=('word', 'product'), name='search_posting_once')],
                    },
                ),
                migrations.CreateModel(
                    name='PageAddress',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('kind', models.CharField(choices=[('PRODUCT', 'produit'), ('CATEGORY', 'rayon')], max_length=8)),
                        ('language', apps.common.fields.ExactCharField(max_length=2)),
                        ('slug', apps.common.fields.ExactCharField(max_length=220)),
                        ('category', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='page_addresses', to='catalogue.category')),
                        ('product', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='page_addresses', to='catalogue.product')),
                    ],
                    options={
                        'verbose_name': 'adresse de page',
                        'verbose_name_plural': 'adresses de page',
                        'constraints': [models.UniqueConstraint(fields=('kind', 'slug', 'language'), name='page_address_leads_to_one_page'), models.CheckConstraint(condition=models.Q(models.Q(('category__isnull', True), ('kind', 'PRODUCT'), ('product__isnull', False)), models.Q(('category__isnull', False), ('kind', 'CATEGORY'), ('product__isnull', True)), _connector='OR'), name='page_address_of_its_kind')],
                    },
                ),
                migrations.CreateModel(
                    name='Stock',
                    fields=[
                        ('variant', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='stock', serialize=False, to='catalogue.variant')),
                        ('on_hand', models.PositiveIntegerField(default=0, verbose_name='en stock')),
                        ('reserved', models.PositiveIntegerField(default=0, verbose_name='réservé')),
                        ('low_threshold', models.PositiveIntegerField(default=3, verbose_name='seuil d’alerte')),
                    ],
                    options={
                        'verbose_name': 'stock',
                        'verbose_name_plural': 'stocks',
                        'constraints': [models.CheckConstraint(condition=models.Q(('on_hand__gte', 0)), name='stock_on_hand_not_negative'), models.CheckConstraint(condition=models.Q(('reserved__lte', models.F('on_hand'))), name='stock_reserved_lte_on_hand')],
                    },
                ),
                migrations.CreateModel(
                    name='ProductImage',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('file', apps.common.fields.ExactImageField(blank=True, height_field='height', upload_to=apps.catalogue.models.image.image_path, verbose_name='fichier', width_field='width')),
                        ('width', models.PositiveIntegerField(default=0, editable=False, verbose_name='largeur')),
                        ('height', models.PositiveIntegerField(default=0, editable=False, verbose_name='hauteur')),
                        ('renditions', models.JSONField(default=list, editable=False, verbose_name='déclinaisons')),
                        ('alt_fr', models.CharField(blank=True, max_length=200, verbose_name='texte de remplacement')),
                        ('alt_en', models.CharField(blank=True, max_length=200, verbose_name='texte de remplacement (anglais)')),
                        ('position', models.PositiveSmallIntegerField(default=0, verbose_name='ordre')),
                        ('source_url', apps.common.fields.ExactURLField(blank=True, max_length=500, verbose_name='adresse d’origine')),
                        ('state', models.CharField(choices=[('WANTED', 'à télécharger'), ('READY', 'prête'), ('FAILED', 'refusée')], default='READY', max_length=8, verbose_name='état')),
                        ('failure', models.CharField(blank=True, max_length=200, verbose_name='refus')),
                        ('product', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='images', to='catalogue.product')),
                        ('variant', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='images', to='catalogue.variant')),
                        ('awaits_renditions', models.BooleanField(db_default=False, db_index=True, default=False, editable=False)),
                        ('given_up', models.PositiveSmallIntegerField(db_default=0, default=0, editable=False)),
                        ('retry_at', models.DateTimeField(db_index=True, editable=False, null=True)),
                    ],
                    options={
                        'verbose_name': 'image',
                        'verbose_name_plural': 'images',
                        'ordering': ['position', 'pk'],
                    },
                ),
                migrations.CreateModel(
                    name='PriceEntry',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('amount', apps.common.money.MoneyField(decimal_places=2, max_digits=10, validators=[django.core.validators.MinValueValidator(Decimal('0.00'))], verbose_name='prix TTC')),
                        ('kind', models.CharField(choices=[('REGULAR', 'prix courant'), ('REDUCTION', 'réduction')], default='REGULAR', max_length=10, verbose_name='nature')),
                        ('effective_at', models.DateTimeField(verbose_name='à partir du')),
                        ('reason', models.CharField(blank=True, max_length=120, verbose_name='motif')),
                        ('author', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='par')),
                        ('variant', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='price_entries', to='catalogue.variant', verbose_name='modèle')),
                    ],
                    options={
                        'verbose_name': 'prix pratiqué',
                        'verbose_name_plural': 'prix pratiqués',
                        'ordering': ['variant', 'effective_at'],
                        'constraints': [models.UniqueConstraint(fields=('variant', 'effective_at'), name='price_entry_instant_unique')],
                    },
                ),
                migrations.CreateModel(
                    name='PlannedReduction',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('amount', apps.common.money.MoneyField(decimal_places=2, max_digits=10, validators=[django.core.validators.MinValueValidator(Decimal('0.00'))], verbose_name='prix réduit TTC')),
                        ('starts_at', models.DateTimeField(verbose_name='début')),
                        ('ends_at', models.DateTimeField(verbose_name='fin')),
                        ('state', models.CharField(choices=[('PLANNED', 'prévue'), ('RUNNING', 'en cours'), ('ENDED', 'terminée'), ('REFUSED', 'refusée')], default='PLANNED', editable=False, max_length=8, verbose_name='état')),
                        ('refusal', models.CharField(blank=True, editable=False, max_length=200, verbose_name='motif du refus')),
                        ('author', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='prévue par')),
                        ('variant', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='planned_reductions', to='catalogue.variant', verbose_name='modèle')),
                        ('stopped_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='arrêtée le')),
                        ('notified_at', models.DateTimeField(blank=True, db_column='told_at', editable=False, null=True)),
                    ],
                    options={
                        'verbose_name': 'réduction prévue',
                        'verbose_name_plural': 'réductions prévues',
                        'ordering': ['-starts_at', '-pk'],
                        'indexes': [models.Index(fields=['state', 'starts_at'], name='planned_reduction_start'), models.Index(fields=['state', 'ends_at'], name='planned_reduction_end')],
                        'constraints': [models.CheckConstraint(condition=models.Q(('starts_at__lt', models.F('ends_at'))), name='planned_reduction_ends_after_start', violation_error_message='La fin doit venir après le début.')],
                    },
                ),
                migrations.CreateModel(
                    name='StockHold',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('reference', apps.common.fields.ExactCharField(max_length=40, verbose_name='commande')),
                        ('quantity', models.PositiveIntegerField(verbose_name='quantité')),
                        ('created_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='créée le')),
                        ('stock', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='holds', to='catalogue.stock')),
                    ],
                    options={
                        'verbose_name': 'réservation',
                        'verbose_name_plural': 'réservations',
                        'indexes': [models.Index(fields=['reference'], name='stock_hold_reference')],
                        'constraints': [models.UniqueConstraint(fields=('stock', 'reference'), name='stock_hold_once_per_order'), models.CheckConstraint(condition=models.Q(('quantity__gt', 0)), name='stock_hold_quantity_positive')],
                    },
                ),
                migrations.CreateModel(
                    name='StockMovement',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('delta', models.IntegerField(verbose_name='mouvement')),
                        ('on_hand_after', models.PositiveIntegerField(verbose_name='stock après')),
                        ('reason', models.CharField(choices=[('IMPORT', 'import'), ('RECEIPT', 'réception'), ('CORRECTION', 'correction d’inventaire'), ('LOSS', 'perte ou casse'), ('SALE', 'vente'), ('CANCELLATION', 'annulation'), ('RETURN', 'retour')], max_length=12, verbose_name='motif')),
                        ('note', models.CharField(blank=True, max_length=200, verbose_name='note')),
                        ('reference', apps.common.fields.ExactCharField(blank=True, max_length=40, verbose_name='commande')),
                        ('created_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='le')),
                        ('author', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='par')),
                        ('stock', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='movements', to='catalogue.stock')),
                    ],
                    options={
                        'verbose_name': 'mouvement de stock',
                        'verbose_name_plural': 'mouvements de stock',
                        'ordering': ['-pk'],
                        'constraints': [models.CheckConstraint(condition=models.Q(('delta', 0), _negated=True), name='stock_movement_not_empty')],
                    },
                ),
            ],
        ),
        migrations.RunPython(create, drop, atomic=False),
    ]
