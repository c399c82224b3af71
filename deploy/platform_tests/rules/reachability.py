"""Who reaches what, on which port: computed from a plan, and compared with docs/reachability.md.

A packet arrives where the sender's group lets it out, the receiver's group lets it in, a route leads there, and no
network ACL of either subnet refuses it. https://docs.aws.amazon.com/vpc/latest/userguide/infrastructure-security.html
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from environment_plan import CLOUDFRONT_LIST
from local import ROOT

from rules.world import Resource, Rule, World, listed

PAGE = Path("docs/reachability.md")
ANYWHERE = ("0.0.0.0/0", "::/0")
INTERNET, EDGE, S3 = "internet", "edge", "S3"
# Who stands in a network: the resource, the arguments that name its groups and its subnets.
STANDING = (
    ("balancer", "aws_lb", "security_groups", "subnets"),
    ("hosts", "aws_autoscaling_group", "", "vpc_zone_identifier"),
    ("database", "aws_db_instance", "vpc_security_group_ids", ""),
    ("endpoints", "aws_vpc_endpoint", "security_group_ids", "subnet_ids"),
)
EVERY_PORT = "every"
NUMBERED = re.compile(r"^\d+$")


@dataclass(frozen=True, order=True)
class Way:
    source: str
    target: str
    ports: tuple[str, ...]
    through: str

    def row(self) -> str:
        return f"| {self.source} | {self.target} | {', '.join(self.ports)} | {self.through} |"


@dataclass
class Party:
    """Who sends or receives: its groups and subnets, as blocks."""

    name: str
    groups: set[str] = field(default_factory=set)
    subnets: set[str] = field(default_factory=set)
    # Has an address that the internet can name.
    public: bool = False
    network: str = ""


def ways(world: World) -> list[Way]:
    parties = list(_parties(world))
    found: list[Way] = []
    for target in parties:
        for outside in (INTERNET, EDGE):
            ports = _admitted(world, target, outside)
            if ports and _is_routed_in(world, target):
                found.append(Way(outside, target.name, ports, "internet gateway"))
        for source in parties:
            ports = _common(_let_out(world, source, target), _admitted(world, target, source))
            if source is not target and source.network == target.network and ports:
                allowed = _through_lists(world, source, target, ports)
                if allowed:
                    found.append(Way(source.name, target.name, allowed, "network"))
    for source in parties:
        ports = _let_out(world, source, INTERNET)
        through = _way_out(world, source)
        if ports and through:
            found.append(Way(source.name, INTERNET, ports, through))
        if ports and _has_gateway_endpoint(world, source) and "443" in ports:
            found.append(Way(source.name, S3, ("443",), "gateway endpoint"))
    return sorted(set(found))


def _module(block: str) -> str:
    return block.rpartition(".aws_")[0]


def _parties(world: World) -> Iterator[Party]:
    parties: dict[str, Party] = {}
    for name, kind, groups, subnets in STANDING:
        for one in {one.block: one for one in world.of(kind)}.values():
            own = name + (" of the second region" if ".recovery." in f".{one.block}" else "")
            party = parties.setdefault(own, Party(own))
            if kind == "aws_autoscaling_group":
                template = one.block.replace("aws_autoscaling_group.", "aws_launch_template.")
                for found in (found for found in world.of("aws_launch_template") if found.block == template):
                    party.groups |= _only(world.origins(found, "vpc_security_group_ids"), "aws_security_group")
                    party.public |= bool(found["network_interfaces"])
            elif groups:
                party.groups |= _only(world.origins(one, groups), "aws_security_group")
            if subnets:
                party.subnets |= _only(world.origins(one, subnets), "aws_subnet")
            if kind == "aws_lb":
                party.public |= one["internal"] is False
            if kind == "aws_db_instance":
                party.public |= bool(one["publicly_accessible"])
                for group in world.of("aws_db_subnet_group"):
                    if _module(group.block) == _module(one.block):
                        party.subnets |= _only(world.origins(group, "subnet_ids"), "aws_subnet")
    for party in parties.values():
        public = {one.block for one in world.of("aws_subnet") if one["map_public_ip_on_launch"]}
        party.public |= bool(party.subnets & public)
        party.network = next((_module(group) for group in sorted(party.groups)), "")
        # What has neither group nor subnet is in no network: the endpoint of a gateway is a route.
        if party.groups or party.subnets:
            yield party


def _only(blocks: set[str], kind: str) -> set[str]:
    return {one for one in blocks if f".{kind}." in f".{one}"}


def _rules(world: World, kind: str, party: Party) -> Iterator[Resource]:
    for one in world.of(f"aws_vpc_security_group_{kind}_rule"):
        if world.origins(one, "security_group_id") & party.groups:
            yield one
    # Rules that stand within a group.
    for group in world.of("aws_security_group"):
        if group.block in party.groups:
            for given in listed(group[kind]):
                yield Resource(
                    group.address, group.type, {**given, "cidr_ipv4": (given.get("cidr_blocks") or [None])[0]}
                )


def _ports(rule: Resource) -> str:
    if str(rule["ip_protocol"] or rule["protocol"]) == "-1" or rule["from_port"] is None:
        return EVERY_PORT
    low, high = rule["from_port"], rule["to_port"]
    return str(low) if low == high else f"{low}-{high}"


def _admitted(world: World, target: Party, source: Party | str) -> tuple[str, ...]:
    return _sorted(_ports(one) for one in _rules(world, "ingress", target) if _names(world, one, source))


def _let_out(world: World, source: Party, target: Party | str) -> tuple[str, ...]:
    named = [one for one in _rules(world, "egress", source) if _names(world, one, target)]
    return _sorted(_ports(one) for one in named)


def _names(world: World, rule: Resource, other: Party | str) -> bool:
    """Whether a rule is about the other: its group, everybody, or a list of addresses."""
    if other == EDGE:
        return rule["prefix_list_id"] == CLOUDFRONT_LIST
    whole = {rule["cidr_ipv4"], rule["cidr_ipv6"]} & set(ANYWHERE)
    if other == INTERNET:
        # Any range that is not the network's own is somebody outside.
        outside = rule["cidr_ipv4"] and not ipaddress.ip_network(rule["cidr_ipv4"]).is_private
        return bool(whole or outside or (rule["prefix_list_id"] not in (None, "", CLOUDFRONT_LIST)))
    groups = _only(world.origins(rule, "referenced_security_group_id"), "aws_security_group")
    inside = rule["cidr_ipv4"] and ipaddress.ip_network(rule["cidr_ipv4"]).is_private
    return bool(groups & other.groups) or bool(whole or inside)


def _common(out: tuple[str, ...], admitted: tuple[str, ...]) -> tuple[str, ...]:
    if EVERY_PORT in out:
        return admitted
    return out if EVERY_PORT in admitted else _sorted(one for one in out if one in admitted)


def _sorted(ports: Iterator[str]) -> tuple[str, ...]:
    return tuple(sorted(set(ports), key=lambda port: (not NUMBERED.match(port), int(re.sub(r"\D.*", "", port) or 0))))


# --- Routes ---------------------------------------------------------------------------------------------------------


def _tables(world: World, subnets: set[str]) -> set[str]:
    return {
        table
        for link in world.of("aws_route_table_association")
        if world.origins(link, "subnet_id") & subnets
        for table in _only(world.origins(link, "route_table_id"), "aws_route_table")
    }


def _leads(world: World, subnets: set[str], argument: str) -> set[str]:
    """What the subnets' default routes lead to by that argument."""
    tables = _tables(world, subnets)
    return {
        target
        for route in world.of("aws_route")
        if route["destination_cidr_block"] in ANYWHERE and world.origins(route, "route_table_id") & tables
        for target in world.origins(route, argument)
        if ".aws_" in f".{target}"
    }


