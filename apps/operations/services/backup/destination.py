"""Where a backup is restored to: a URL as in DATABASE_URL.

Never the shop's own database, however it is spelled; its password is displayed nowhere.
"""

import re
import socket
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import environ
from django.conf import settings
from django.db import connections
from django.utils.translation import gettext as _

from apps.operations.errors import OperationFailed
from apps.operations.services.backup.source import mysql_driver

SCHEMES = ("mysql", "sqlite")
MYSQL_PORT = 3306
SYSTEM = {"mysql", "sys", "information_schema", "performance_schema"}
# As far as the last « @ »: a password may hold any sign, written as it should be or not.
_SECRET = re.compile(r"^([a-z0-9+]*://[^:/@]*):.*@", re.IGNORECASE | re.DOTALL)
_DATABASE = re.compile(r"[^`/\\.\0-\x1f\x7f]{1,64}")


class BadDestination(OperationFailed):
    code = "bad_destination"


@dataclass(frozen=True)
class Destination:
    """`mysql`: how Django connects, or `path` of a SQLite file. `redacted` is the URL without its password."""

    redacted: str
    mysql: dict[str, Any] = field(default_factory=dict, repr=False)
    path: Path | None = None

    @property
    def engine(self) -> str:
        return "sqlite" if self.path else "mysql"


def without_password(url: str) -> str:
    redacted = _SECRET.sub(r"\1:***@", url.strip())
    head, at, rest = redacted.rpartition("@")
    rest = rest.partition("?")[0]
    if not at and re.search(r"://[^/\[]*:(?!\d*(?:/|$))", rest):
        # « user:password » without a host: what looks like a port is none.
        return f"{rest.partition('://')[0]}://…"
    return f"{head}{at}{rest}"


def has_password(url: str) -> bool:
    """Or anything else that is redacted."""
    return without_password(url) != url.strip()


def destination(url: str) -> Destination:
    """Raises BadDestination, in a sentence without the password."""
    redacted = without_password(url)
    scheme = url.strip().partition("://")[0].lower()
    read: dict[str, Any] = {}
    port = MYSQL_PORT
    # Of an unknown scheme, django-environ warns by printing the whole URL.
    if scheme in SCHEMES:
        try:
            read = dict(environ.Env.db_url_config(url.strip()))
            port = int(read.get("PORT") or MYSQL_PORT)
        except (ValueError, TypeError):
            read = {}
    if scheme == "sqlite" and str(read.get("NAME") or "").strip() not in {"", ":memory:"}:
        return Destination(redacted, path=Path(str(read["NAME"])).absolute())
    if scheme not in SCHEMES or not read.get("HOST"):
        raise BadDestination(
            _(
                "« %(url)s » n’est pas une adresse où restaurer : écrivez "
                "mysql://utilisateur:motdepasse@hôte:3306/base ou sqlite:////chemin/base.sqlite3."
            )
            % {"url": redacted}
        )
    name = str(read.get("NAME") or "")
    if not _DATABASE.fullmatch(name) or name.lower() in SYSTEM:
        raise BadDestination(
            _("« %(name)s » n’est pas le nom d’une base où restaurer : nommez-en une nouvelle, comme %(example)s.")
            % {"name": name, "example": "mysql://…/webmarket_restored"}
        )
    where = {"HOST": str(read["HOST"]), "PORT": port, "USER": read.get("USER") or "", "NAME": name}
    if where["USER"]:
        return Destination(redacted, mysql={**where, "PASSWORD": read.get("PASSWORD") or ""})
    return Destination(redacted, mysql={**where, **_credentials_of_own_server(where)})


def refuse_the_shops(target: Destination) -> None:
    """Raises BadDestination where the URL leads to the shop's own database, however it is spelled."""
    if is_the_shops(target):
        raise BadDestination(
            _(
                "%(url)s est la base de la boutique elle-même : elle n’est jamais écrasée. Restaurez dans une base "
                "d’un autre nom, puis changez DATABASE_URL."
            )
            % {"url": target.redacted}
        )


