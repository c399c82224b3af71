"""Comments, reports, invitations."""

import apps.common.fields
import apps.common.schema
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [
        ('comments', '0001_initial'),
        ('comments', '0002_threads_ratings_reports'),
        ('comments', '0003_invitations'),
        ('comments', '0004_one_index_of_threads'),
        ('comments', '0005_compare_exactly'),
        ('comments', '0006_sections_of_512_characters'),
        ('comments', '0007_name_hashes'),
    ]

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ('orders', '0004_emails_in_doubt'),
    ]

    operations = [
        apps.common.schema.CreateModels(
            operations=[
                migrations.CreateModel(
                    name='Comment',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='créé le')),
                        ('updated_at', models.DateTimeField(auto_now=True, verbose_name='modifié le')),
                        ('section_id', apps.common.fields.ExactCharField(max_length=512, verbose_name='section')),
                        ('author', models.CharField(max_length=80, verbose_name='auteur')),
                        ('text', models.TextField(max_length=5000, verbose_name='texte')),
                        ('status', models.CharField(choices=[('PENDING', 'à modérer'), ('PUBLISHED', 'publié'), ('REJECTED', 'refusé')], default='PENDING', editable=False, max_length=10, verbose_name='état')),
                        ('first_status', models.CharField(choices=[('PENDING', 'à modérer'), ('PUBLISHED', 'publié'), ('REJECTED', 'refusé')], editable=False, max_length=10)),
                        ('reason', models.CharField(blank=True, max_length=300, verbose_name='motif')),
                        ('moderated_at', models.DateTimeField(editable=False, null=True, verbose_name='modéré le')),
                        ('request_key', apps.common.fields.ExactCharField(editable=False, max_length=64, null=True, unique=True)),
                        ('request_hash', apps.common.fields.ExactCharField(blank=True, db_column='request_digest', editable=False, max_length=64)),
                        ('moderated_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='modéré par')),
                        ('parent', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='replies', to='comments.comment', verbose_name='réponse à')),
                        ('user', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='comments', to=settings.AUTH_USER_MODEL, verbose_name='compte')),
                        ('bought_on', models.DateField(editable=False, null=True, verbose_name='acheté le')),
                        ('buyer_account', apps.common.fields.ExactCharField(editable=False, max_length=64, null=True)),
                        ('buyer_email', apps.common.fields.ExactCharField(editable=False, max_length=64, null=True)),
                        ('by_team', models.BooleanField(default=False, editable=False, verbose_name='de l’équipe')),
                        ('edited_at', models.DateTimeField(editable=False, null=True, verbose_name='modifié par son auteur le')),
                        ('email', apps.common.fields.CanonicalEmailField(blank=True, editable=False, max_length=254, verbose_name='adresse e-mail')),
                        ('language', models.CharField(default='fr', editable=False, max_length=5)),
                        ('open_reports', models.PositiveSmallIntegerField(default=0, editable=False, verbose_name='signalements')),
                        ('rating', models.PositiveSmallIntegerField(editable=False, null=True, verbose_name='note')),
                        ('withdrawn_at', models.DateTimeField(editable=False, null=True, verbose_name='retiré par son auteur le')),
                        ('thread_section', models.GeneratedField(db_persist=True, expression=models.Case(models.When(parent__isnull=True, then=models.F('section_id'))), output_field=apps.common.fields.ExactCharField(max_length=512, null=True))),
                    ],
                    options={
                        'verbose_name': 'commentaire',
                        'verbose_name_plural': 'commentaires',
                        'indexes': [models.Index(fields=['section_id', 'status', 'created_at', 'id'], name='comment_section_newest'), models.Index(fields=['open_reports', 'created_at'], name='comment_reported'), models.Index(fields=['email'], name='comment_email'), models.Index(fields=['status', 'open_reports', 'created_at', 'id'], name='comment_waiting'), models.Index(fields=['thread_section', 'status', 'created_at', 'id'], name='comment_threads_newest')],
                        'constraints': [models.CheckConstraint(condition=models.Q(('rating', None), models.Q(('bought_on__isnull', False), ('rating__gte', 1), ('rating__lte', 5)), _connector='OR'), name='comment_rating_is_a_buyers'), models.UniqueConstraint(fields=('section_id', 'buyer_account'), name='comment_one_rating_per_account'), models.UniqueConstraint(fields=('section_id', 'buyer_email'), name='comment_one_rating_per_email')],
                    },
                ),
                migrations.CreateModel(
                    name='ReviewInvitation',
                    fields=[
                        ('order', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='+', serialize=False, to='orders.order')),
                        ('created_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='le')),
                    ],
                ),
                migrations.CreateModel(
                    name='ReviewObjection',
                    fields=[
                        ('email_hash', apps.common.fields.ExactCharField(db_column='digest', max_length=64, primary_key=True, serialize=False)),
                        ('created_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='le')),
                    ],
                ),
                migrations.CreateModel(
                    name='Report',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('reason', models.CharField(choices=[('SPAM', 'publicité ou message indésirable'), ('OFFENSIVE', 'injure, haine ou harcèlement'), ('FALSE', 'faux avis ou information trompeuse'), ('PRIVATE', 'données personnelles'), ('OTHER', 'autre raison')], max_length=10, verbose_name='raison')),
                        ('note', models.CharField(blank=True, max_length=300, verbose_name='précision')),
                        ('reporter', apps.common.fields.ExactCharField(editable=False, max_length=64)),
                        ('created_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='le')),
                        ('comment', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='reports', to='comments.comment')),
                        ('user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='compte')),
                    ],
                    options={
                        'verbose_name': 'signalement',
                        'verbose_name_plural': 'signalements',
                        'constraints': [models.UniqueConstraint(fields=('comment', 'reporter'), name='report_once_per_person')],
                    },
                ),
            ],
        ),
    ]
