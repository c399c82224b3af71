"""Orders before their text was compared exactly."""

import apps.common.money
import apps.common.schema
import apps.orders.models.order
import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.math
import django.utils.timezone
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [
        ('orders', '0001_initial'),
        ('orders', '0002_deliver_at_the_rates_of_the_goods'),
        ('orders', '0003_withdrawal_exception'),
        ('orders', '0004_emails_in_doubt'),
    ]

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ('catalogue', '0001_initial'),
    ]

    operations = [
        apps.common.schema.CreateModels(
            operations=[
                migrations.CreateModel(
                    name='Order',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('recipient', models.CharField(max_length=120, verbose_name='destinataire')),
                        ('company', models.CharField(blank=True, max_length=120, verbose_name='société')),
                        ('line1', models.CharField(max_length=120, verbose_name='adresse')),
                        ('line2', models.CharField(blank=True, max_length=120, verbose_name='complément d’adresse')),
                        ('postcode', models.CharField(max_length=10, verbose_name='code postal')),
                        ('city', models.CharField(max_length=80, verbose_name='ville')),
                        ('country', models.CharField(default='FR', max_length=2, verbose_name='pays')),
                        ('number', models.CharField(default=apps.orders.models.order.new_number, editable=False, max_length=20, unique=True, verbose_name='numéro')),
                        ('access_token', models.CharField(default=apps.orders.models.order.new_access_token, editable=False, max_length=32, unique=True)),
                        ('basket_key', models.UUIDField(editable=False, unique=True)),
                        ('status', models.CharField(choices=[('AWAITING_PAYMENT', 'en attente de paiement'), ('CONFIRMED', 'confirmée'), ('PREPARING', 'en préparation'), ('READY', 'prête à retirer'), ('SHIPPED', 'expédiée'), ('DELIVERED', 'remise'), ('CANCELLED', 'annulée'), ('EXPIRED', 'expirée')], default='AWAITING_PAYMENT', max_length=16, verbose_name='état')),
                        ('language', models.CharField(default='fr', max_length=5, verbose_name='langue')),
                        ('email', models.EmailField(max_length=254, verbose_name='adresse e-mail')),
                        ('phone', models.CharField(blank=True, max_length=30, verbose_name='téléphone')),
                        ('items_total', apps.common.money.MoneyField(decimal_places=2, max_digits=10, validators=[django.core.validators.MinValueValidator(Decimal('0.00'))], verbose_name='total des lignes')),
                        ('delivery_total', apps.common.money.MoneyField(decimal_places=2, max_digits=10, validators=[django.core.validators.MinValueValidator(Decimal('0.00'))], verbose_name='livraison')),
                        ('total', apps.common.money.MoneyField(decimal_places=2, max_digits=10, validators=[django.core.validators.MinValueValidator(Decimal('0.00'))], verbose_name='total TTC')),
                        ('vat_total', apps.common.money.MoneyField(decimal_places=2, max_digits=10, validators=[django.core.validators.MinValueValidator(Decimal('0.00'))], verbose_name='dont TVA')),
                        ('delivery_method', models.CharField(max_length=40, verbose_name='mode de livraison')),
                        ('delivery_kind', models.CharField(max_length=14, verbose_name='type de livraison')),
                        ('delivery_name', models.CharField(max_length=80, verbose_name='nom du mode de livraison')),
                        ('pickup_point', models.CharField(blank=True, max_length=250, verbose_name='point relais')),
                        ('delivery_from_date', models.DateField(blank=True, null=True, verbose_name='livraison au plus tôt')),
                        ('delivery_to_date', models.DateField(blank=True, null=True, verbose_name='livraison au plus tard')),
                        ('payment_method', models.CharField(max_length=40, verbose_name='moyen de paiement')),
                        ('terms_version', models.CharField(max_length=20, verbose_name='version des CGV')),
                        ('terms_accepted_at', models.DateTimeField(verbose_name='CGV acceptées le')),
                        ('placed_at', models.DateTimeField(verbose_name='passée le')),
                        ('hold_expires_at', models.DateTimeField(blank=True, null=True, verbose_name='réservation jusqu’au')),
                        ('paid_at', models.DateTimeField(blank=True, null=True, verbose_name='payée le')),
                        ('shipped_at', models.DateTimeField(blank=True, null=True, verbose_name='expédiée le')),
                        ('closed_at', models.DateTimeField(blank=True, null=True, verbose_name='close le')),
                        ('tracking_number', models.CharField(blank=True, max_length=80, verbose_name='numéro de suivi')),
                        ('tracking_url', models.URLField(blank=True, max_length=300, verbose_name='adresse de suivi')),
                        ('anonymised_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='anonymisée le')),
                        ('user', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='orders', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'verbose_name': 'commande',
                        'verbose_name_plural': 'commandes',
                        'ordering': ['-placed_at', '-pk'],
                        'indexes': [models.Index(fields=['status', 'hold_expires_at'], name='order_status_hold'), models.Index(fields=['placed_at'], name='order_placed'), models.Index(fields=['email'], name='order_email')],
                        'constraints': [models.CheckConstraint(condition=models.Q(('total', django.db.models.functions.math.Round(django.db.models.expressions.CombinedExpression(models.F('items_total'), '+', models.F('delivery_total')), precision=2))), name='order_total_is_items_and_delivery'), models.CheckConstraint(condition=models.Q(('vat_total__lte', models.F('total'))), name='order_vat_lte_total')],
                    },
                ),
                migrations.CreateModel(
                    name='OrderEvent',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('from_status', models.CharField(blank=True, choices=[('AWAITING_PAYMENT', 'en attente de paiement'), ('CONFIRMED', 'confirmée'), ('PREPARING', 'en préparation'), ('READY', 'prête à retirer'), ('SHIPPED', 'expédiée'), ('DELIVERED', 'remise'), ('CANCELLED', 'annulée'), ('EXPIRED', 'expirée')], max_length=16, verbose_name='de')),
                        ('to_status', models.CharField(blank=True, choices=[('AWAITING_PAYMENT', 'en attente de paiement'), ('CONFIRMED', 'confirmée'), ('PREPARING', 'en préparation'), ('READY', 'prête à retirer'), ('SHIPPED', 'expédiée'), ('DELIVERED', 'remise'), ('CANCELLED', 'annulée'), ('EXPIRED', 'expirée')], max_length=16, verbose_name='à')),
                        ('note', models.CharField(blank=True, max_length=250, verbose_name='note')),
                        ('created_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='le')),
                        ('actor', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='par')),
                        ('order', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='events', to='orders.order')),
                    ],
                    options={
                        'verbose_name': 'événement',
                        'verbose_name_plural': 'événements',
                        'ordering': ['pk'],
                    },
                ),
                migrations.CreateModel(
                    name='OrderLine',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('position', models.PositiveSmallIntegerField(verbose_name='ordre')),
                        ('product_name', models.CharField(max_length=200, verbose_name='produit')),
                        ('variant_label', models.CharField(blank=True, max_length=250, verbose_name='modèle')),
                        ('sku', models.CharField(max_length=80, verbose_name='référence')),
                        ('ean13', models.CharField(blank=True, max_length=13, verbose_name='code-barres')),
                        ('quantity', models.PositiveIntegerField(verbose_name='quantité')),
                        ('unit_price', apps.common.money.MoneyField(decimal_places=2, max_digits=10, validators=[django.core.validators.MinValueValidator(Decimal('0.00'))], verbose_name='prix unitaire TTC')),
                        ('reference_price', apps.common.money.MoneyField(blank=True, decimal_places=2, max_digits=10, null=True, validators=[django.core.validators.MinValueValidator(Decimal('0.00'))], verbose_name='prix de référence')),
                        ('total', apps.common.money.MoneyField(decimal_places=2, max_digits=10, validators=[django.core.validators.MinValueValidator(Decimal('0.00'))], verbose_name='total TTC')),
                        ('vat_rate', models.DecimalField(decimal_places=1, max_digits=4, verbose_name='taux de TVA')),
                        ('vat_amount', apps.common.money.MoneyField(decimal_places=2, max_digits=10, validators=[django.core.validators.MinValueValidator(Decimal('0.00'))], verbose_name='dont TVA')),
                        ('order', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='orders.order')),
                        ('variant', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='catalogue.variant')),
                        ('withdrawal_exception', models.CharField(blank=True, choices=[('', 'aucune\u202f: 14 jours pour se rétracter'), ('MADE_TO_MEASURE', 'fait sur mesure ou personnalisé (3°)'), ('PERISHABLE', 'périssable (4°)'), ('HYGIENE', 'scellé pour l’hygiène ou la santé (5°)'), ('RECORDING', 'audio, vidéo ou logiciel scellé (9°)'), ('PRESS', 'journal ou magazine (11°)')], db_default='', default='', help_text='Le client a 14 jours pour se rétracter, sauf si le produit entre vraiment dans l’un de ces cas (code de la consommation, art. L221-28). Un produit scellé reste repris tant que le scellé est intact. L’exception est annoncée au client avant l’achat\u202f: sans cela, elle ne vaut pas.', max_length=16, verbose_name='exception au droit de rétractation')),
                    ],
                    options={
                        'verbose_name': 'ligne',
                        'verbose_name_plural': 'lignes',
                        'ordering': ['position'],
                        'constraints': [models.UniqueConstraint(fields=('order', 'position'), name='order_line_position_unique'), models.CheckConstraint(condition=models.Q(('quantity__gt', 0)), name='order_line_quantity_positive'), models.CheckConstraint(condition=models.Q(('total', django.db.models.functions.math.Round(django.db.models.expressions.CombinedExpression(models.F('unit_price'), '*', models.F('quantity')), precision=2))), name='order_line_total_is_product')],
                    },
                ),
                migrations.CreateModel(
                    name='OrderNotification',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('kind', models.CharField(choices=[('PLACED', 'commande reçue'), ('CONFIRMED', 'commande confirmée'), ('READY', 'prête à retirer'), ('SHIPPED', 'expédiée'), ('CANCELLED', 'annulée'), ('EXPIRED', 'expirée'), ('REFUNDED', 'remboursée')], max_length=10, verbose_name='message')),
                        ('occasion', models.CharField(blank=True, max_length=60)),
                        ('status', models.CharField(choices=[('OWED', 'à envoyer'), ('SENDING', 'en cours d’envoi'), ('HANDED', 'remis, sans réponse'), ('SENT', 'envoyé'), ('FAILED', 'échec')], default='OWED', max_length=8, verbose_name='état')),
                        ('attempts', models.PositiveSmallIntegerField(default=0, verbose_name='essais')),
                        ('claimed_at', models.DateTimeField(blank=True, null=True)),
                        ('sent_at', models.DateTimeField(blank=True, null=True, verbose_name='envoyé le')),
                        ('created_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='créé le')),
                        ('order', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='notifications', to='orders.order')),
                    ],
                    options={
                        'verbose_name': 'message au client',
                        'verbose_name_plural': 'messages au client',
                        'indexes': [models.Index(fields=['status', 'created_at'], name='order_notification_due')],
                        'constraints': [models.UniqueConstraint(fields=('order', 'kind', 'occasion'), name='order_notification_once')],
                    },
                ),
            ],
        ),
    ]