def is_the_shops(target: Destination) -> bool:
    """By identity, not by name: where both servers answer, by the server's UUID; where the shop's does not, by IP.
    MySQL may compare names of databases with or without case."""
    connection = connections["default"]
    shop = connection.settings_dict
    if target.path is not None:
        return connection.vendor == "sqlite" and _same_file(target.path, Path(str(shop["NAME"])))
    if connection.vendor != "mysql" or str(shop["NAME"]).lower() != str(target.mysql["NAME"]).lower():
        return False
    if _is_one_server(shop, target.mysql):
        return True
    here, there = _identity(connection.get_connection_params()), _identity(driver_parameters(target))
    return here is not None and here == there


def driver_parameters(target: Destination) -> dict[str, Any]:
    """For the driver alone, to the server and none of its databases."""
    parameters: dict[str, Any] = {
        "host": target.mysql["HOST"],
        "port": target.mysql["PORT"],
        "user": target.mysql["USER"],
        "passwd": target.mysql["PASSWORD"],
        "charset": "utf8mb4",
        "connect_timeout": 10,
    }
    if connections["default"].vendor == "mysql":
        # The authority that the shop's certificates come from signs those of a server beside it.
        options = connections["default"].settings_dict["OPTIONS"]
        parameters |= {name: options[name] for name in ("ssl", "ssl_mode") if name in options}
    return parameters


def _credentials_of_own_server(where: dict[str, Any]) -> dict[str, Any]:
    """A URL without a user means one of our servers: no other is sent our password."""
    own_servers = []
    if settings.OPERATIONS["restore_url"]:
        own_servers.append(dict(environ.Env.db_url_config(settings.OPERATIONS["restore_url"])))
    if connections["default"].vendor == "mysql":
        own_servers.append(connections["default"].settings_dict)
    for server in own_servers:
        if _is_one_server(server, where):
            return {"USER": server["USER"], "PASSWORD": server.get("PASSWORD") or ""}
    raise BadDestination(
        _(
            "L’adresse ne dit pas avec quel utilisateur se connecter à %(host)s : seuls les serveurs de "
            "RESTORE_DATABASE_URL et de DATABASE_URL se passent d’utilisateur."
        )
        % {"host": where["HOST"]}
    )


def _is_one_server(one: dict[str, Any], other: dict[str, Any]) -> bool:
    if int(one.get("PORT") or MYSQL_PORT) != int(other.get("PORT") or MYSQL_PORT):
        # A socket has no port: whether both lead to one server, its UUID decides.
        return False
    return bool(_ips(str(one.get("HOST") or "")) & _ips(str(other.get("HOST") or "")))


def _ips(host: str) -> set[str]:
    """All IPs of a host; those of this machine count as one."""
    if host in {"", "localhost"} or host.startswith("/"):
        return {"here"}
    found = {host.lower()}
    try:
        found |= {str(entry[4][0]) for entry in socket.getaddrinfo(host, None)}
    except OSError:
        return found
    if any(_is_here(ip) for ip in found):
        found.add("here")
    return found


def _is_here(ip: str) -> bool:
    """Only an IP of this machine can be bound."""
    family = socket.AF_INET6 if ":" in ip else socket.AF_INET
    try:
        with closing(socket.socket(family, socket.SOCK_DGRAM)) as bound:
            bound.bind((ip, 0))
    except OSError:
        return False
    return True


def _identity(parameters: dict[str, Any]) -> str | None:
    """UUID of a MySQL server, by whatever host it is reached; None where it does not answer."""
    parameters = {
        name: value for name, value in parameters.items() if name not in {"isolation_level", "db", "database"}
    }
    driver = mysql_driver()
    try:
        with closing(driver.connect(**parameters)) as server, server.cursor() as cursor:
            cursor.execute("SELECT @@server_uuid")
            ((identity,),) = cursor.fetchall()
    except driver.Error:
        return None
    return str(identity.decode() if isinstance(identity, bytes) else identity)


def _same_file(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return one.resolve() == other.resolve()
