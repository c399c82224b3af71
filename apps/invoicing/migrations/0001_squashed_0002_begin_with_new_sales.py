"""Documents, their chain and closings. Sales of before have documents of another system: a shop that has sold already
begins with its next payment."""

import apps.common.documents
import apps.common.fields
import apps.common.money
import apps.common.schema
import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.math
from decimal import Decimal
from django.db import migrations, models
from django.utils import timezone



def begin_now(apps, schema_editor):
    if apps.get_model("orders", "Order").objects.exclude(paid_at=None).exists():
        apps.get_model("invoicing", "Chain").objects.get_or_create(pk=1, defaults={"starts_at": timezone.now()})


class Migration(migrations.Migration):

    replaces = [
        ('invoicing', '0001_initial'),
        ('invoicing', '0002_begin_with_new_sales'),
    ]

    initial = True

    dependencies = [
        ('orders', '0008_emails_in_the_outbox'),
        ('payments', '0005_hand_over_the_demo_bank'),
    ]

    operations = [
        apps.common.schema.CreateModels(
            operations=[
                migrations.CreateModel(
                    name='Chain',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('starts_at', models.DateTimeField(blank=True, null=True)),
                        ('last_position', models.PositiveBigIntegerField(default=0)),
                        ('last_hash', apps.common.fields.ExactCharField(blank=True, max_length=64)),
                        ('last_issued_at', models.DateTimeField(blank=True, null=True)),
                        ('closed_through', models.DateField(blank=True, null=True)),
                    ],
                ),
                migrations.CreateModel(
                    name='Closing',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('period', models.CharField(choices=[('DAY', 'jour'), ('MONTH', 'mois'), ('YEAR', 'année')], max_length=5, verbose_name='période')),
                        ('start_date', models.DateField(verbose_name='du')),
                        ('end_date', models.DateField(verbose_name='au')),
                        ('count', models.PositiveIntegerField(verbose_name='documents')),
                        ('last_position', models.PositiveBigIntegerField(verbose_name='dernier rang')),
                        ('last_hash', apps.common.fields.ExactCharField(blank=True, max_length=64, verbose_name='empreinte du dernier document')),
                        ('invoiced', apps.common.money.MoneyField(decimal_places=2, max_digits=16, validators=[django.core.validators.MinValueValidator(Decimal('0.00'))], verbose_name='facturé TTC')),
                        ('invoiced_vat', apps.common.money.MoneyField(decimal_places=2, max_digits=16, validators=[django.core.validators.MinValueValidator(Decimal('0.00'))], verbose_name='TVA facturée')),
                        ('credited', apps.common.money.MoneyField(decimal_places=2, max_digits=16, validators=[django.core.validators.MinValueValidator(Decimal('0.00'))], verbose_name='avoirs TTC')),
                        ('credited_vat', apps.common.money.MoneyField(decimal_places=2, max_digits=16, validators=[django.core.validators.MinValueValidator(Decimal('0.00'))], verbose_name='TVA des avoirs')),
                        ('life_invoiced', apps.common.money.MoneyField(decimal_places=2, max_digits=16, validators=[django.core.validators.MinValueValidator(Decimal('0.00'))], verbose_name='facturé TTC depuis l’origine')),
                        ('life_invoiced_vat', apps.common.money.MoneyField(decimal_places=2, max_digits=16, validators=[django.core.validators.MinValueValidator(Decimal('0.00'))], verbose_name='TVA facturée depuis l’origine')),
                        ('life_credited', apps.common.money.MoneyField(decimal_places=2, max_digits=16, validators=[django.core.validators.MinValueValidator(Decimal('0.00'))], verbose_name='avoirs TTC depuis l’origine')),
                        ('life_credited_vat', apps.common.money.MoneyField(decimal_places=2, max_digits=16, validators=[django.core.validators.MinValueValidator(Decimal('0.00'))], verbose_name='TVA des avoirs depuis l’origine')),
                        ('closed_at', models.DateTimeField(verbose_name='clôturé le')),
                        ('hash', apps.common.fields.ExactCharField(max_length=64, unique=True, verbose_name='empreinte')),
                        ('previous', models.OneToOneField(blank=True, db_column='previous_hash', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='following', to='invoicing.closing', to_field='hash', verbose_name='empreinte précédente')),
                    ],
                    options={
                        'verbose_name': 'clôture',
                        'verbose_name_plural': 'clôtures',
                        'ordering': ['-start_date', 'period'],
                        'constraints': [models.UniqueConstraint(fields=('period', 'start_date'), name='closing_once'), models.CheckConstraint(condition=models.Q(('end_date__gte', models.F('start_date'))), name='closing_ends_after_its_start')],
                    },
                ),
                migrations.CreateModel(
                    name='Document',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('position', models.PositiveBigIntegerField(unique=True, verbose_name='rang')),
                        ('kind', models.CharField(choices=[('INVOICE', 'facture'), ('CREDIT_NOTE', 'avoir')], max_length=11, verbose_name='nature')),
                        ('year', models.PositiveSmallIntegerField(verbose_name='exercice')),
                        ('sequence', models.PositiveIntegerField(verbose_name='rang dans l’année')),
                        ('number', apps.common.fields.ExactCharField(max_length=20, unique=True, verbose_name='numéro')),
                        ('source', apps.common.fields.ExactCharField(max_length=40, unique=True)),
                        ('issue_date', models.DateField(db_index=True, verbose_name='émis le')),
                        ('issued_at', models.DateTimeField(verbose_name='enregistré le')),
                        ('language', models.CharField(max_length=5, verbose_name='langue')),
                        ('net', apps.common.money.MoneyField(decimal_places=2, max_digits=10, validators=[django.core.validators.MinValueValidator(Decimal('0.00'))], verbose_name='total HT')),
                        ('vat', apps.common.money.MoneyField(decimal_places=2, max_digits=10, validators=[django.core.validators.MinValueValidator(Decimal('0.00'))], verbose_name='TVA')),
                        ('gross', apps.common.money.MoneyField(decimal_places=2, max_digits=10, validators=[django.core.validators.MinValueValidator(Decimal('0.00'))], verbose_name='total TTC')),
                        ('content', models.TextField(verbose_name='contenu')),
                        ('hash', apps.common.fields.ExactCharField(max_length=64, unique=True, verbose_name='empreinte')),
                        ('corrects', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='credit_notes', to='invoicing.document', verbose_name='facture corrigée')),
                        ('order', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='documents', to='orders.order', verbose_name='commande')),
                        ('previous', models.OneToOneField(blank=True, db_column='previous_hash', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='following', to='invoicing.document', to_field='hash', verbose_name='empreinte précédente')),
                        ('refund', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='credit_note', to='payments.refund', verbose_name='remboursement')),
                    ],
                    options={
                        'verbose_name': 'facture ou avoir',
                        'verbose_name_plural': 'factures et avoirs',
                        'ordering': ['-position'],
                        'constraints': [models.UniqueConstraint(fields=('kind', 'year', 'sequence'), name='document_sequence_once'), models.CheckConstraint(condition=models.Q(('gross', django.db.models.functions.math.Round(django.db.models.expressions.CombinedExpression(models.F('net'), '+', models.F('vat')), precision=2))), name='document_gross_is_net_and_vat'), models.CheckConstraint(condition=models.Q(('net__gte', 0), ('vat__gte', 0)), name='document_amounts_not_negative'), models.CheckConstraint(condition=models.Q(models.Q(('corrects__isnull', True), ('kind', 'INVOICE'), ('refund__isnull', True)), models.Q(('corrects__isnull', False), ('kind', 'CREDIT_NOTE'), ('refund__isnull', False)), _connector='OR'), name='document_credit_note_corrects'), models.CheckConstraint(condition=models.Q(models.Q(('position', 1), ('previous__isnull', True)), models.Q(('position__gt', 1), ('previous__isnull', False)), _connector='OR'), name='document_follows_another')],
                    },
                ),
                migrations.CreateModel(
                    name='Series',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('kind', models.CharField(choices=[('INVOICE', 'facture'), ('CREDIT_NOTE', 'avoir')], max_length=11)),
                        ('year', models.PositiveSmallIntegerField()),
                        ('last_sequence', models.PositiveIntegerField(default=0)),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('kind', 'year'), name='series_once')],
                    },
                ),
                migrations.CreateModel(
                    name='Archive',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('key', apps.common.fields.ExactCharField(max_length=120, unique=True, verbose_name='nom')),
                        ('sha256', apps.common.fields.ExactCharField(max_length=64, verbose_name='empreinte')),
                        ('size', models.PositiveBigIntegerField(verbose_name='octets')),
                        ('public_key', apps.common.fields.ExactCharField(max_length=64, verbose_name='clé publique')),
                        ('signature', apps.common.fields.ExactCharField(max_length=128, verbose_name='signature')),
                        ('archived_at', models.DateTimeField(verbose_name='archivé le')),
                        ('closing', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='archive', to='invoicing.closing', verbose_name='clôture')),
                    ],
                    options={
                        'verbose_name': 'archive',
                        'verbose_name_plural': 'archives',
                        'ordering': ['-pk'],
                    },
                ),
                migrations.CreateModel(
                    name='DocumentFile',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('file', apps.common.fields.ExactFileField(max_length=120, storage=apps.common.documents.documents, upload_to='')),
                        ('sha256', apps.common.fields.ExactCharField(max_length=64)),
                        ('size', models.PositiveIntegerField(verbose_name='octets')),
                        ('rendered_at', models.DateTimeField(verbose_name='imprimé le')),
                        ('document', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='file', to='invoicing.document')),
                    ],
                    options={
                        'verbose_name': 'PDF d’un document',
                        'verbose_name_plural': 'PDF des documents',
                    },
                ),
                migrations.CreateModel(
                    name='DocumentVat',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('rate', models.DecimalField(decimal_places=1, max_digits=4, verbose_name='taux de TVA')),
                        ('net', apps.common.money.MoneyField(decimal_places=2, max_digits=10, validators=[django.core.validators.MinValueValidator(Decimal('0.00'))], verbose_name='HT')),
                        ('vat', apps.common.money.MoneyField(decimal_places=2, max_digits=10, validators=[django.core.validators.MinValueValidator(Decimal('0.00'))], verbose_name='TVA')),
                        ('gross', apps.common.money.MoneyField(decimal_places=2, max_digits=10, validators=[django.core.validators.MinValueValidator(Decimal('0.00'))], verbose_name='TTC')),
                        ('document', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='vat_lines', to='invoicing.document')),
                    ],
                    options={
                        'verbose_name': 'TVA d’un document',
                        'verbose_name_plural': 'TVA des documents',
                        'ordering': ['-rate'],
                        'constraints': [models.UniqueConstraint(fields=('document', 'rate'), name='document_vat_rate_once'), models.CheckConstraint(condition=models.Q(('gross', django.db.models.functions.math.Round(django.db.models.expressions.CombinedExpression(models.F('net'), '+', models.F('vat')), precision=2))), name='document_vat_gross_is_net_and_vat'), models.CheckConstraint(condition=models.Q(('net__gte', 0), ('vat__gte', 0)), name='document_vat_not_negative')],
                    },
                ),
            ],
        ),
        migrations.RunPython(begin_now, migrations.RunPython.noop),
    ]
