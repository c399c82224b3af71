from apps.operations.services.audit.asking import Ask
from apps.operations.services.audit.inventory import Inventory, Thing


def read_compute(ask: Ask, inventory: Inventory, region: str) -> None:
    def ec2(call: str, key: str, **given: object) -> list[Thing]:
        return ask.all("ec2", call, key, region=region, **given)

    def named(things: list[Thing], kind: str, key: str) -> list[Thing]:
        return [
            {**each, "Arn": inventory.arn("ec2", region, f"{kind}/{each[key]}"), "Region": region} for each in things
        ]

    machines = [each for group in ec2("describe_instances", "Reservations") for each in group["Instances"]]
    inventory.instances += named(
        [each for each in machines if each["State"]["Name"] != "terminated"], "instance", "InstanceId"
    )
    inventory.volumes += named(ec2("describe_volumes", "Volumes"), "volume", "VolumeId")
    snapshots = ec2("describe_snapshots", "Snapshots", OwnerIds=["self"])
    inventory.snapshots += named(
        [{**each, "IsPublic": _is_public(ask, region, each["SnapshotId"])} for each in snapshots],
        "snapshot",
        "SnapshotId",
    )
    images = ec2("describe_images", "Images", Owners=["self"])
    inventory.images += named(images, "image", "ImageId")
    inventory.imaged |= {
        mapping["Ebs"]["SnapshotId"]
        for image in images
        for mapping in image.get("BlockDeviceMappings", [])
        if "SnapshotId" in mapping.get("Ebs", {})
    }
    versions = ec2("describe_launch_template_versions", "LaunchTemplateVersions", Versions=["$Default"])
    inventory.templates += named(versions, "launch-template", "LaunchTemplateId")
    inventory.fleets += [
        {**each, "Arn": each["AutoScalingGroupARN"], "Region": region}
        for each in ask.all("autoscaling", "describe_auto_scaling_groups", "AutoScalingGroups", region=region)
    ]
    by_default = ask.one("ec2", "get_ebs_encryption_by_default", region=region)
    if "EbsEncryptionByDefault" in by_default:
        inventory.encrypts_disks[region] = by_default["EbsEncryptionByDefault"]
    for bought in ask.all("ec2", "describe_reserved_instances", "ReservedInstances", region=region, is_optional=True):
        if bought["State"] == "active":
            kind = ("ec2", bought["InstanceType"])
            inventory.reserved[kind] = inventory.reserved.get(kind, 0) + bought["InstanceCount"]


def _is_public(ask: Ask, region: str, snapshot: str) -> bool:
    attribute = ask.one(
        "ec2", "describe_snapshot_attribute", region=region, SnapshotId=snapshot, Attribute="createVolumePermission"
    )
    return any(each.get("Group") == "all" for each in attribute.get("CreateVolumePermissions", []))
