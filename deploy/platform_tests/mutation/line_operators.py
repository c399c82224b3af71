"""Changes for the worse in files that are read line by line: systemd units, nginx, nftables, sshd, sysctl, YAML."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from mutation.mutants import Edit, Mutant

Lines = list[tuple[int, str, str]]
NUMBER = re.compile(r"(?<![\w.{$])(\d+)(?=(?:[smhdkKMG]|min|r/s|MB)?\b)")
SWITCHES = {"yes": "no", "no": "yes", "on": "off", "off": "on", "true": "false", "false": "true"}
SWITCH = re.compile(r"(?<![\w-])(yes|no|on|off|true|false)(?![\w-])")


def lines_of(text: str) -> Lines:
    """Offset, line, and the section or the blocks that it stands in."""
    result, offset, inside = [], 0, []
    for whole in text.splitlines(keepends=True):
        line = whole.rstrip("\n")
        stripped = line.strip()
        if stripped.startswith("}") and inside:
            inside.pop()
        result.append((offset, line, " > ".join(inside)))
        if re.fullmatch(r"\[\w+\]", stripped):
            inside = [stripped.strip("[]")]
        elif stripped.endswith("{") and not stripped.startswith("#"):
            inside.append(stripped.removesuffix("{").strip())
        offset += len(whole)
    return result


def _dropped(offset: int, line: str) -> Edit:
    return Edit(offset, offset + len(line) + 1, "")


def _lowered(number: str) -> str:
    value = int(number)
    return str(value // 10 if value >= 10 else value - 1)


def _place(where: str, line: str) -> str:
    stripped = " ".join(line.split())
    stripped = stripped if len(stripped) < 90 else f"{stripped[:87]}…"
    return f"{where}: {stripped}" if where else stripped


def of_lines(
    file: str,
    text: str,
    kind: str,
    *,
    is_directive: Callable[[str], bool],
    numbers: bool = True,
    more: Callable[[int, str], Iterator[tuple[str, Edit]]] | None = None,
) -> Iterator[Mutant]:
    """Drop a directive, turn its switch, lower its numbers; `more` has the kind's own changes."""
    for offset, line, where in lines_of(text):
        if not is_directive(line):
            continue
        place = _place(where, line)

        def mutant(operator: str, edit: Edit, place: str = place) -> Mutant:
            return Mutant(file, kind, operator, place, (edit,))

        yield mutant("drop a directive", _dropped(offset, line))
        value = re.search(r"[=: ]", line.strip())
        begin = line.find(line.strip()) + (value.end() if value else 0)
        if found := SWITCH.search(line, begin):
            yield mutant("turn a switch", Edit(offset + found.start(), offset + found.end(), SWITCHES[found[1]]))
        if numbers and (found := NUMBER.search(line, begin)) and int(found[1]) > 0:
            yield mutant("lower a number", Edit(offset + found.start(1), offset + found.end(1), _lowered(found[1])))
        for operator, edit in more(offset, line) if more else ():
            yield mutant(operator, edit)


def systemd(file: str, text: str, kind: str) -> Iterator[Mutant]:
    def is_directive(line: str) -> bool:
        return bool(re.match(r"\w+=", line)) and not line.startswith(("Description=", "ExecStart="))

    def more(offset: int, line: str) -> Iterator[tuple[str, Edit]]:
        if re.match(r"(User|Group)=webmarket$", line):
            yield "run as root", Edit(offset + line.find("=") + 1, offset + len(line), "root")
        for weaker in (("ProtectSystem=strict", "full"), ("SocketMode=0600", "0666"), ("UMask=0027", "0000")):
            if line == weaker[0]:
                yield "weaken a value", Edit(offset + line.find("=") + 1, offset + len(line), weaker[1])

    yield from of_lines(file, text, kind, is_directive=is_directive, more=more)


def nginx(file: str, text: str, kind: str) -> Iterator[Mutant]:
    def is_directive(line: str) -> bool:
        stripped = line.strip()
        return stripped.endswith(";") and not stripped.startswith(("#", "'", "include mime", "default ", "~", '"'))

    for one in of_lines(file, text, kind, is_directive=is_directive):
        # A log's name in a path, and codes of answers, are no amounts.
        if one.operator != "lower a number" or not re.search(r": (error_page|return|charset)\b", one.place):
            yield one


