"""Launch templates, groups, scaling, queues, roles' shells and parameters."""

from __future__ import annotations

import base64

from rules.sentences.sentence import ABSENT, By, Is, Sentence, from_, has

EC2 = "AWSEC2/latest/UserGuide/"
ASG = "autoscaling/ec2/userguide/"
TEMPLATE, GROUP, POLICY = "aws_launch_template", "aws_autoscaling_group", "aws_autoscaling_policy"
IMAGE = "ami-0123456789abcdef0"
TYPES = {
    "web": By(demo="t3.micro", staging="t3.medium", production="c5.large"),
    "workers": By(demo="t3.micro", staging="t3.medium", production="t3.medium"),
}
LEAST = {"web": By(demo=2, staging=2, production=2), "workers": By(demo=1, staging=1, production=2)}
MOST = {"web": By(demo=4, staging=3, production=4), "workers": By(demo=2, staging=2, production=4)}


def boots(role: str) -> Is:
    def accepts(value: object) -> bool:
        text = base64.b64decode(str(value)).decode(errors="replace") if value else ""
        return f"'{role}' > /etc/webmarket/instance.env" in text and "start --no-block webmarket.target" in text

    return Is(f"a script that makes it a host of {role}", accepts)


def _of(role: str) -> tuple[Sentence, ...]:
    where = rf'module\.fleet\["{role}"\]\.'
    web = role == "web"
    return (
        Sentence(
            f"{role}: instances are of the size that was paid for, encrypted, watched each minute",
            EC2 + "ec2-launch-templates.html",
            TEMPLATE,
            {
                "image_id": IMAGE,
                "instance_type": TYPES[role],
                "ebs_optimized": "true",
                "update_default_version": True,
                "user_data": boots(role),
                "monitoring.enabled": True,
                "iam_instance_profile.arn": from_("aws_iam_instance_profile.service"),
                "vpc_security_group_ids": from_("aws_security_group.app"),
                "block_device_mappings.device_name": "/dev/xvda",
                "block_device_mappings.ebs.encrypted": "true",
                "block_device_mappings.ebs.volume_type": "gp3",
                "block_device_mappings.ebs.volume_size": By(demo=16, staging=40, production=16),
                "block_device_mappings.ebs.delete_on_termination": "true",
                "tag_specifications.resource_type": {"instance", "volume"},
                "tag_specifications.tags.Role": role,
            },
            where,
            1,
        ),
        Sentence(
            f"{role}: metadata answer the instance itself, by IMDSv2",
            EC2 + "configuring-instance-metadata-service.html",
            TEMPLATE,
            {
                "metadata_options.http_endpoint": "enabled",
                "metadata_options.http_tokens": "required",
                "metadata_options.http_put_response_hop_limit": 1,
                "metadata_options.instance_metadata_tags": "enabled",
            },
            where,
        ),
        Sentence(
            f"{role}: a group of the size that was drawn, in the private subnets",
            ASG + "asg-capacity-limits.html",
            GROUP,
            {
                "min_size": LEAST[role],
                "max_size": MOST[role],
                "vpc_zone_identifier": from_("aws_subnet.app"),
                "target_group_arns": from_("aws_lb_target_group.this"),
                "health_check_type": "ELB" if web else "EC2",
                "health_check_grace_period": 300,
                "default_instance_warmup": 60,
                "default_cooldown": 60,
                "termination_policies": ("OldestLaunchTemplate", "Default"),
                "wait_for_capacity_timeout": "0",
                "enabled_metrics": has("GroupInServiceInstances", "GroupDesiredCapacity", "GroupPendingInstances"),
                "tag.propagate_at_launch": True,
            },
            where,
            1,
        ),
        Sentence(
            f"{role}: a release starts new instances first, looks half-way, and goes back by itself",
            ASG + "instance-refresh-rollback.html",
            GROUP,
            {
                "instance_refresh.strategy": "Rolling",
                "instance_refresh.preferences.min_healthy_percentage": 100,
                "instance_refresh.preferences.max_healthy_percentage": 200,
                "instance_refresh.preferences.instance_warmup": "60",
                "instance_refresh.preferences.checkpoint_percentages": (50, 100),
                "instance_refresh.preferences.checkpoint_delay": "120",
                "instance_refresh.preferences.auto_rollback": True,
                "instance_refresh.preferences.alarm_specification.alarms": has("server-errors", "unhealthy-hosts"),
            },
            where,
        ),
        Sentence(
            f"{role}: an instance ends its work before it goes",
            ASG + "lifecycle-hooks.html",
            "aws_autoscaling_lifecycle_hook",
            {
                "lifecycle_transition": "autoscaling:EC2_INSTANCE_TERMINATING",
                "heartbeat_timeout": 60 if web else 900,
                "default_result": "CONTINUE",
                "name": "drain",
                "autoscaling_group_name": "{name}-" + role,
            },
            where,
            1,
        ),
        Sentence(
            f"{role}: scales by processor",
            ASG + "as-scaling-target-tracking.html",
            POLICY,
            {
                "policy_type": "TargetTrackingScaling",
                "target_tracking_configuration.target_value": 70,
                "target_tracking_configuration.predefined_metric_specification.predefined_metric_type": (
                    "ASGAverageCPUUtilization"
                ),
            },
            where + r".*\.cpu$",
            1,
        ),
    )


