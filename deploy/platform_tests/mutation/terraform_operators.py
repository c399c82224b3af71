"""Changes for the worse in Terraform's and Packer's files."""

from __future__ import annotations

import re
from collections.abc import Iterator

from hcl import Argument, Block, read

from mutation.mutants import Edit, Mutant

POLICY = "aws_iam_policy_document"
# What people read, and what names things: another text is no fault.
WORDS = {"description", "error_message", "comment", "name", "sid", "source", "key", "alias", "tags", "title", "content"}
# Blocks without behaviour, or whose change Terraform refuses before anything is planned.
PASSED_OVER = {"terraform", "moved", "validation", "output"}
# The word, and the one that takes its effect away.
OPPOSITES = {
    "ALL": "ACCEPT",
    "AES256": "aws:kms",
    "BucketOwnerEnforced": "ObjectWriter",
    "CONTINUE": "ABANDON",
    "DENY": "SAMEORIGIN",
    "ELB": "EC2",
    "Enabled": "Disabled",
    "GOVERNANCE": "COMPLIANCE",
    "GreaterThanThreshold": "LessThanThreshold",
    "HTTPS": "HTTP",
    "IP": "FORWARDED_IP",
    "LessThanThreshold": "GreaterThanThreshold",
    "Maximum": "Minimum",
    "Minimum": "Maximum",
    "Rolling": "RollingUpdate",
    "SecureString": "String",
    "StringEquals": "StringNotEquals",
    "Sum": "SampleCount",
    "TLSv1.2_2021": "TLSv1",
    "always": "never",
    "breaching": "notBreaching",
    "enabled": "disabled",
    "https-only": "http-only",
    "instance": "ip",
    "notBreaching": "breaching",
    "optional": "required",
    "private": "public",
    "redirect-to-https": "allow-all",
    "required": "optional",
}
ACTIONS = {"block {}": "count {}", "none {}": "count {}"}
BOOLEAN = re.compile(r"\b([\w-]+)(\s*= )(true|false)\b")
NUMBER = re.compile(r"\b([\w-]+)(\s*= )(\d+)(?![\w.])")
WORD = re.compile(r'\b([\w-]+)\s*= "([\w.:-]+)"')
LIST = re.compile(r"\[[^\[\]]+\]")
PORTS = {"22", "80", "443", "587", "3306"}
COMPARISON = re.compile(r" (==|!=|&&|\|\|) ")
CHOICE = re.compile(r"= (.+) \? 1 : 0$")
NEGATED = re.compile(r"(= |\(|\? )!(var|local|each)\.")
SPECIAL = re.compile(r"^\s*(?:#.*)?$")


def mutants(file: str, text: str, kind: str) -> Iterator[Mutant]:
    blocks = [one for top in read(text) for one in top.all() if top.kind not in PASSED_OVER]
    blocks = [one for one in blocks if one.kind not in PASSED_OVER]

    def mutant(block: Block, operator: str, place: str, *edits: Edit) -> Mutant:
        policy = POLICY in block.top.labels
        where = f"{block.path}: {place}" if place else block.path
        return Mutant(
            *(file, "policies" if policy else kind, operator, where, edits),
            block=_named(block.top),
            argument=_argument_at(block, text, edits[0].start),
        )

    for block in blocks:
        yield from _whole(block, text, mutant)
        for argument in block.arguments:
            if argument.name not in WORDS:
                yield from _argument(block, argument, text, mutant)


def _named(top: Block) -> str:
    """As a plan names it; nothing where a change reaches more than one resource."""
    prefixes = {"resource": "", "data": "data."}
    return f"{prefixes[top.kind]}{'.'.join(top.labels)}" if top.kind in prefixes else ""


def _argument_at(block: Block, text: str, at: int) -> str:
    """The argument or block of the resource itself in which the change lies."""
    while block.parent and block.parent.parent:
        block = block.parent
    if block.parent:
        return block.labels[0] if block.kind == "dynamic" else block.kind
    return next((one.name for one in block.arguments if one.start <= at < one.end), "")


def _whole(block: Block, text: str, mutant) -> Iterator[Mutant]:
    """The block itself, which goes."""
    gone = Edit(block.start, block.end, "")
    first = text[block.start : block.end].strip()
    if first in ACTIONS:
        line = text[block.start : block.end].replace(first, ACTIONS[first])
        yield mutant(block, "count instead", "", Edit(block.start, block.end, line))
    if not block.parent or block.parent.kind in PASSED_OVER or first in ACTIONS:
        return
    given = {one.name: text[one.value : one.end].strip() for one in block.arguments}
    named = given.get("sid") or " ".join(f"{name} {value}" for name, value in list(given.items())[:2])
    inner = [] if named else [one for child in block.blocks for one in child.arguments if one.name == "sid"]
    named = named or (text[inner[0].value : inner[0].end].strip() if inner else "")
    operator = {"statement": "drop a statement", "condition": "drop a condition", "lifecycle": "drop the lifecycle"}
    yield mutant(
        block, operator.get(block.labels[0] if block.kind == "dynamic" else block.kind, "drop a block"), named, gone
    )


