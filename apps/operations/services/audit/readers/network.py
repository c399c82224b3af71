from typing import Any

from apps.operations.services.audit.asking import Ask
from apps.operations.services.audit.inventory import Inventory

GONE = {"deleted", "deleting", "failed"}


def read_network(ask: Ask, inventory: Inventory, region: str) -> None:
    for kind, call, key, name, into in (
        ("elastic-ip", "describe_addresses", "Addresses", "AllocationId", inventory.elastic_ips),
        ("security-group", "describe_security_groups", "SecurityGroups", "GroupId", inventory.groups),
        ("natgateway", "describe_nat_gateways", "NatGateways", "NatGatewayId", inventory.gateways),
        ("vpc-endpoint", "describe_vpc_endpoints", "VpcEndpoints", "VpcEndpointId", inventory.endpoints),
        ("network-acl", "describe_network_acls", "NetworkAcls", "NetworkAclId", inventory.network_acls),
    ):
        into += [
            {**each, "Arn": inventory.arn("ec2", region, f"{kind}/{each[name]}"), "Region": region}
            for each in ask.all("ec2", call, key, region=region)
            if str(each.get("State", "")).lower() not in GONE
        ]
    _read_vpcs(ask, inventory, region)
    inventory.balancers += [
        _with_targets(ask, {**each, "Arn": each["LoadBalancerArn"], "Region": region})
        for each in ask.all("elbv2", "describe_load_balancers", "LoadBalancers", region=region)
    ]


def _read_vpcs(ask: Ask, inventory: Inventory, region: str) -> None:
    """`HasFlowLogs` is None when AWS does not say."""
    logs = ask.all("ec2", "describe_flow_logs", "FlowLogs", region=region)
    logged = {each["ResourceId"] for each in logs if each.get("FlowLogStatus") == "ACTIVE"}
    hidden = ask.failed("ec2", region, "ec2:DescribeFlowLogs")
    for each in ask.all("ec2", "describe_vpcs", "Vpcs", region=region):
        place = {"Arn": inventory.arn("ec2", region, f"vpc/{each['VpcId']}"), "Region": region}
        inventory.vpcs.append({**each, **place, "HasFlowLogs": None if hidden else each["VpcId"] in logged})


def _with_targets(ask: Ask, balancer: dict[str, Any]) -> dict[str, Any]:
    """Its attributes, and how many targets it can reach; `Targets` is None when AWS does not say."""
    region = balancer["Region"]
    groups = ask.all("elbv2", "describe_target_groups", "TargetGroups", region=region, LoadBalancerArn=balancer["Arn"])
    targets = sum(
        len(
            ask.all(
                "elbv2",
                "describe_target_health",
                "TargetHealthDescriptions",
                region=region,
                TargetGroupArn=group["TargetGroupArn"],
            )
        )
        for group in groups
    )
    hidden = any(
        ask.failed("elasticloadbalancing", region, f"elasticloadbalancing:{call}")
        for call in ("DescribeTargetGroups", "DescribeTargetHealth")
    )
    attributes = ask.all(
        "elbv2", "describe_load_balancer_attributes", "Attributes", region=region, LoadBalancerArn=balancer["Arn"]
    )
    listeners = ask.all("elbv2", "describe_listeners", "Listeners", region=region, LoadBalancerArn=balancer["Arn"])
    return {
        **balancer,
        "Listeners": listeners,
        "Targets": None if hidden else targets,
        "Attributes": {each["Key"]: each["Value"] for each in attributes},
    }