SENTENCES = (
    *_of("web"),
    *_of("workers"),
    Sentence(
        "the web scales by requests too",
        ASG + "as-scaling-target-tracking.html",
        POLICY,
        {
            "policy_type": "TargetTrackingScaling",
            "target_tracking_configuration.target_value": 3000,
            "target_tracking_configuration.predefined_metric_specification.predefined_metric_type": (
                "ALBRequestCountPerTarget"
            ),
            "target_tracking_configuration.predefined_metric_specification.resource_label": from_(
                "aws_lb.this", "aws_lb_target_group.this"
            ),
        },
        r"\.requests\[",
        1,
    ),
    Sentence(
        "production foresees its days, and only says so",
        ASG + "ec2-auto-scaling-predictive-scaling.html",
        POLICY,
        {
            "policy_type": "PredictiveScaling",
            "predictive_scaling_configuration.mode": "ForecastOnly",
            "predictive_scaling_configuration.scheduling_buffer_time": "300",
            "predictive_scaling_configuration.max_capacity_breach_behavior": "HonorMaxCapacity",
            "predictive_scaling_configuration.metric_specification.target_value": 70,
        },
        r"\.predictive\[",
        By(demo=0, staging=0, production=1),
    ),
    Sentence(
        "demo sleeps at night, by Paris's clock",
        ASG + "ec2-auto-scaling-scheduled-scaling.html",
        "aws_autoscaling_schedule",
        {"time_zone": "Europe/Paris"},
        count=By(demo=4, staging=0, production=0),
    ),
    *(
        Sentence(
            f"demo's {role} of the {when}",
            ASG + "ec2-auto-scaling-scheduled-scaling.html",
            "aws_autoscaling_schedule",
            {"recurrence": recurrence, "min_size": least, "max_size": most, "desired_capacity": least},
            rf'module\.fleet\["{role}"\].*\["{when}"\]',
            1,
            ("demo",),
        )
        for role, when, recurrence, least, most in (
            ("web", "morning", "0 7 * * MON-FRI", 2, 4),
            ("web", "evening", "0 21 * * *", 0, 0),
            ("workers", "morning", "0 7 * * MON-FRI", 1, 2),
            ("workers", "evening", "0 21 * * *", 0, 0),
        )
    ),
    # --- Queues ------------------------------------------------------------------------------------------------------
    Sentence(
        "a task is delivered again after half an hour, five times, then put aside",
        "AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html",
        "aws_sqs_queue",
        {
            "visibility_timeout_seconds": 1800,
            "message_retention_seconds": 345600,
            "receive_wait_time_seconds": 20,
            "redrive_policy": from_("aws_sqs_queue.dead"),
            "policy": has("aws:SecureTransport"),
        },
        r"aws_sqs_queue\.this\[",
        2,
    ),
    Sentence(
        "what was put aside stays for two weeks",
        "AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html",
        "aws_sqs_queue",
        {"message_retention_seconds": 1209600, "policy": has("aws:SecureTransport")},
        r"aws_sqs_queue\.dead\[",
        2,
    ),
    Sentence(
        "queues are encrypted, by SQS's key or the environment's",
        "AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-server-side-encryption.html",
        "aws_sqs_queue",
        {
            "sqs_managed_sse_enabled": By(demo=True, staging=ABSENT, production=True),
            "kms_master_key_id": By(demo=ABSENT, staging=has("arn:aws:kms:"), production=ABSENT),
        },
    ),
    # --- Settings ----------------------------------------------------------------------------------------------------
    Sentence(
        "settings are encrypted, and stand under the environment",
        "systems-manager/latest/userguide/secure-string-parameter-kms-encryption.html",
        "aws_ssm_parameter",
        {"type": "SecureString", "name": has("/webmarket/", "/settings/")},
        r"aws_ssm_parameter\.setting\[",
    ),
    Sentence(
        "the image's parameter names an image",
        "systems-manager/latest/userguide/parameter-store-ec2-aliases.html",
        "aws_ssm_parameter",
        {"data_type": "aws:ec2:image", "value": IMAGE, "name": "/webmarket/{environment}/image-id", "type": "String"},
        r"aws_ssm_parameter\.image$",
        1,
    ),
    *(
        Sentence(
            f"hosts are given {name}",
            "systems-manager/latest/userguide/systems-manager-parameter-store.html",
            "aws_ssm_parameter",
            {"value": value},
            rf'aws_ssm_parameter\.setting\["{name}"',
            1,
        )
        for name, value in {
            "ALLOWED_HOSTS": "boutique.webmarket.example,www.boutique.webmarket.example",
            "SITE_URL": "https://boutique.webmarket.example",
            "AWS_S3_CUSTOM_DOMAIN": "boutique.webmarket.example",
            "AWS_REGION": "eu-west-3",
            "CELERY_BROKER_URL": "sqs://",
            "DATABASE_INSTANCE": "{name}",
            "ENVIRONMENT": "{environment}",
            "METRICS_LOG_GROUP": "/webmarket/{name}/workers",
            "OPERATIONS_EMAILS": "operations@webmarket.example",
            "OPERATIONS_TOPIC_ARN": "arn:aws:sns:eu-west-3:123456789012:{name}-alarms",
        }.items()
    ),
    Sentence(
        "hosts of production send traces to the agent beside them",
        "xray/latest/devguide/xray-daemon.html",
        "aws_ssm_parameter",
        {"value": "http://127.0.0.1:4318"},
        r'aws_ssm_parameter\.setting\["OTEL_EXPORTER_OTLP_ENDPOINT"',
        By(demo=0, staging=0, production=1),
    ),
    Sentence(
        "staging's hosts know when they are stopped",
        "systems-manager/latest/userguide/systems-manager-parameter-store.html",
        "aws_ssm_parameter",
        {"value": "mon-fri 08:00-20:00"},
        r'aws_ssm_parameter\.setting\["DEV_TIMETABLE"',
        By(demo=0, staging=1, production=0),
    ),
    Sentence(
        "production's workers know where snapshots are copied",
        "AmazonRDS/latest/UserGuide/USER_CopySnapshot.html",
        "aws_ssm_parameter",
        {"value": "eu-central-1"},
        r'aws_ssm_parameter\.setting\["BACKUP_REGION"',
        By(demo=0, staging=0, production=1),
    ),
    Sentence(
        "hosts know the ids of the keys that documents are signed with",
        "AmazonCloudFront/latest/DeveloperGuide/private-content-trusted-signers.html",
        "aws_ssm_parameter",
        {},
        r'aws_ssm_parameter\.setting\["AWS_CLOUDFRONT_KEY_IDS"',
        By(demo=0, staging=0, production=1),
    ),
    Sentence(
        "a secret that is deleted can be brought back, but for demo's",
        "secretsmanager/latest/userguide/manage_delete-secret.html",
        "aws_secretsmanager_secret",
        {"recovery_window_in_days": By(demo=0, staging=30, production=30), "name": has("/webmarket/")},
    ),
    # --- Roles -------------------------------------------------------------------------------------------------------
    Sentence(
        "each service has a role under the ceiling, which instances take",
        "IAM/latest/UserGuide/access_policies_boundaries.html",
        "aws_iam_role",
        {
            "permissions_boundary": from_("aws_iam_policy.boundary"),
            "assume_role_policy": has('"ec2.amazonaws.com"', '"sts:AssumeRole"'),
        },
        r"aws_iam_role\.service\[",
        3,
    ),
    Sentence(
        "the ceiling shuts identity out",
        "IAM/latest/UserGuide/access_policies_boundaries.html",
        "aws_iam_policy",
        {
            "policy": has(
                '"NeverTouchIdentityOrTraces"', '"Deny"', '"iam:Create*"', '"iam:Put*"', '"s3:PutBucketPolicy"'
            )
        },
        r"aws_iam_policy\.boundary$",
        1,
    ),
    Sentence(
        "the pipeline's roles trust this repository and GitHub's audience",
        "IAM/latest/UserGuide/id_roles_create_for-idp_oidc.html",
        "aws_iam_role",
        {
            "assume_role_policy": has(
                '"repo:example/webmarket:', '"token.actions.githubusercontent.com:aud":"sts.amazonaws.com"'
            ),
            "max_session_duration": 7200,
        },
        r"aws_iam_role\.github\[",
        3,
    ),
    Sentence(
        "the role that releases stands under the ceiling",
        "IAM/latest/UserGuide/access_policies_boundaries.html",
        "aws_iam_role",
        {"permissions_boundary": from_("aws_iam_policy.boundary")},
        r'aws_iam_role\.github\["deploy"',
        1,
    ),
    Sentence(
        "people come with a second factor, for an hour",
        "IAM/latest/UserGuide/id_credentials_mfa_configure-api-require.html",
        "aws_iam_role",
        {"assume_role_policy": has('"aws:MultiFactorAuthPresent":"true"'), "max_session_duration": 3600},
        r"aws_iam_role\.people\[",
        3,
    ),
    Sentence(
        "GitHub's provider has AWS's audience alone",
        "IAM/latest/UserGuide/id_roles_providers_create_oidc.html",
        "aws_iam_openid_connect_provider",
        {"url": "https://token.actions.githubusercontent.com", "client_id_list": ("sts.amazonaws.com",)},
        count=1,
    ),
    Sentence(
        "who plans reads, who looks sees, who breaks the glass may do everything",
        "aws-managed-policy/latest/reference/policy-list.html",
        "aws_iam_role_policy_attachment",
        {"policy_arn": "arn:aws:iam::aws:policy/ReadOnlyAccess"},
        r"aws_iam_role_policy_attachment\.plan\[",
        1,
    ),
    Sentence(
        "who looks sees no content",
        "aws-managed-policy/latest/reference/ViewOnlyAccess.html",
        "aws_iam_role_policy_attachment",
        {"policy_arn": "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess", "role": "{name}-read-only"},
        r"aws_iam_role_policy_attachment\.read_only\[",
        1,
    ),
    Sentence(
        "who breaks the glass may do everything",
        "aws-managed-policy/latest/reference/AdministratorAccess.html",
        "aws_iam_role_policy_attachment",
        {"policy_arn": "arn:aws:iam::aws:policy/AdministratorAccess", "role": "{name}-break-glass"},
        r"aws_iam_role_policy_attachment\.break_glass\[",
        1,
    ),
)
