"""VPC, security groups, network ACLs, gateways."""

from typing import Any

from apps.operations.tests.estate.planting import Estate, specification

WORLD = "0.0.0.0/0"


def _group(estate: Estate, name: str, *permissions: dict[str, Any]) -> str:
    ec2 = estate("ec2")
    group: str = ec2.create_security_group(
        GroupName=name,
        Description=name,
        VpcId=estate.shared["vpc"],
        TagSpecifications=specification("security-group", name),
    )["GroupId"]
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=list(permissions))
    return group


def _tcp(first: int, last: int, *cidrs: str) -> dict[str, Any]:
    four = [{"CidrIp": cidr, "Description": "planted"} for cidr in cidrs if ":" not in cidr]
    six = [{"CidrIpv6": cidr, "Description": "planted"} for cidr in cidrs if ":" in cidr]
    return {"IpProtocol": "tcp", "FromPort": first, "ToPort": last, "IpRanges": four, "Ipv6Ranges": six}


def _vpc(estate: Estate, name: str, cidr: str) -> str:
    vpc: str = estate("ec2").create_vpc(CidrBlock=cidr, TagSpecifications=specification("vpc", name))["Vpc"]["VpcId"]
    return vpc


def _subnet(estate: Estate, name: str, cidr: str, zone: str) -> str:
    subnet: str = estate("ec2").create_subnet(
        VpcId=estate.shared["vpc"],
        CidrBlock=cidr,
        AvailabilityZone=zone,
        TagSpecifications=specification("subnet", name),
    )["Subnet"]["SubnetId"]
    return subnet


def _default_group(estate: Estate, vpc: str) -> dict[str, Any]:
    filters = [{"Name": "vpc-id", "Values": [vpc]}, {"Name": "group-name", "Values": ["default"]}]
    group: dict[str, Any] = estate("ec2").describe_security_groups(Filters=filters)["SecurityGroups"][0]
    return group


def _flow_logs(estate: Estate, vpc: str) -> None:
    logs = estate("logs")
    logs.create_log_group(logGroupName="/vpc/flow")
    logs.put_retention_policy(logGroupName="/vpc/flow", retentionInDays=90)
    estate("ec2").create_flow_logs(
        ResourceIds=[vpc],
        ResourceType="VPC",
        TrafficType="ALL",
        LogGroupName="/vpc/flow",
        DeliverLogsPermissionArn="arn:aws:iam::123456789012:role/flow-logs",
    )


def _vpcs(estate: Estate) -> None:
    ec2 = estate("ec2")
    good = _vpc(estate, "shop", "10.20.0.0/16")
    estate.shared["vpc"] = good
    group = _default_group(estate, good)
    if group["IpPermissions"]:
        ec2.revoke_security_group_ingress(GroupId=group["GroupId"], IpPermissions=group["IpPermissions"])
    ec2.revoke_security_group_egress(GroupId=group["GroupId"], IpPermissions=group["IpPermissionsEgress"])
    _flow_logs(estate, good)
    estate.twin("EC2.2", "default security group without a rule", group["GroupId"])
    estate.twin("EC2.6", "VPC with flow logs", good)
    for name, cidr, zone in (("a", "10.20.1.0/24", "eu-west-3a"), ("b", "10.20.2.0/24", "eu-west-3b")):
        estate.shared[f"subnet-{name}"] = _subnet(estate, f"shop-{name}", cidr, zone)

    bare = _vpc(estate, "bare", "10.30.0.0/16")
    estate.fault("EC2.6", "VPC without flow logs", bare)
    open_by_default = _default_group(estate, bare)["GroupId"]
    ec2.authorize_security_group_ingress(GroupId=open_by_default, IpPermissions=[_tcp(8000, 8000, "10.30.0.0/16")])
    estate.fault("EC2.2", "default security group that lets traffic in", open_by_default)