def firewall(file: str, text: str, kind: str) -> Iterator[Mutant]:
    def is_directive(line: str) -> bool:
        return bool(line.strip()) and not line.strip().startswith(("#", "{%", "table", "chain", "}", "type"))

    yield from of_lines(file, text, kind, is_directive=is_directive)
    for offset, line, where in lines_of(text):
        for wanted, other in (("policy drop", "policy accept"), (" drop", " accept")):
            if (at := line.find(wanted)) >= 0 and not line.strip().startswith("#"):
                edit = Edit(offset + at, offset + at + len(wanted), other)
                yield Mutant(file, kind, "accept instead of drop", _place(where, line), (edit,))
                break
        for source in re.finditer(r"(?<=\{\{ )base_web_ports \| join\(', '\)(?= \}\})", line):
            edit = Edit(offset + source.start() - 3, offset + source.end() + 3, "1-65535")
            yield Mutant(file, kind, "open every port", _place(where, line), (edit,))


def settings(file: str, text: str, kind: str) -> Iterator[Mutant]:
    """`Name value` and `name = value`: sshd, sysctl."""

    def is_directive(line: str) -> bool:
        return bool(line.strip()) and not line.startswith(("#", "{"))

    def more(offset: int, line: str) -> Iterator[tuple[str, Edit]]:
        if line.endswith("= 0"):
            yield "raise from zero", Edit(offset + len(line) - 1, offset + len(line), "1")

    yield from of_lines(file, text, kind, is_directive=is_directive, more=more)


def yaml(file: str, text: str, kind: str) -> Iterator[Mutant]:
    """Lines and items of a list (steps, tasks); names are no behaviour."""
    lines = lines_of(text)
    last_name = ""
    for index, (offset, line, _) in enumerate(lines):
        stripped = line.strip()
        if found := re.match(r"(?:- )?(?:&\w+\s*)?name: (.+)", stripped):
            last_name = found[1]

        def mutant(operator: str, *edits: Edit, place: str = _place(last_name, line)) -> Mutant:
            return Mutant(file, kind, operator, place, edits)

        if re.match(r"- (name|uses): ", stripped) or stripped.startswith("- &"):
            indent = len(line) - len(line.lstrip())
            end = index + 1
            while end < len(lines) and (
                not lines[end][1].strip() or len(lines[end][1]) - len(lines[end][1].lstrip()) > indent
            ):
                end += 1
            until = lines[end][0] if end < len(lines) else len(text)
            if "&" not in stripped:
                yield mutant("drop an item", Edit(offset, until, ""))
            continue
        if not re.match(r"[\w.-]+: \S", stripped) or stripped.startswith(
            ("name:", "#", "description:", "run:", "cmd:")
        ):
            continue
        value = line.find(": ") + 2
        if found := SWITCH.search(line, value):
            yield mutant("turn a switch", Edit(offset + found.start(), offset + found.end(), SWITCHES[found[1]]))
        if (found := re.fullmatch(r"(\s*mode: )\"(0\d+)\"", line)) and found[2] != "0777":
            yield mutant("widen a mode", Edit(offset + len(found[1]), offset + len(line), '"0777"'))
        elif (found := NUMBER.search(line, value)) and line[value:].strip() == found[1] and int(found[1]) > 0:
            yield mutant("lower a number", Edit(offset + found.start(1), offset + found.end(1), _lowered(found[1])))
        if found := re.search(r"@[0-9a-f]{40} # (v[\d.]+)$", line):
            yield mutant("name an action by its tag", Edit(offset + found.start(), offset + len(line), f"@{found[1]}"))
        if stripped == "contents: read":
            yield mutant("widen a permission", Edit(offset + line.find("read"), offset + len(line), "write"))
        if re.match(
            r"(environment|if|needs|no_log|when|checksum|validate|permissions|concurrency|timeout-minutes|group|owner"
            r"|notify|persist-credentials): ",
            stripped,
        ):
            yield mutant("drop a key", _dropped(offset, line))
