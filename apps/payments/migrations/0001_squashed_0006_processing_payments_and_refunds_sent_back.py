"""Payments and refunds, and the books of the demonstration bank, which are `demo`'s."""

import apps.common.fields
import apps.common.money
import apps.common.schema
import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [
        ('payments', '0001_initial'),
        ('payments', '0002_track_gateway_answers'),
        ('payments', '0003_compare_exactly'),
        ('payments', '0004_payment_started_at'),
        ('payments', '0005_hand_over_the_demo_bank'),
        ('payments', '0006_processing_payments_and_refunds_sent_back'),
    ]

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ('orders', '0008_emails_in_the_outbox'),
    ]

    operations = [
        apps.common.schema.CreateModels(
            operations=[
                migrations.CreateModel(
                    name='Payment',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='créé le')),
                        ('updated_at', models.DateTimeField(auto_now=True, verbose_name='modifié le')),
                        ('gateway', apps.common.fields.ExactCharField(max_length=40, verbose_name='moyen de paiement')),
                        ('key', apps.common.fields.ExactCharField(editable=False, max_length=64, unique=True)),
                        ('reference', apps.common.fields.ExactCharField(blank=True, max_length=120, null=True, verbose_name='référence du prestataire')),
                        ('status', models.CharField(choices=[('PENDING', 'en attente'), ('CHALLENGED', 'authentification demandée'), ('PROCESSING', 'en cours à la banque'), ('AUTHORISED', 'autorisé'), ('CAPTURED', 'encaissé'), ('DECLINED', 'refusé'), ('CANCELLED', 'annulé')], default='PENDING', max_length=12, verbose_name='état')),
                        ('amount', apps.common.money.MoneyField(decimal_places=2, max_digits=10, validators=[django.core.validators.MinValueValidator(Decimal('0.00'))], verbose_name='montant')),
                        ('refunded', apps.common.money.MoneyField(decimal_places=2, default=0, max_digits=10, validators=[django.core.validators.MinValueValidator(Decimal('0.00'))], verbose_name='remboursé')),
                        ('decline_reason', models.CharField(blank=True, max_length=200, verbose_name='motif du refus')),
                        ('captured_at', models.DateTimeField(blank=True, null=True, verbose_name='encaissé le')),
                        ('order', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='payments', to='orders.order', verbose_name='commande')),
                        ('asked_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                        ('started_at', models.DateTimeField(blank=True, editable=False, null=True)),
                    ],
                    options={
                        'verbose_name': 'paiement',
                        'verbose_name_plural': 'paiements',
                        'ordering': ['-pk'],
                        'indexes': [models.Index(fields=['status', 'asked_at'], name='payment_status_asked')],
                        'constraints': [models.UniqueConstraint(fields=('gateway', 'reference'), name='payment_gateway_reference_unique'), models.CheckConstraint(condition=models.Q(('refunded__lte', models.F('amount'))), name='payment_refunded_lte_amount'), models.UniqueConstraint(models.Case(models.When(status__in=['PENDING', 'CHALLENGED', 'PROCESSING', 'AUTHORISED'], then=models.F('order'))), name='payment_one_open_per_order')],
                    },
                ),
                migrations.CreateModel(
                    name='WebhookEvent',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('gateway', apps.common.fields.ExactCharField(max_length=40)),
                        ('event_id', apps.common.fields.ExactCharField(max_length=120)),
                        ('payload', models.JSONField()),
                        ('received_at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('processed_at', models.DateTimeField(blank=True, null=True)),
                    ],
                    options={
                        'verbose_name': 'notification de prestataire',
                        'verbose_name_plural': 'notifications de prestataires',
                        'constraints': [models.UniqueConstraint(fields=('gateway', 'event_id'), name='webhook_event_once')],
                    },
                ),
                migrations.CreateModel(
                    name='Refund',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('key', apps.common.fields.ExactCharField(editable=False, max_length=64, unique=True)),
                        ('amount', apps.common.money.MoneyField(decimal_places=2, max_digits=10, validators=[django.core.validators.MinValueValidator(Decimal('0.00'))], verbose_name='montant')),
                        ('status', models.CharField(choices=[('REQUESTED', 'demandé'), ('DONE', 'effectué'), ('FAILED', 'échoué')], default='REQUESTED', max_length=10, verbose_name='état')),
                        ('reference', apps.common.fields.ExactCharField(blank=True, max_length=120, verbose_name='référence du prestataire')),
                        ('reason', models.CharField(blank=True, max_length=200, verbose_name='motif')),
                        ('created_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='le')),
                        ('payment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='refunds', to='payments.payment')),
                        ('asked_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                        ('author', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('done_at', models.DateTimeField(blank=True, null=True, verbose_name='effectué le')),
                        ('sent_back_at', models.DateTimeField(blank=True, null=True, verbose_name='renvoyé par la banque le')),
                        ('remade_at', models.DateTimeField(blank=True, null=True, verbose_name='refait autrement le')),
                    ],
                    options={
                        'verbose_name': 'remboursement',
                        'verbose_name_plural': 'remboursements',
                        'ordering': ['-pk'],
                        'indexes': [models.Index(fields=['status', 'asked_at'], name='refund_status_asked')],
                        'constraints': [models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='refund_amount_positive')],
                    },
                ),
                migrations.CreateModel(
                    name='DemoCharge',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('key', apps.common.fields.ExactCharField(max_length=64, unique=True)),
                        ('reference', apps.common.fields.ExactCharField(max_length=40, unique=True)),
                        ('status', models.CharField(choices=[('CHALLENGED', 'Challenged'), ('AUTHORISED', 'Authorised'), ('CAPTURED', 'Captured'), ('DECLINED', 'Declined'), ('CANCELLED', 'Cancelled')], max_length=12)),
                        ('amount', apps.common.money.MoneyField(decimal_places=2, max_digits=10, validators=[django.core.validators.MinValueValidator(Decimal('0.00'))])),
                        ('refunded', apps.common.money.MoneyField(decimal_places=2, default=0, max_digits=10, validators=[django.core.validators.MinValueValidator(Decimal('0.00'))])),
                        ('decline_reason', models.CharField(blank=True, max_length=200)),
                        ('return_url', models.CharField(blank=True, max_length=500)),
                        ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                    ],
                    options={
                        'constraints': [models.CheckConstraint(condition=models.Q(('refunded__lte', models.F('amount'))), name='demo_charge_refunded_lte_amount')],
                    },
                ),
                migrations.CreateModel(
                    name='DemoRefund',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('key', apps.common.fields.ExactCharField(max_length=64, unique=True)),
                        ('amount', apps.common.money.MoneyField(decimal_places=2, max_digits=10, validators=[django.core.validators.MinValueValidator(Decimal('0.00'))])),
                        ('charge', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='refunds', to='payments.democharge')),
                    ],
                ),
            ],
        ),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.DeleteModel(
                    name='DemoRefund',
                ),
                migrations.DeleteModel(
                    name='DemoCharge',
                ),
            ],
        ),
    ]
