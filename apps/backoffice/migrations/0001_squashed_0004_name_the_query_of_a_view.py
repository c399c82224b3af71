"""Rights and saved views."""

import apps.common.fields
import apps.common.money
import apps.common.schema
import django.core.validators
import django.db.models.deletion
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [
        ('backoffice', '0001_initial'),
        ('backoffice', '0002_saved_views'),
        ('backoffice', '0003_compare_exactly'),
        ('backoffice', '0004_name_the_query_of_a_view'),
    ]

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        apps.common.schema.CreateModels(
            operations=[
                migrations.CreateModel(
                    name='DailySales',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('date', models.DateField(unique=True, verbose_name='jour')),
                        ('orders', models.PositiveIntegerField(default=0, verbose_name='commandes')),
                        ('pieces', models.PositiveIntegerField(default=0, verbose_name='pièces')),
                        ('revenue', apps.common.money.MoneyField(decimal_places=2, default=0, max_digits=10, validators=[django.core.validators.MinValueValidator(Decimal('0.00'))], verbose_name='chiffre d’affaires TTC')),
                        ('vat', apps.common.money.MoneyField(decimal_places=2, default=0, max_digits=10, validators=[django.core.validators.MinValueValidator(Decimal('0.00'))], verbose_name='dont TVA')),
                        ('rolled_up_at', models.DateTimeField(verbose_name='calculé le')),
                    ],
                    options={
                        'verbose_name': 'ventes du jour',
                        'verbose_name_plural': 'ventes par jour',
                        'ordering': ['-date'],
                    },
                ),
                migrations.CreateModel(
                    name='SavedView',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name', apps.common.fields.ExactCharField(max_length=60, verbose_name='nom')),
                        ('query', apps.common.fields.ExactCharField(blank=True, db_column='address', max_length=500, verbose_name='filtres')),
                        ('is_shared', models.BooleanField(default=False, verbose_name='partagée avec l’équipe')),
                        ('owner', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='board_views', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'verbose_name': 'vue du tableau',
                        'verbose_name_plural': 'vues du tableau',
                        'constraints': [models.UniqueConstraint(fields=('owner', 'name'), name='saved_view_once_by_owner')],
                    },
                ),
            ],
        ),
    ]
