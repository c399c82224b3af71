"""Groups, templates, queues, settings and secrets."""

from __future__ import annotations

import base64
import json
import os

from local import ROOT
from terraform_cli import SAMPLE

from applied.aws import ROLES, Aws, Check, differs

SECRETS = {"database-user", *json.loads((ROOT / "terraform/modules/secrets/host_secrets.json").read_text())}
SETTINGS = {
    *(
        "ALLOWED_HOSTS",
        "AWS_REGION",
        "AWS_S3_CUSTOM_DOMAIN",
        "AWS_STORAGE_BUCKET_NAME",
        "BACKUP_BUCKET",
        "CELERY_BROKER_URL",
    ),
    *("CELERY_QUEUE_URLS", "DATABASE_HOST", "DATABASE_INSTANCE", "DATABASE_SECRET_ARN", "ENVIRONMENT", "LAKE_BUCKET"),
    *("METRICS_LOG_GROUP", "OPERATIONS_EMAILS", "OPERATIONS_TOPIC_ARN", "SITE_URL"),
}


def fleets_have_their_bounds(aws: Aws) -> str:
    found = {role: (group["MinSize"], group["MaxSize"]) for role, group in aws.groups().items()}
    return differs(found, {"web": aws.expected.web, "workers": aws.expected.workers})


def fleets_stand_in_the_private_subnets(aws: Aws) -> str:
    found = {subnet for group in aws.groups().values() for subnet in group["VPCZoneIdentifier"].split(",")}
    return differs(found, aws.subnets()["app"])


def the_web_is_judged_by_the_balancer_and_workers_by_themselves(aws: Aws) -> str:
    found = {role: (one["HealthCheckType"], one["HealthCheckGracePeriod"]) for role, one in aws.groups().items()}
    return differs(found, {"web": ("ELB", 300), "workers": ("EC2", 300)})


def the_web_alone_stands_behind_the_balancer(aws: Aws) -> str:
    found = {role: len(one["TargetGroupARNs"]) for role, one in aws.groups().items()}
    return differs(found, {"web": 1, "workers": 0})


def groups_tag_what_they_launch(aws: Aws) -> str:
    wanted = {"Project", "Environment", "Owner", "CostCentre", "ManagedBy", "Name", "Role"}
    found = {
        role: wanted - {tag["Key"] for tag in group["Tags"] if tag["PropagateAtLaunch"]}
        for role, group in aws.groups().items()
    }
    return differs(found, {role: set() for role in ROLES})


def instances_end_their_work(aws: Aws) -> str:
    found = {}
    for role in ROLES:
        hooks = aws("autoscaling").describe_lifecycle_hooks(AutoScalingGroupName=f"{aws.name}-{role}")["LifecycleHooks"]
        found[role] = [(one["HeartbeatTimeout"], one["DefaultResult"]) for one in hooks]
    return differs(found, {"web": [(60, "CONTINUE")], "workers": [(900, "CONTINUE")]})


def fleets_scale_by_processor_and_requests(aws: Aws) -> str:
    found = {
        (one["AutoScalingGroupName"].rpartition("-")[2], given["PredefinedMetricType"])
        for one in aws("autoscaling").describe_policies()["ScalingPolicies"]
        if one["PolicyType"] == "TargetTrackingScaling"
        for given in [one["TargetTrackingConfiguration"]["PredefinedMetricSpecification"]]
    }
    cpu = "ASGAverageCPUUtilization"
    return differs(found, {("web", cpu), ("workers", cpu), ("web", "ALBRequestCountPerTarget")})


def timetables_are_those_of_the_environment(aws: Aws) -> str:
    found = aws("autoscaling").describe_scheduled_actions()["ScheduledUpdateGroupActions"]
    return differs(len(found), aws.expected.schedules)


def templates_take_imdsv2_and_the_released_image(aws: Aws) -> str:
    found = {}
    for role in ROLES:
        data = aws.template(role)
        disks = [disk["Ebs"]["Encrypted"] for disk in data["BlockDeviceMappings"]]
        found[role] = (data["MetadataOptions"]["HttpTokens"], data["ImageId"], all(disks))
    wanted = ("required", os.environ.get("WEBMARKET_IMAGE", SAMPLE["image_id"]), True)
    return differs(found, {"web": wanted, "workers": wanted})


def metadata_go_no_further_than_the_instance(aws: Aws) -> str:
    found = {aws.template(role)["MetadataOptions"]["HttpPutResponseHopLimit"] for role in ROLES}
    return differs(found, {1})


def instances_are_of_the_size_that_is_paid(aws: Aws) -> str:
    found = {}
    for role in ROLES:
        data = aws.template(role)
        disk = data["BlockDeviceMappings"][0]["Ebs"]
        found[role] = (data["InstanceType"], disk["VolumeType"], disk["VolumeSize"], disk["DeleteOnTermination"])
    return differs(found, {role: (aws.expected.types[role], "gp3", aws.expected.disk_gb, True) for role in ROLES})


def instances_know_their_role(aws: Aws) -> str:
    wrong = []
    for role in ROLES:
        text = base64.b64decode(aws.template(role)["UserData"]).decode()
        if f"'{aws.environment}' '{role}'" not in text or "webmarket.target" not in text:
            wrong.append(role)
    return differs(wrong, [])