def _argument(block: Block, argument: Argument, text: str, mutant) -> Iterator[Mutant]:
    value = text[argument.value : argument.end]
    line = " ".join(text[argument.start : argument.end].split())
    place = line if len(line) < 90 else f"{line[:87]}…"

    def changed(operator: str, new: str, place: str = place) -> Mutant:
        return mutant(block, operator, place, Edit(argument.start, argument.end, new))

    whole = text[argument.start : argument.end]
    refuses = block.value(text, "effect") == '"Deny"'
    if argument.name == "depends_on":
        yield changed("remove depends_on", "")
        return
    if argument.name == "effect":
        yield changed("turn a refusal into a permission", whole.replace('"Deny"', '"Allow"'))
        return
    if argument.name == "ignore_changes":
        return
    if block.kind == "statement" or POLICY in block.top.labels:
        if argument.name in ("actions", "not_actions") and not refuses and "*" not in value:
            service = re.search(r'"([\w-]+):', value)
            if service:
                yield changed("widen the actions", f'    {argument.name} = ["{service[1]}:*"]\n')
        if argument.name == "resources" and not refuses and '["*"]' not in value:
            yield changed("widen the resources", '    resources = ["*"]\n')
        if argument.name in ("actions", "resources") and refuses and "," in value and '["*"]' not in value:
            yield from _first_dropped(value, argument, changed, whole)
        if argument.name == "identifiers" and '["*"]' not in value:
            yield changed("widen the principals", '      identifiers = ["*"]\n')
        if argument.name == "test":
            yield from _words(argument, text, block, mutant)
        return
    if argument.name in ("referenced_security_group_id", "prefix_list_id"):
        yield changed("widen the source", '  cidr_ipv4 = "0.0.0.0/0"\n')
        return
    yield from _words(argument, text, block, mutant)
    yield from _leaves(argument, text, block, mutant)
    if block.top.kind == "resource" and _droppable(argument, value):
        yield changed("drop an argument", "")
    if re.fullmatch(r"\[.+\]\s*", value, re.DOTALL) and block.top.kind in ("resource", "module"):
        yield changed("empty a list", f"{whole[: argument.value - argument.start]}[]\n")
        yield from _first_dropped(value, argument, changed, whole)


def _droppable(argument: Argument, value: str) -> bool:
    plain = value.strip()
    return not re.fullmatch(r"true|false|\d+", plain) and argument.name not in (
        "for_each",
        "count",
        "provider",
        "value",
    )


def _first_dropped(value: str, argument: Argument, changed, whole: str) -> Iterator[Mutant]:
    items = re.match(r'(\[\s*)("[^"]*"|[\w.\[\]"*]+),\s*', value)
    if items:
        rest = items[1] + value[items.end() :]
        yield changed("drop the first of a list", whole[: argument.value - argument.start] + rest)


def _line(text: str, at: int) -> tuple[int, str]:
    start = text.rfind("\n", 0, at) + 1
    end = text.find("\n", at)
    return start, text[start : end if end >= 0 else len(text)]


def _leaves(argument: Argument, text: str, block: Block, mutant) -> Iterator[Mutant]:
    """Values within an argument, of a map in it too."""
    value = text[argument.start : argument.end]
    if "<<" in value.split("\n", 1)[0]:
        return
    for pattern, change in ((BOOLEAN, _flipped), (NUMBER, _lowered)):
        for found in pattern.finditer(value):
            _, line = _line(text, argument.start + found.start())
            if SPECIAL.match(line) or found[1] in WORDS or "#" in line[: line.find(found[0])]:
                continue
            operator, new = change(found)
            if new is not None:
                at = argument.start + found.start(3)
                place = _place(argument, text, at, line, found[0])
                yield mutant(block, operator, place, Edit(at, at + len(found[3]), new))
    for found in COMPARISON.finditer(value):
        at = argument.start + found.start(1)
        other = {"==": "!=", "!=": "==", "&&": "||", "||": "&&"}[found[1]]
        _, line = _line(text, at)
        yield mutant(
            block, "turn a comparison", _place(argument, text, at, line, line.strip()), Edit(at, at + 2, other)
        )
    if found := CHOICE.search(value.rstrip("\n")):
        start = argument.start + found.start(1)
        yield mutant(block, "never", " ".join(value.split()), Edit(start, argument.start + found.end(), "0"))
    for found in NEGATED.finditer(value):
        at = argument.start + found.end(1)
        _, line = _line(text, at)
        yield mutant(block, "turn a condition", line.strip(), Edit(at, at + 1, ""))


def _place(argument: Argument, text: str, at: int, line: str, matched: str) -> str:
    """With the key of the map that a value stands in."""
    stripped = line.strip()
    if text.find("\n", argument.start, at) < 0:
        return stripped if len(stripped) < 100 else f"{argument.name}: {matched}"
    opening = re.findall(r"^\s*([\w-]+)\s*= \{$", text[argument.start : at], re.MULTILINE)
    return f"{opening[-1]}: {matched}" if opening else stripped


def _flipped(found: re.Match) -> tuple[str, str]:
    return "flip a boolean", "false" if found[3] == "true" else "true"


def _lowered(found: re.Match) -> tuple[str, str | None]:
    if found[3] in PORTS:
        return "retarget a port", "8080"
    number = int(found[3])
    return "lower a number", None if number == 0 else str(number // 10 if number >= 10 else number - 1)


def _words(argument: Argument, text: str, block: Block, mutant) -> Iterator[Mutant]:
    value = text[argument.start : argument.end]
    for found in WORD.finditer(value):
        if found[2] in OPPOSITES and found[1] not in WORDS:
            at = argument.start + found.start(2)
            _, line = _line(text, at)
            place = _place(argument, text, at, line, found[0])
            yield mutant(block, "take the opposite", place, Edit(at, at + len(found[2]), OPPOSITES[found[2]]))
