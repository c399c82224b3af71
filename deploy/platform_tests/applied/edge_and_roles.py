"""Names, delivery, firewall, roles, alarms and logs."""

from __future__ import annotations

from local import ROOT

from applied.aws import Aws, Check, as_list, differs

DOMAIN = "boutique.webmarket.example"
SERVICES = ("web", "workers", "migrate")
PEOPLE = ("read-only", "deployer", "break-glass")
PIPELINE = ("build", "deploy", "plan")
MANAGED = {"AWSManagedRulesCommonRuleSet", "AWSManagedRulesSQLiRuleSet", "AWSManagedRulesKnownBadInputsRuleSet"}


def web_hosts_hold_no_right_of_the_workers(aws: Aws) -> str:
    """Except on the dead-letter queues, which staff read and redrive from the web."""
    held = {
        action
        for one in aws.policy("web")
        for action in as_list(one["Action"])
        if not all(resource.endswith("-dead") for resource in as_list(one["Resource"]))
    }
    wrong = {action for action in held if action.startswith(("rds:", "autoscaling:")) or action == "sqs:ReceiveMessage"}
    return differs(wrong, set())


def every_service_role_has_a_ceiling(aws: Aws) -> str:
    found = {role: "PermissionsBoundary" in aws.role(role) for role in SERVICES}
    return differs(found, dict.fromkeys(SERVICES, True))


def the_ceiling_shuts_identity_out(aws: Aws) -> str:
    iam = aws("iam")
    arn = aws.role("web")["PermissionsBoundary"]["PermissionsBoundaryArn"]
    version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    document = iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
    denied = {action for one in document["Statement"] if one["Effect"] == "Deny" for action in as_list(one["Action"])}
    return differs({"iam:Create*", "iam:Put*", "iam:Attach*", "s3:PutBucketPolicy"} - denied, set())


def no_service_role_may_do_everything(aws: Aws) -> str:
    wrong = [
        (role, action)
        for role in SERVICES
        for one in aws.policy(role)
        if one["Effect"] == "Allow"
        for action in as_list(one["Action"])
        if "*" in action
    ]
    return differs(wrong, [])


def instances_alone_take_the_service_roles(aws: Aws) -> str:
    found = {
        role: [one["Principal"] for one in aws.role(role)["AssumeRolePolicyDocument"]["Statement"]] for role in SERVICES
    }
    return differs(found, {role: [{"Service": "ec2.amazonaws.com"}] for role in SERVICES})


def _trusts(aws: Aws, role: str) -> list[str]:
    statements = aws.role(f"github-{role}")["AssumeRolePolicyDocument"]["Statement"]
    return [
        subject
        for one in statements
        for subject in as_list(one["Condition"]["StringEquals"]["token.actions.githubusercontent.com:sub"])
    ]


def the_pipeline_comes_from_this_repository(aws: Aws) -> str:
    wrong = [
        (role, subject)
        for role in PIPELINE
        for subject in _trusts(aws, role)
        if not subject.startswith("repo:example/webmarket:")
    ]
    return differs(wrong, [])


def pull_requests_plan_alone(aws: Aws) -> str:
    found = {role for role in PIPELINE if any(one.endswith(":pull_request") for one in _trusts(aws, role))}
    return differs(found, {"plan"})


def releases_come_from_where_they_are_approved(aws: Aws) -> str:
    return differs(_trusts(aws, "deploy")[0], aws.expected.branch)


def people_come_with_a_second_factor(aws: Aws) -> str:
    found = {
        role: [one.get("Condition") for one in aws.role(role)["AssumeRolePolicyDocument"]["Statement"]]
        for role in PEOPLE
    }
    return differs(found, {role: [{"Bool": {"aws:MultiFactorAuthPresent": "true"}}] for role in PEOPLE})


def the_master_password_is_migrations_alone(aws: Aws) -> str:
    iam = aws("iam")
    found = {
        role: "database" in iam.list_role_policies(RoleName=f"{aws.name}-{role}")["PolicyNames"] for role in SERVICES
    }
    return differs(found, {"web": False, "workers": False, "migrate": True})


# --- Edge -----------------------------------------------------------------------------------------------------------


def _distribution(aws: Aws) -> dict:
    return aws("cloudfront").list_distributions()["DistributionList"]["Items"][0]


def the_edge_redirects_to_tls_and_has_a_firewall(aws: Aws) -> str:
    found = aws("cloudfront").list_distributions()["DistributionList"]["Items"]
    policies = [one["DefaultCacheBehavior"]["ViewerProtocolPolicy"] for one in found]
    rules = aws("wafv2", "us-east-1").list_web_acls(Scope="CLOUDFRONT")["WebACLs"]
    return differs(
        (policies, [bool(one.get("WebACLId")) for one in found], len(rules)), (["redirect-to-https"], [True], 1)
    )


def the_edge_serves_the_shops_names(aws: Aws) -> str:
    return differs(set(_distribution(aws)["Aliases"]["Items"]), {DOMAIN, f"www.{DOMAIN}"})


