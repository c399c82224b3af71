"""Delivery methods."""

import apps.common.fields
import apps.common.money
import apps.common.schema
import django.core.validators
import django.db.models.deletion
from decimal import Decimal
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [
        ('delivery', '0001_initial'),
        ('delivery', '0002_compare_exactly'),
        ('delivery', '0003_english_opening_hours'),
    ]

    initial = True

    dependencies = [
    ]

    operations = [
        apps.common.schema.CreateModels(
            operations=[
                migrations.CreateModel(
                    name='DeliveryMethod',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('code', apps.common.fields.ExactSlugField(max_length=40, unique=True, verbose_name='code')),
                        ('name_fr', models.CharField(max_length=80, verbose_name='nom')),
                        ('name_en', models.CharField(blank=True, max_length=80, verbose_name='nom (anglais)')),
                        ('description_fr', models.CharField(blank=True, max_length=200, verbose_name='présentation')),
                        ('description_en', models.CharField(blank=True, max_length=200, verbose_name='présentation (anglais)')),
                        ('kind', models.CharField(choices=[('HOME', 'à domicile'), ('PICKUP_POINT', 'en point relais'), ('IN_STORE', 'retrait en boutique')], max_length=14, verbose_name='type')),
                        ('free_from', apps.common.money.MoneyField(blank=True, decimal_places=2, max_digits=10, null=True, validators=[django.core.validators.MinValueValidator(Decimal('0.00'))], verbose_name='offerte à partir de')),
                        ('min_days', models.PositiveSmallIntegerField(default=2, verbose_name='jours ouvrés, au plus tôt')),
                        ('max_days', models.PositiveSmallIntegerField(default=4, verbose_name='jours ouvrés, au plus tard')),
                        ('is_active', models.BooleanField(default=True, verbose_name='proposé')),
                        ('position', models.PositiveSmallIntegerField(default=0, verbose_name='ordre')),
                    ],
                    options={
                        'verbose_name': 'mode de livraison',
                        'verbose_name_plural': 'modes de livraison',
                        'ordering': ['position', 'pk'],
                    },
                ),
                migrations.CreateModel(
                    name='PickupPoint',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('code', apps.common.fields.ExactSlugField(max_length=40, unique=True, verbose_name='code')),
                        ('name', models.CharField(max_length=120, verbose_name='nom')),
                        ('line1', models.CharField(max_length=120, verbose_name='adresse')),
                        ('postcode', models.CharField(max_length=10, verbose_name='code postal')),
                        ('city', models.CharField(max_length=80, verbose_name='ville')),
                        ('opening_hours', models.CharField(blank=True, max_length=200, verbose_name='horaires')),
                        ('is_active', models.BooleanField(default=True, verbose_name='proposé')),
                        ('method', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='pickup_points', to='delivery.deliverymethod')),
                        ('opening_hours_en', models.CharField(blank=True, db_default='', default='', max_length=200, verbose_name='horaires (anglais)')),
                    ],
                    options={
                        'verbose_name': 'point relais',
                        'verbose_name_plural': 'points relais',
                        'ordering': ['postcode', 'name'],
                    },
                ),
                migrations.CreateModel(
                    name='WeightBracket',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('up_to_g', models.PositiveIntegerField(verbose_name='jusqu’à (g)')),
                        ('price', apps.common.money.MoneyField(decimal_places=2, max_digits=10, validators=[django.core.validators.MinValueValidator(Decimal('0.00'))], verbose_name='prix TTC')),
                        ('method', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='brackets', to='delivery.deliverymethod')),
                    ],
                    options={
                        'verbose_name': 'tranche de poids',
                        'verbose_name_plural': 'tranches de poids',
                        'ordering': ['method', 'up_to_g'],
                        'constraints': [models.UniqueConstraint(fields=('method', 'up_to_g'), name='weight_bracket_unique')],
                    },
                ),
            ],
        ),
    ]