def _is_routed_in(world: World, party: Party) -> bool:
    gateways = {one.block for one in world.of("aws_internet_gateway")}
    return party.public and bool(_leads(world, party.subnets, "gateway_id") & gateways)


def _way_out(world: World, party: Party) -> str:
    if _is_routed_in(world, party):
        return "internet gateway"
    for gateway in {one.block: one for one in world.of("aws_nat_gateway")}.values():
        if gateway.block in _leads(world, party.subnets, "nat_gateway_id"):
            stands = _only(world.origins(gateway, "subnet_id"), "aws_subnet")
            if _leads(world, stands, "gateway_id"):
                return "NAT gateway"
    return ""


def _has_gateway_endpoint(world: World, party: Party) -> bool:
    tables = _tables(world, party.subnets)
    return any(
        one["vpc_endpoint_type"] == "Gateway" and world.origins(one, "route_table_ids") & tables
        for one in world.of("aws_vpc_endpoint")
    )


# --- Network ACLs ---------------------------------------------------------------------------------------------------


def _through_lists(world: World, source: Party, target: Party, ports: tuple[str, ...]) -> tuple[str, ...]:
    """Ports that the network ACLs of both sides let through; a subnet's default one refuses nothing."""
    for party, direction in ((source, "egress"), (target, "ingress")):
        for one in world.of("aws_network_acl"):
            if world.origins(one, "subnet_ids") & party.subnets:
                ports = tuple(port for port in ports if _acl_allows(listed(one[direction]), port))
    return ports


def _acl_allows(entries: list[dict], port: str) -> bool:
    """The first entry by number that fits decides; none refuses."""
    for entry in sorted(entries, key=lambda one: one["rule_no"]):
        every = entry["protocol"] in ("-1", "all")
        if every or (NUMBERED.match(port) and entry["from_port"] <= int(port) <= entry["to_port"]):
            return entry["action"] == "allow"
    return False


# --- The drawn table ------------------------------------------------------------------------------------------------


def documented(environment: str, text: str) -> set[str]:
    """Rows of an environment's table."""
    found = re.search(rf"^## {environment}$(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    rows = re.findall(r"^\|.*\|$", found[1], re.MULTILINE) if found else []
    return set(rows[2:])


def reachability_is_documented(world: World) -> Iterator[str]:
    computed = {way.row() for way in ways(world)}
    table = documented(world.name, (ROOT / PAGE).read_text())
    for row in sorted(computed - table):
        yield f"is reached, and not drawn in {PAGE}: {row}"
    for row in sorted(table - computed):
        yield f"is drawn in {PAGE}, and not reached: {row}"


RULES = (
    Rule(
        "who reaches what is drawn",
        "A packet arrives where groups, routes and network ACLs of both sides let it.",
        "https://docs.aws.amazon.com/vpc/latest/userguide/infrastructure-security.html",
        reachability_is_documented,
    ),
)