def _groups(estate: Estate) -> None:
    estate.fault("EC2.53", "SSH open to the world", _group(estate, "ssh", _tcp(22, 22, WORLD)))
    estate.fault("EC2.54", "RDP open to the world by IPv6", _group(estate, "rdp", _tcp(3389, 3389, "::/0")))
    mysql = _group(estate, "wide", _tcp(3000, 4000, "10.0.0.0/8", WORLD))
    estate.fault("EC2.19", "MySQL open in a range of ports", mysql)
    anything = _group(estate, "anything", {"IpProtocol": "-1", "IpRanges": [{"CidrIp": WORLD}]})
    estate.fault("EC2.19", "all traffic from the world", anything)
    halves = _group(estate, "halves", _tcp(6379, 6379, "0.0.0.0/1", "128.0.0.0/1"))
    estate.fault("EC2.19", "Redis open to the world in two halves", halves)

    estate.twin("EC2.53", "SSH from the private network", _group(estate, "bastion", _tcp(22, 22, "10.0.0.0/8")))
    web = _group(estate, "web", _tcp(443, 443, WORLD, "::/0"), _tcp(80, 80, WORLD, "::/0"))
    estate.shared["web"] = web
    estate.twin("EC2.18", "HTTP and HTTPS from the world", web)
    inner = estate("ec2").create_security_group(
        GroupName="inner",
        Description="Between machines of the group",
        VpcId=estate.shared["vpc"],
        TagSpecifications=specification("security-group", "inner"),
    )["GroupId"]
    estate("ec2").authorize_security_group_ingress(
        GroupId=inner, IpPermissions=[{"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": inner}]}]
    )
    estate.shared["inner"] = inner
    estate.twin("EC2.19", "all traffic from the group itself", inner)


def _network_acls(estate: Estate) -> None:
    ec2 = estate("ec2")

    def acl(name: str, *entries: tuple[int, str, str, str, int | None]) -> str:
        number: str = ec2.create_network_acl(
            VpcId=estate.shared["vpc"], TagSpecifications=specification("network-acl", name)
        )["NetworkAcl"]["NetworkAclId"]
        for rule, protocol, action, cidr, port in entries:
            ports = {"PortRange": {"From": port, "To": port}} if port else {}
            ec2.create_network_acl_entry(
                NetworkAclId=number,
                RuleNumber=rule,
                Protocol=protocol,
                RuleAction=action,
                CidrBlock=cidr,
                Egress=False,
                **ports,
            )
        return number

    estate.fault("EC2.21", "network ACL that lets the world in by SSH", acl("ssh", (100, "6", "allow", WORLD, 22)))
    strict = acl(
        "strict",
        (90, "6", "deny", WORLD, 22),
        (91, "6", "deny", WORLD, 3389),
        (100, "-1", "allow", WORLD, None),
    )
    estate.twin("EC2.21", "network ACL that refuses SSH and RDP before it allows", strict)


def _gateways(estate: Estate) -> None:
    ec2 = estate("ec2")
    for name, bytes_out in (("idle", 0.0), ("busy", 4_000_000_000.0)):
        ip = ec2.allocate_address(Domain="vpc", TagSpecifications=specification("elastic-ip", f"nat-{name}"))
        gateway = ec2.create_nat_gateway(
            SubnetId=estate.shared["subnet-a"],
            AllocationId=ip["AllocationId"],
            TagSpecifications=specification("natgateway", name),
        )["NatGateway"]["NatGatewayId"]
        for metric in ("BytesOutToDestination", "BytesInFromSource", "BytesOutToSource", "BytesInFromDestination"):
            estate.measure("AWS/NATGateway", metric, {"NatGatewayId": gateway}, bytes_out)
        estate.measure("AWS/NATGateway", "ActiveConnectionCount", {"NatGatewayId": gateway}, bytes_out / 1e8)
        if bytes_out:
            estate.twin("idle NAT", "NAT gateway with traffic", gateway)
        else:
            estate.fault("idle NAT", "NAT gateway through which nothing passes", gateway)
    lonely = ec2.allocate_address(Domain="vpc", TagSpecifications=specification("elastic-ip", "lonely"))
    estate.fault("EC2.12", "Elastic IP that belongs to nothing", lonely["AllocationId"], lonely["PublicIp"])


def plant(estate: Estate) -> None:
    _vpcs(estate)
    _groups(estate)
    _network_acls(estate)
    _gateways(estate)