def files_are_asked_for_with_a_signature(aws: Aws) -> str:
    found = aws("cloudfront").list_origin_access_controls()["OriginAccessControlList"]["Items"]
    seen = [(one["SigningBehavior"], one["SigningProtocol"], one["OriginAccessControlOriginType"]) for one in found]
    return differs(seen, [("always", "sigv4", "s3")])


def paths_of_files_go_to_the_bucket(aws: Aws) -> str:
    behaviours = _distribution(aws)["CacheBehaviors"].get("Items", [])
    target = "files-anywhere" if aws.expected.second_region else "files"
    found = {one["PathPattern"] for one in behaviours if one["TargetOriginId"] == target}
    return differs(found, {"static/*", "media/*", *({"documents/*"} if aws.expected.signed_documents else ())})


def files_are_read_in_the_second_region_where_the_first_fails(aws: Aws) -> str:
    groups = _distribution(aws).get("OriginGroups", {}).get("Items", [])
    found = [[member["OriginId"] for member in one["Members"]["Items"]] for one in groups]
    return differs(found, [["files", "files-copy"]] if aws.expected.second_region else [])


def _firewall(aws: Aws) -> dict:
    waf = aws("wafv2", "us-east-1")
    one = waf.list_web_acls(Scope="CLOUDFRONT")["WebACLs"][0]
    return waf.get_web_acl(Name=one["Name"], Scope="CLOUDFRONT", Id=one["Id"])["WebACL"]


def the_firewall_has_its_rules(aws: Aws) -> str:
    bots = {"AWSManagedRulesBotControlRuleSet"} if aws.environment == "production" else set()
    return differs({one["Name"] for one in _firewall(aws)["Rules"]}, {"rate", "forms", "api", *MANAGED, *bots})


def limits_of_the_firewall_refuse(aws: Aws) -> str:
    found = {
        one["Name"]: ("Block" in one["Action"], one["Statement"]["RateBasedStatement"]["Limit"])
        for one in _firewall(aws)["Rules"]
        if "RateBasedStatement" in one["Statement"]
    }
    return differs(found, {"rate": (True, 6000), "forms": (True, 20), "api": (True, 300)})


def names_lead_to_the_edge_and_the_balancer(aws: Aws) -> str:
    route53 = aws("route53")
    zone = route53.list_hosted_zones()["HostedZones"][0]["Id"]
    records = route53.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
    found = {(one["Name"].rstrip("."), one["Type"]) for one in records if "AliasTarget" in one}
    wanted = {(name, kind) for name in (DOMAIN, f"www.{DOMAIN}") for kind in ("A", "AAAA")}
    return differs(found, {*wanted, (f"origin.{DOMAIN}", "A")})


def health_is_asked_for_from_outside(aws: Aws) -> str:
    found = [one["HealthCheckConfig"] for one in aws("route53").list_health_checks()["HealthChecks"]]
    seen = [(one["FullyQualifiedDomainName"], one["ResourcePath"], one["Type"], one["Port"]) for one in found]
    return differs(seen, [(DOMAIN, "/health", "HTTPS", 443)])


# --- E-mail ---------------------------------------------------------------------------------------------------------


def ses_stops_writing_to_who_cannot_be_reached(aws: Aws) -> str:
    found = aws("sesv2").get_configuration_set(ConfigurationSetName=aws.name)
    seen = (set(found["SuppressionOptions"]["SuppressedReasons"]), found["DeliveryOptions"]["TlsPolicy"])
    return differs(seen, ({"BOUNCE", "COMPLAINT"}, "REQUIRE"))


def the_domain_sends_by_that_set(aws: Aws) -> str:
    found = aws("sesv2").get_email_identity(EmailIdentity=DOMAIN)
    seen = (found["ConfigurationSetName"], found["DkimAttributes"]["NextSigningKeyLength"])
    bounces = found["MailFromAttributes"]["MailFromDomain"]
    return differs((*seen, bounces), (aws.name, "RSA_2048_BIT", f"bounce.{DOMAIN}"))


def receivers_can_look_up_who_sends(aws: Aws) -> str:
    route53 = aws("route53")
    zone = route53.list_hosted_zones()["HostedZones"][0]["Id"]
    records = route53.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
    found = {
        (one["Name"].removesuffix(f".{DOMAIN}."), one["Type"], one["ResourceRecords"][0]["Value"].split(";")[0])
        for one in records
        if one["Type"] in ("MX", "TXT")
    }
    keys = [one for one in records if one["Name"].endswith(f"._domainkey.{DOMAIN}.") and one["Type"] == "CNAME"]
    wanted = {("bounce", "MX", "10 feedback-smtp.eu-west-3.amazonses.com")}
    wanted |= {("bounce", "TXT", '"v=spf1 include:amazonses.com -all"'), ("_dmarc", "TXT", '"v=DMARC1')}
    return differs((found, len(keys)), (wanted, 3))


