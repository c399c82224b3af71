"""Baskets."""

import apps.common.fields
import apps.common.money
import apps.common.schema
import django.core.validators
import django.db.models.deletion
import django.utils.timezone
import uuid
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [
        ('basket', '0001_initial'),
        ('basket', '0002_compare_exactly'),
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
                    name='Basket',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='créé le')),
                        ('updated_at', models.DateTimeField(auto_now=True, verbose_name='modifié le')),
                        ('key', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        ('status', models.CharField(choices=[('OPEN', 'en cours'), ('MERGED', 'réuni à un autre'), ('ORDERED', 'commandé')], default='OPEN', max_length=8, verbose_name='état')),
                        ('user', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='baskets', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'verbose_name': 'panier',
                        'verbose_name_plural': 'paniers',
                        'indexes': [models.Index(fields=['status', 'updated_at'], name='basket_status_updated')],
                        'constraints': [models.UniqueConstraint(models.Case(models.When(status='OPEN', then=models.F('user'))), name='basket_one_open_per_user')],
                    },
                ),
                migrations.CreateModel(
                    name='CheckoutDetails',
                    fields=[
                        ('recipient', models.CharField(max_length=120, verbose_name='destinataire')),
                        ('company', models.CharField(blank=True, max_length=120, verbose_name='société')),
                        ('line1', models.CharField(max_length=120, verbose_name='adresse')),
                        ('line2', models.CharField(blank=True, max_length=120, verbose_name='complément d’adresse')),
                        ('postcode', models.CharField(max_length=10, verbose_name='code postal')),
                        ('city', models.CharField(max_length=80, verbose_name='ville')),
                        ('country', models.CharField(default='FR', max_length=2, verbose_name='pays')),
                        ('basket', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='details', serialize=False, to='basket.basket')),
                        ('email', apps.common.fields.CanonicalEmailField(max_length=254, verbose_name='adresse e-mail')),
                        ('phone', models.CharField(blank=True, max_length=30, verbose_name='téléphone')),
                        ('delivery_method', apps.common.fields.ExactCharField(max_length=40, verbose_name='mode de livraison')),
                        ('pickup_point', apps.common.fields.ExactCharField(blank=True, max_length=40, verbose_name='point relais')),
                        ('payment_method', apps.common.fields.ExactCharField(max_length=40, verbose_name='moyen de paiement')),
                    ],
                    options={
                        'verbose_name': 'coordonnées de commande',
                        'verbose_name_plural': 'coordonnées de commande',
                    },
                ),
                migrations.CreateModel(
                    name='BasketLine',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('quantity', models.PositiveIntegerField(verbose_name='quantité')),
                        ('price_seen', apps.common.money.MoneyField(decimal_places=2, max_digits=10, validators=[django.core.validators.MinValueValidator(Decimal('0.00'))], verbose_name='prix vu')),
                        ('basket', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='basket.basket')),
                        ('variant', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='catalogue.variant')),
                    ],
                    options={
                        'verbose_name': 'ligne du panier',
                        'verbose_name_plural': 'lignes du panier',
                        'ordering': ['pk'],
                        'constraints': [models.UniqueConstraint(fields=('basket', 'variant'), name='basket_line_variant_unique'), models.CheckConstraint(condition=models.Q(('quantity__gte', 1), ('quantity__lte', 999)), name='basket_line_quantity_in_bounds')],
                    },
                ),
            ],
        ),
    ]
