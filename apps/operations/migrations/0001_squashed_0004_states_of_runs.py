"""Runs and findings of operations; how other packages' text is compared."""

import apps.common.fields
import apps.common.schema
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [
        ('operations', '0001_initial'),
        ('operations', '0002_audit_findings'),
        ('operations', '0003_compare_exactly'),
        ('operations', '0004_states_of_runs'),
    ]

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ('auth', '0012_alter_user_first_name_max_length'),
        ('axes', '0010_accessattemptexpiration'),
        ('django_celery_beat', '0019_alter_periodictasks_options'),
        ('django_celery_results', '0014_alter_taskresult_status'),
        ('sessions', '0001_initial'),
    ]

    operations = [
        apps.common.schema.CreateModels(
            operations=[
                migrations.CreateModel(
                    name='BeatLease',
                    fields=[
                        ('name', apps.common.fields.ExactCharField(max_length=20, primary_key=True, serialize=False)),
                        ('holder', apps.common.fields.ExactCharField(max_length=120)),
                        ('token', models.PositiveBigIntegerField(default=0)),
                        ('expires_at', models.DateTimeField()),
                    ],
                ),
                migrations.CreateModel(
                    name='DueJob',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('job', apps.common.fields.ExactCharField(max_length=200, verbose_name='tâche planifiée')),
                        ('task', apps.common.fields.ExactCharField(max_length=200, verbose_name='tâche')),
                        ('due_at', models.DateTimeField(verbose_name='prévue le')),
                        ('token', models.PositiveBigIntegerField(editable=False)),
                        ('claimed_at', models.DateTimeField(verbose_name='retenue le')),
                        ('sent_at', models.DateTimeField(blank=True, null=True, verbose_name='envoyée le')),
                        ('started_at', models.DateTimeField(blank=True, null=True, verbose_name='commencée le')),
                        ('finished_at', models.DateTimeField(blank=True, null=True, verbose_name='terminée le')),
                        ('error', models.CharField(blank=True, max_length=250, verbose_name='erreur')),
                    ],
                    options={
                        'verbose_name': 'échéance',
                        'verbose_name_plural': 'échéances',
                        'ordering': ['-due_at', '-pk'],
                        'indexes': [models.Index(fields=['claimed_at'], name='due_job_claimed')],
                        'constraints': [models.UniqueConstraint(fields=('job', 'due_at'), name='due_job_once')],
                    },
                ),
                migrations.CreateModel(
                    name='OperationRun',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('operation', apps.common.fields.ExactCharField(max_length=40, verbose_name='opération')),
                        ('source', models.CharField(choices=[('TERMINAL', 'terminal'), ('SCHEDULE', 'planification'), ('BACK_OFFICE', 'arrière-boutique')], max_length=12, verbose_name='lancée depuis')),
                        ('host', apps.common.fields.ExactCharField(max_length=120, verbose_name='machine')),
                        ('pid', models.PositiveIntegerField(verbose_name='processus')),
                        ('options', models.JSONField(default=dict, verbose_name='options')),
                        ('is_dry_run', models.BooleanField(default=False, verbose_name='essai')),
                        ('state', models.CharField(choices=[('QUEUED', 'en attente'), ('RUNNING', 'en cours'), ('SUCCEEDED', 'réussie'), ('FAILED', 'échouée'), ('OUT_OF_TIME', 'arrêtée, trop longue'), ('ABANDONED', 'abandonnée'), ('REFUSED', 'refusée')], default='RUNNING', max_length=12, verbose_name='état')),
                        ('message', models.TextField(blank=True, verbose_name='bilan')),
                        ('result', models.JSONField(default=dict, verbose_name='résultat')),
                        ('links', models.JSONField(default=dict, verbose_name='liens')),
                        ('log', models.TextField(blank=True, verbose_name='journal')),
                        ('started_at', models.DateTimeField(verbose_name='lancée le')),
                        ('finished_at', models.DateTimeField(blank=True, null=True, verbose_name='terminée le')),
                        ('expires_at', models.DateTimeField(verbose_name='limite')),
                        ('active_key', apps.common.fields.ExactCharField(editable=False, max_length=40, null=True, unique=True)),
                        ('started_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='lancée par')),
                    ],
                    options={
                        'verbose_name': 'exécution',
                        'verbose_name_plural': 'exécutions',
                        'ordering': ['-pk'],
                        'permissions': [('start_operation', 'Peut lancer une opération')],
                        'indexes': [models.Index(fields=['operation', 'started_at'], name='operation_run_by_name')],
                    },
                ),
                migrations.CreateModel(
                    name='AuditFinding',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('key', apps.common.fields.ExactCharField(editable=False, max_length=40, unique=True)),
                        ('check_name', models.CharField(max_length=120, verbose_name='contrôle')),
                        ('severity', models.CharField(choices=[('INFO', 'information'), ('LOW', 'faible'), ('MEDIUM', 'moyenne'), ('HIGH', 'haute'), ('CRITICAL', 'critique')], max_length=8, verbose_name='gravité')),
                        ('resource', models.CharField(max_length=512, verbose_name='ressource')),
                        ('region', models.CharField(blank=True, max_length=30, verbose_name='région')),
                        ('problem', models.TextField(verbose_name='constat')),
                        ('remedy', models.TextField(verbose_name='que faire')),
                        ('euros', models.DecimalField(blank=True, decimal_places=2, max_digits=12, null=True, verbose_name='euros par mois')),
                        ('sources', models.CharField(max_length=40, verbose_name='vu par')),
                        ('first_seen_at', models.DateTimeField(verbose_name='vu depuis le')),
                        ('last_seen_at', models.DateTimeField(verbose_name='vu le')),
                        ('gone_at', models.DateTimeField(blank=True, null=True, verbose_name='disparu le')),
                        ('accepted_reason', models.TextField(blank=True, max_length=1000, verbose_name='accepté parce que')),
                        ('accepted_until_date', models.DateField(blank=True, help_text='Ce jour compris\u202f; ensuite le constat revient.', null=True, verbose_name='accepté jusqu’au')),
                        ('accepted_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='accepté par')),
                    ],
                    options={
                        'verbose_name': 'constat d’audit',
                        'verbose_name_plural': 'constats d’audit',
                        'ordering': ['-last_seen_at', 'pk'],
                        'indexes': [models.Index(fields=['gone_at', 'severity'], name='audit_finding_open')],
                        'constraints': [models.CheckConstraint(condition=models.Q(('severity__in', ['INFO', 'LOW', 'MEDIUM', 'HIGH', 'CRITICAL'])), name='audit_finding_severity'), models.CheckConstraint(condition=models.Q(models.Q(('accepted_reason', ''), ('accepted_until_date', None)), models.Q(('accepted_until_date__isnull', False), models.Q(('accepted_reason', ''), _negated=True)), _connector='OR'), name='audit_finding_accepted_with_reason', violation_error_message='Dites pourquoi, et jusqu’à quel jour\u202f: l’un ne va pas sans l’autre.'), models.CheckConstraint(condition=models.Q(('last_seen_at__gte', models.F('first_seen_at'))), name='audit_finding_seen_in_order')],
                    },
                ),
            ],
        ),
        apps.common.schema.CompareExactly(
            app_label='auth',
            model_name='group',
            names=['name'],
        ),
        apps.common.schema.CompareExactly(
            app_label='axes',
            model_name='accessattempt',
            names=['username', 'user_agent'],
        ),
        apps.common.schema.CompareExactly(
            app_label='axes',
            model_name='accessfailurelog',
            names=['username'],
        ),
        apps.common.schema.CompareExactly(
            app_label='axes',
            model_name='accesslog',
            names=['username'],
        ),
        apps.common.schema.CompareExactly(
            app_label='django_celery_beat',
            model_name='periodictask',
            names=['name'],
        ),
        apps.common.schema.CompareExactly(
            app_label='django_celery_results',
            model_name='taskresult',
            names=['task_id', 'periodic_task_name', 'task_name', 'status', 'worker'],
        ),
        apps.common.schema.CompareExactly(
            app_label='django_celery_results',
            model_name='groupresult',
            names=['group_id'],
        ),
        apps.common.schema.CompareExactly(
            app_label='django_celery_results',
            model_name='chordcounter',
            names=['group_id'],
        ),
        apps.common.schema.CompareExactly(
            app_label='sessions',
            model_name='session',
            names=['session_key'],
        ),
    ]