def instances_have_the_groups_and_roles_of_the_shop(aws: Aws) -> str:
    group = aws.security_groups()["app"]["GroupId"]
    found = {
        role: (data["SecurityGroupIds"], data["IamInstanceProfile"]["Arn"].rpartition("/")[2])
        for role in ROLES
        for data in [aws.template(role)]
    }
    return differs(found, {role: ([group], f"{aws.name}-{role}") for role in ROLES})


def queues_keep_their_dead_letters(aws: Aws) -> str:
    found = {name: "RedrivePolicy" in attributes for name, attributes in aws.queues()}
    return differs(found, {"default": True, "default-dead": False, "operations": True, "operations-dead": False})


def tasks_are_tried_five_times(aws: Aws) -> str:
    found = {
        name: (json.loads(one["RedrivePolicy"])["maxReceiveCount"], one["VisibilityTimeout"])
        for name, one in aws.queues()
        if "RedrivePolicy" in one
    }
    return differs(found, dict.fromkeys(("default", "operations"), (5, "1800")))


def dead_letters_stay_for_two_weeks(aws: Aws) -> str:
    found = {name: one["MessageRetentionPeriod"] for name, one in aws.queues() if name.endswith("-dead")}
    return differs(found, {"default-dead": "1209600", "operations-dead": "1209600"})


def queues_ask_for_tls(aws: Aws) -> str:
    wrong = []
    for name, one in aws.queues():
        statements = json.loads(one["Policy"])["Statement"]
        if not any(
            given["Effect"] == "Deny" and given.get("Condition") == {"Bool": {"aws:SecureTransport": "false"}}
            for given in statements
        ):
            wrong.append(name)
    return differs(wrong, [])


def hosts_find_their_settings(aws: Aws) -> str:
    prefix = f"/webmarket/{aws.environment}/settings/"
    found = {name.removeprefix(prefix) for name in aws.parameters() if name.startswith(prefix)}
    return differs((SETTINGS | aws.expected.more_settings | set(SAMPLE["settings"])) - found, set())


def settings_name_what_is_there(aws: Aws) -> str:
    path = f"/webmarket/{aws.environment}/settings"
    pages = aws("ssm").get_paginator("get_parameters_by_path").paginate(Path=path, WithDecryption=True)
    found = {one["Name"].rpartition("/")[2]: one["Value"] for page in pages for one in page["Parameters"]}
    urls = {url.rpartition("-")[2]: url for url in aws("sqs").list_queues()["QueueUrls"] if not url.endswith("-dead")}
    wanted = {
        "AWS_STORAGE_BUCKET_NAME": aws.bucket("files"),
        "BACKUP_BUCKET": aws.bucket("backups"),
        "LAKE_BUCKET": aws.bucket("lake"),
        "DATABASE_HOST": aws.database()["Endpoint"]["Address"],
        "CELERY_QUEUE_URLS": ",".join(f"{queue}={urls[queue]}" for queue in sorted(urls)),
    }
    return differs({name: found[name] for name in wanted}, wanted)


def settings_are_encrypted(aws: Aws) -> str:
    wrong = [name for name, one in aws.parameters().items() if "/settings/" in name and one["Type"] != "SecureString"]
    return differs(wrong, [])


def the_image_is_named(aws: Aws) -> str:
    found = aws("ssm").get_parameter(Name=f"/webmarket/{aws.environment}/image-id")["Parameter"]["Value"]
    return differs(found, os.environ.get("WEBMARKET_IMAGE", SAMPLE["image_id"]))


def secrets_wait_for_their_values(aws: Aws) -> str:
    listed = aws("secretsmanager").list_secrets()["SecretList"]
    prefix = f"/webmarket/{aws.environment}/"
    found = {one["Name"].removeprefix(prefix) for one in listed if one["Name"].startswith(prefix)}
    return differs(found, SECRETS | (set() if aws.expected.managed_password else {"database"}))


def no_secret_is_in_a_setting(aws: Aws) -> str:
    path = f"/webmarket/{aws.environment}/settings"
    pages = aws("ssm").get_paginator("get_parameters_by_path").paginate(Path=path, WithDecryption=True)
    values = {one["Value"] for page in pages for one in page["Parameters"]}
    return differs([one for one in values if SAMPLE["origin_secret"] in one or "PRIVATE KEY" in one], [])


CHECKS: tuple[Check, ...] = (
    fleets_have_their_bounds,
    fleets_stand_in_the_private_subnets,
    the_web_is_judged_by_the_balancer_and_workers_by_themselves,
    the_web_alone_stands_behind_the_balancer,
    groups_tag_what_they_launch,
    instances_end_their_work,
    fleets_scale_by_processor_and_requests,
    timetables_are_those_of_the_environment,
    templates_take_imdsv2_and_the_released_image,
    metadata_go_no_further_than_the_instance,
    instances_are_of_the_size_that_is_paid,
    instances_know_their_role,
    instances_have_the_groups_and_roles_of_the_shop,
    queues_keep_their_dead_letters,
    tasks_are_tried_five_times,
    dead_letters_stay_for_two_weeks,
    queues_ask_for_tls,
    hosts_find_their_settings,
    settings_name_what_is_there,
    settings_are_encrypted,
    the_image_is_named,
    secrets_wait_for_their_values,
    no_secret_is_in_a_setting,
)
