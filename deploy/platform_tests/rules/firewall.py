"""What the firewall does to those who may come, and where passwords are tried."""

from __future__ import annotations

from collections.abc import Iterator

from rules.world import Resource, Rule, World, listed

BOT_CONTROL = "AWSManagedRulesBotControlRuleSet"
# At its default level the group blocks what these find: every program that is no browser.
BLOCKS_PROGRAMS = ("SignalNonBrowserUserAgent", "CategoryHttpLibrary")
# Paths that programs of others call: the API, payment providers, monitors. deploy/bin/smoke_test asks for pages too.
PROGRAM_PATHS = ("/api/", "/paiement/notification/", "/en/paiement/notification/", "/health")


def programs_are_not_blocked(world: World) -> Iterator[str]:
    for firewall in world.of("aws_wafv2_web_acl"):
        for group in _groups(firewall):
            if group["name"] != BOT_CONTROL:
                continue
            counted = {one["name"] for one in listed(group.get("rule_action_override")) if _counts(one)}
            for rule in BLOCKS_PROGRAMS:
                if rule not in counted:
                    yield f"{firewall.short}: {rule} blocks deploy/bin/smoke_test, which is no browser"
            beyond = _excepted(group.get("scope_down_statement"))
            for path in PROGRAM_PATHS:
                if not any(path.startswith(one) for one in beyond):
                    yield f"{firewall.short}: bot rules judge {path}, where programs come"


def _groups(firewall: Resource) -> Iterator[dict]:
    for rule in listed(firewall["rule"]):
        for statement in listed(rule["statement"]):
            yield from listed(statement.get("managed_rule_group_statement"))


def _counts(override: dict) -> bool:
    return any(one.get("count") for one in listed(override.get("action_to_use")))


def _excepted(scope: list | None) -> list[str]:
    """Beginnings of paths that a scope leaves out: not (a or b or …)."""
    found = []
    for statement in listed(scope):
        for negated in listed(statement.get("not_statement")):
            found += _beginnings(negated["statement"])
    return found


def _beginnings(statements: list) -> list[str]:
    found = []
    for one in listed(statements):
        for match in listed(one.get("byte_match_statement")):
            found.append(match["search_string"])
        for alternative in listed(one.get("or_statement")):
            found += _beginnings(alternative["statement"])
    return found


RULES = (
    Rule(
        "programs that may come are not blocked as bots",
        "Bot Control blocks what is no browser, unless its rules count or its scope leaves the path out.",
        "https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-bot.html",
        programs_are_not_blocked,
    ),
)