def the_user_of_smtp_does_nothing_but_send(aws: Aws) -> str:
    iam, user = aws("iam"), f"{aws.name}-smtp"
    names = iam.list_user_policies(UserName=user)["PolicyNames"]
    statements = iam.get_user_policy(UserName=user, PolicyName="send")["PolicyDocument"]["Statement"]
    attached = iam.list_attached_user_policies(UserName=user)["AttachedPolicies"]
    seen = (names, [as_list(one["Action"]) for one in as_statements(statements)], attached)
    return differs(seen, (["send"], [["ses:SendRawEmail"]], []))


def as_statements(one_or_more: dict | list[dict]) -> list[dict]:
    return [one_or_more] if isinstance(one_or_more, dict) else one_or_more


# --- Alarms and logs ------------------------------------------------------------------------------------------------


def alarms_watch(aws: Aws) -> str:
    """Each alarm of Terraform's output exists and has an action."""
    notifying = {f"{aws.name}-{name}" for name, alarm in aws.alarms().items() if alarm["AlarmActions"]}
    return differs((len(aws.alarm_names) > 0, aws.alarm_names - notifying), (True, set()))


def alarms_name_their_page(aws: Aws) -> str:
    """What to do, in the e-mail that says what is wrong."""
    alarms = {**aws.alarms(), **aws.alarms("us-east-1")}
    pages = {name: one["AlarmDescription"].rpartition(" ")[2] for name, one in alarms.items() if _is_ours(name)}
    return differs({name: page for name, page in pages.items() if not (ROOT / page).is_file()}, {})


def _is_ours(alarm: str) -> bool:
    return "TargetTracking" not in alarm


def alarms_say_when_all_is_well_again(aws: Aws) -> str:
    return differs({name for name, one in aws.alarms().items() if not one["OKActions"] and _is_ours(name)}, set())


def missing_heartbeats_are_failures(aws: Aws) -> str:
    loud = ("no-heartbeat", "backup-not-green", "figures-silent", "no-healthy-host")
    alarms = aws.alarms()
    return differs({name: alarms[name]["TreatMissingData"] for name in loud}, dict.fromkeys(loud, "breaching"))


def somebody_hears_of_alarms(aws: Aws) -> str:
    found = {
        region: [(one["Protocol"], one["Endpoint"]) for one in aws("sns", region).list_subscriptions()["Subscriptions"]]
        for region in ("eu-west-3", "us-east-1")
    }
    return differs(found, {region: [("email", "operations@webmarket.example")] for region in found})


def the_world_outside_is_watched(aws: Aws) -> str:
    return differs(sorted(aws.alarms("us-east-1")), ["outside"])


def orders_and_errors_are_counted(aws: Aws) -> str:
    found = {
        (one["filterName"].removeprefix(f"{aws.name}-"), one["metricTransformations"][0]["metricName"])
        for one in aws("logs").describe_metric_filters()["metricFilters"]
    }
    wanted = {("orders-paid-web", "OrdersPaid"), ("orders-paid-workers", "OrdersPaid")}
    return differs(found, {*wanted, ("errors-web", "Errors"), ("errors-workers", "TaskErrors")})


def logs_end_when_they_should(aws: Aws) -> str:
    groups = aws("logs").describe_log_groups()["logGroups"]
    found = {group["logGroupName"]: group.get("retentionInDays") for group in groups}
    wrong = {name: days for name, days in found.items() if days != aws.expected.log_days}
    return differs((len(found) > 4, wrong), (True, {}))


def the_dashboard_is_there(aws: Aws) -> str:
    found = [one["DashboardName"] for one in aws("cloudwatch").list_dashboards()["DashboardEntries"]]
    return differs(found, [aws.name])


CHECKS: tuple[Check, ...] = (
    web_hosts_hold_no_right_of_the_workers,
    every_service_role_has_a_ceiling,
    the_ceiling_shuts_identity_out,
    no_service_role_may_do_everything,
    instances_alone_take_the_service_roles,
    the_pipeline_comes_from_this_repository,
    pull_requests_plan_alone,
    releases_come_from_where_they_are_approved,
    people_come_with_a_second_factor,
    the_master_password_is_migrations_alone,
    the_edge_redirects_to_tls_and_has_a_firewall,
    the_edge_serves_the_shops_names,
    files_are_asked_for_with_a_signature,
    paths_of_files_go_to_the_bucket,
    files_are_read_in_the_second_region_where_the_first_fails,
    the_firewall_has_its_rules,
    limits_of_the_firewall_refuse,
    names_lead_to_the_edge_and_the_balancer,
    health_is_asked_for_from_outside,
    ses_stops_writing_to_who_cannot_be_reached,
    the_domain_sends_by_that_set,
    receivers_can_look_up_who_sends,
    the_user_of_smtp_does_nothing_but_send,
    alarms_watch,
    alarms_name_their_page,
    alarms_say_when_all_is_well_again,
    missing_heartbeats_are_failures,
    somebody_hears_of_alarms,
    the_world_outside_is_watched,
    orders_and_errors_are_counted,
    logs_end_when_they_should,
    the_dashboard_is_there,
)
