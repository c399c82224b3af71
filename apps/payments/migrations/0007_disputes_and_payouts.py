"""Disputes with what they move, and payouts with their lines."""

import apps.common.fields
import apps.common.money
import django.core.validators
import django.db.models.deletion
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('orders', '0009_past_orders'),
        ('payments', '0006_processing_payments_and_refunds_sent_back'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Dispute',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reference', apps.common.fields.ExactCharField(max_length=120, verbose_name='référence du prestataire')),
                ('status', models.CharField(choices=[('NEEDS_RESPONSE', 'à répondre'), ('UNDER_REVIEW', 'réponse à l’examen'), ('WON', 'gagné'), ('LOST', 'perdu'), ('CLOSED', 'demande close')], max_length=14, verbose_name='état')),
                ('is_inquiry', models.BooleanField(default=False, verbose_name='simple demande de la banque')),
                ('amount', apps.common.money.MoneyField(decimal_places=2, max_digits=10, validators=[django.core.validators.MinValueValidator(Decimal('0.00'))], verbose_name='montant contesté')),
                ('withdrawn', apps.common.money.MoneyField(decimal_places=2, default=Decimal('0.00'), max_digits=10, validators=[django.core.validators.MinValueValidator(Decimal('0.00'))], verbose_name='repris par la banque')),
                ('reason', apps.common.fields.ExactCharField(blank=True, max_length=60, verbose_name='motif')),
                ('opened_at', models.DateTimeField(verbose_name='ouvert le')),
                ('answer_by', models.DateTimeField(blank=True, null=True, verbose_name='répondre avant le')),
                ('closed_at', models.DateTimeField(blank=True, null=True, verbose_name='clos le')),
                ('lost_at', models.DateTimeField(blank=True, null=True, verbose_name='perdu le')),
                ('recorded_at', models.DateTimeField(editable=False)),
                ('asked_at', models.DateTimeField(editable=False)),
                ('reminded_at', models.DateTimeField(blank=True, null=True, verbose_name='rappel envoyé le')),
            ],
            options={
                'verbose_name': 'litige',
                'verbose_name_plural': 'litiges',
                'ordering': ['-opened_at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='DisputeMovement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reference', apps.common.fields.ExactCharField(max_length=120, verbose_name='référence du prestataire')),
                ('amount', apps.common.money.SignedMoneyField(decimal_places=2, max_digits=10, verbose_name='montant')),
                ('fee', apps.common.money.SignedMoneyField(decimal_places=2, max_digits=10, verbose_name='frais')),
                ('happened_at', models.DateTimeField(verbose_name='le')),
                ('recorded_at', models.DateTimeField(verbose_name='enregistré le')),
            ],
            options={
                'verbose_name': 'mouvement de litige',
                'verbose_name_plural': 'mouvements de litige',
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='Payout',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('gateway', apps.common.fields.ExactCharField(max_length=40, verbose_name='prestataire')),
                ('reference', apps.common.fields.ExactCharField(max_length=120, verbose_name='référence du prestataire')),
                ('status', models.CharField(choices=[('PENDING', 'en route'), ('PAID', 'versé'), ('FAILED', 'refusé par la banque'), ('CANCELLED', 'annulé')], max_length=10, verbose_name='état')),
                ('amount', apps.common.money.SignedMoneyField(decimal_places=2, max_digits=10, verbose_name='montant')),
                ('fees', apps.common.money.SignedMoneyField(decimal_places=2, default=Decimal('0.00'), max_digits=10, verbose_name='frais')),
                ('initiated_at', models.DateTimeField(verbose_name='émis le')),
                ('arrival_date', models.DateField(verbose_name='sur le compte le')),
                ('recorded_at', models.DateTimeField(editable=False)),
                ('paid_at', models.DateTimeField(blank=True, null=True, verbose_name='versement enregistré le')),
                ('failed_at', models.DateTimeField(blank=True, null=True, verbose_name='refus enregistré le')),
                ('itemised_at', models.DateTimeField(blank=True, null=True, verbose_name='lignes reçues le')),
            ],
            options={
                'verbose_name': 'versement',
                'verbose_name_plural': 'versements',
                'ordering': ['-initiated_at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='PayoutLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reference', apps.common.fields.ExactCharField(max_length=120, verbose_name='référence du prestataire')),
                ('kind', models.CharField(choices=[('PAYMENT', 'paiement'), ('REFUND', 'remboursement'), ('REFUND_BACK', 'remboursement renvoyé'), ('DISPUTE', 'litige'), ('FEE', 'frais'), ('OTHER', 'autre')], max_length=12, verbose_name='nature')),
                ('amount', apps.common.money.SignedMoneyField(decimal_places=2, max_digits=10, verbose_name='montant')),
                ('fee', apps.common.money.SignedMoneyField(decimal_places=2, max_digits=10, verbose_name='frais')),
                ('net', apps.common.money.SignedMoneyField(decimal_places=2, max_digits=10, verbose_name='net')),
                ('happened_at', models.DateTimeField(verbose_name='le')),
                ('source', apps.common.fields.ExactCharField(blank=True, max_length=120, verbose_name='objet chez le prestataire')),
                ('source_payment', apps.common.fields.ExactCharField(blank=True, editable=False, max_length=120)),
                ('description', models.CharField(blank=True, max_length=200, verbose_name='libellé')),
                ('match', models.CharField(choices=[('SAME', 'conforme'), ('OTHER_AMOUNT', 'montant différent'), ('UNKNOWN', 'inconnu de la boutique')], default='UNKNOWN', max_length=12, verbose_name='rapprochement')),
            ],
            options={
                'verbose_name': 'ligne de versement',
                'verbose_name_plural': 'lignes de versement',
                'ordering': ['pk'],
            },
        ),
        migrations.AddField(
            model_name='payment',
            name='disputed',
            field=apps.common.money.MoneyField(db_default=Decimal('0.00'), decimal_places=2, default=Decimal('0.00'), max_digits=10, validators=[django.core.validators.MinValueValidator(Decimal('0.00'))], verbose_name='repris par litige'),
        ),
        migrations.AddField(
            model_name='refund',
            name='is_from_provider',
            field=models.BooleanField(db_default=False, default=False, verbose_name='fait chez le prestataire'),
        ),
        migrations.AddIndex(
            model_name='payment',
            index=models.Index(fields=['captured_at'], name='payment_captured'),
        ),
        migrations.AddIndex(
            model_name='refund',
            index=models.Index(fields=['done_at'], name='refund_done'),
        ),
        migrations.AddField(
            model_name='dispute',
            name='payment',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='disputes', to='payments.payment', verbose_name='paiement'),
        ),
        migrations.AddField(
            model_name='disputemovement',
            name='dispute',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='movements', to='payments.dispute'),
        ),
        migrations.AddConstraint(
            model_name='payout',
            constraint=models.UniqueConstraint(fields=('gateway', 'reference'), name='payout_once'),
        ),
        migrations.AddField(
            model_name='payoutline',
            name='dispute',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='payments.dispute', verbose_name='litige'),
        ),
        migrations.AddField(
            model_name='payoutline',
            name='payment',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='payments.payment', verbose_name='paiement'),
        ),
        migrations.AddField(
            model_name='payoutline',
            name='payout',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='payments.payout', verbose_name='versement'),
        ),
        migrations.AddField(
            model_name='payoutline',
            name='refund',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='payments.refund', verbose_name='remboursement'),
        ),
        migrations.AddIndex(
            model_name='dispute',
            index=models.Index(fields=['status', 'answer_by'], name='dispute_status_answer_by'),
        ),
        migrations.AddConstraint(
            model_name='dispute',
            constraint=models.UniqueConstraint(fields=('payment', 'reference'), name='dispute_once'),
        ),
        migrations.AddIndex(
            model_name='disputemovement',
            index=models.Index(fields=['recorded_at'], name='dispute_movement_recorded'),
        ),
        migrations.AddConstraint(
            model_name='disputemovement',
            constraint=models.UniqueConstraint(fields=('dispute', 'reference'), name='dispute_movement_once'),
        ),
        migrations.AddIndex(
            model_name='payoutline',
            index=models.Index(fields=['match', 'kind'], name='payout_line_match'),
        ),
        migrations.AddConstraint(
            model_name='payoutline',
            constraint=models.UniqueConstraint(fields=('payout', 'reference'), name='payout_line_once'),
        ),
    ]
