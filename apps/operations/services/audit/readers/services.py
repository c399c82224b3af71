from apps.operations.services.audit.asking import Ask
from apps.operations.services.audit.inventory import Inventory
from apps.operations.services.audit.statements import read_policy


def read_services(ask: Ask, inventory: Inventory, region: str) -> None:
    """Queues, topics and keys with their policies; functions, logs, trails, and whether GuardDuty watches."""
    for url in ask.all("sqs", "list_queues", "QueueUrls", region=region):
        names = ["QueueArn", "Policy", "KmsMasterKeyId", "SqsManagedSseEnabled"]
        answer = ask.one("sqs", "get_queue_attributes", region=region, QueueUrl=url, AttributeNames=names)
        if attributes := answer.get("Attributes"):
            place = {"Arn": attributes["QueueArn"], "Region": region}
            is_plain = attributes.get("SqsManagedSseEnabled") == "false" and not attributes.get("KmsMasterKeyId")
            policy = read_policy(attributes.get("Policy"))
            inventory.queues.append({**place, "Policy": policy, "IsPlain": is_plain})
    for topic in ask.all("sns", "list_topics", "Topics", region=region):
        arn = topic["TopicArn"]
        attributes = ask.one("sns", "get_topic_attributes", region=region, TopicArn=arn).get("Attributes", {})
        inventory.topics.append({"Arn": arn, "Region": region, "Policy": read_policy(attributes.get("Policy"))})
    for each in ask.all("kms", "list_keys", "Keys", region=region):
        _read_key(ask, inventory, each["KeyId"], region)
    for each in ask.all("lambda", "list_functions", "Functions", region=region):
        answer = ask.one("lambda", "get_policy", region=region, FunctionName=each["FunctionName"])
        place = {"Arn": each["FunctionArn"], "Region": region, "Policy": read_policy(answer.get("Policy"))}
        inventory.functions.append({**each, **place})
    inventory.log_groups += [
        {**each, "Arn": each["arn"].removesuffix(":*"), "Region": region}
        for each in ask.all("logs", "describe_log_groups", "logGroups", region=region)
    ]
    _read_trails(ask, inventory, region)
    detectors = ask.all("guardduty", "list_detectors", "DetectorIds", region=region)
    answers = [ask.one("guardduty", "get_detector", region=region, DetectorId=each) for each in detectors]
    if not ask.failed("guardduty", region):
        inventory.watched_by_guardduty[region] = any(each.get("Status") == "ENABLED" for each in answers)


def _read_key(ask: Ask, inventory: Inventory, identifier: str, region: str) -> None:
    """A key of the customer's. `Rotates` is None where AWS rotates none of its kind, or does not say."""
    found = ask.one("kms", "describe_key", region=region, KeyId=identifier).get("KeyMetadata", {})
    if found.get("KeyManager") != "CUSTOMER":
        return
    place = {"Arn": found["Arn"], "Region": region}
    if found.get("KeyState") == "PendingDeletion":
        inventory.doomed_keys.append({**place, "DeletionDate": found["DeletionDate"]})
    if found.get("KeyState") != "Enabled":
        return
    policy = ask.one("kms", "get_key_policy", region=region, KeyId=identifier, PolicyName="default").get("Policy")
    kind = found.get("KeySpec") or found.get("CustomerMasterKeySpec")
    may_rotate = kind == "SYMMETRIC_DEFAULT" and found.get("Origin", "AWS_KMS") == "AWS_KMS"
    answer = ask.one("kms", "get_key_rotation_status", region=region, KeyId=identifier) if may_rotate else {}
    inventory.keys.append({**place, "Policy": read_policy(policy), "Rotates": answer.get("KeyRotationEnabled")})


def _read_trails(ask: Ask, inventory: Inventory, region: str) -> None:
    """A trail of all regions is listed in each."""
    there = {each["Arn"] for each in inventory.trails}
    for each in ask.all("cloudtrail", "describe_trails", "trailList", region=region):
        arn = each["TrailARN"]
        if arn not in there:
            there.add(arn)
            status = ask.one("cloudtrail", "get_trail_status", region=each.get("HomeRegion", region), Name=arn)
            place = {"Arn": arn, "Region": each.get("HomeRegion", region)}
            inventory.trails.append({**each, **place, "IsLogging": status.get("IsLogging")})
    inventory.trails_readable = inventory.trails_readable or not ask.failed("cloudtrail", region)
