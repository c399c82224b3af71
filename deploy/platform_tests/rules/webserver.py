"""What nginx must do before the shop: limit, time out, pass on who asks, and keep no answer that is personal."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rules.world import Rule

FOLDER = Path("deploy/nginx")
TOKEN = re.compile(r"#[^\n]*|'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"|[{};]|[^\s{};]+(?:\{[^}]*\}[^\s{};]*)?")
# The balancer's idle timeout (terraform/modules/balancer): nginx must keep a connection for longer.
BALANCER_IDLE = 60
MOST_REQUESTS, MOST_BURST, MOST_CONNECTIONS = 100, 50, 50
# What the shop itself waits for (deploy/gunicorn.conf.py): nginx waits a little longer.
GUNICORN_SECONDS = 30
# What each place must say; the reason stands in the sentence of the rule.
HTTP = {
    "user": "www-data",
    "server_tokens": "off",
    "worker_rlimit_nofile": "16384",
    "worker_connections": "4096",
    "client_header_timeout": "15s",
    "client_body_timeout": "15s",
    "send_timeout": "30s",
    "reset_timedout_connection": "on",
    "large_client_header_buffers": "4 64k",
    "client_max_body_size": "64m",
    "limit_req_status": "429",
    "limit_conn_status": "429",
    "default_type": "application/octet-stream",
    "charset": "utf-8",
}
PASSED_ON = {
    "proxy_http_version": "1.1",
    "proxy_set_header Connection": '""',
    "proxy_set_header Host": "$http_host",
    "proxy_set_header X-Forwarded-For": "$visitor",
    "proxy_set_header X-Forwarded-Proto": "$visitor_scheme",
    "proxy_set_header X-Forwarded-Host": '""',
    "proxy_set_header X-Request-ID": "$request_id",
    "proxy_buffering": "on",
    "proxy_request_buffering": "on",
    "proxy_buffers": "16 16k",
    "proxy_buffer_size": "16k",
    "proxy_connect_timeout": "5s",
    "proxy_next_upstream": "error timeout",
    "proxy_next_upstream_tries": "2",
}
CACHED = {
    "proxy_cache_key": '"$visitor_scheme $http_host $request_uri $page_encoding"',
    "proxy_ignore_headers": "Vary",
    "proxy_cache_min_uses": "2",
    "proxy_cache_revalidate": "on",
    "proxy_cache_background_update": "on",
    "proxy_no_cache": "$is_personal",
}
COMPRESSED = {"gzip": "on", "gzip_proxied": "any", "gzip_vary": "on", "gzip_min_length": "512"}
# Files leave the kernel without passing through nginx, headers and their beginning in one packet.
SENT = {"sendfile": "on", "tcp_nopush": "on"}
FILES = {
    "location /static/": {
        "alias": "/var/lib/webmarket/static/",
        "gzip_static": "on",
        "expires": "1y",
        "add_header Cache-Control": '"public, immutable"',
        "add_header X-Content-Type-Options": "nosniff",
    },
    "location /media/": {
        "alias": "/var/lib/webmarket/media/",
        "expires": "1h",
        "add_header Content-Security-Policy": "\"default-src 'none'; style-src 'unsafe-inline'; sandbox\"",
        "add_header X-Content-Type-Options": "nosniff",
    },
}
# Where nginx itself answers: who counts a request, and when it is worth asking again.
ANSWERS = {
    r"location ~ ^/(429|maintenance)\.html$": "30",
    "location @api_throttled": "1",
    "location @api_unavailable": "30",
}


@dataclass(frozen=True)
class Directive:
    name: str
    arguments: tuple[str, ...]
    # The blocks that it stands in, outermost first.
    inside: tuple[str, ...]

    @property
    def place(self) -> str:
        return self.inside[-1] if self.inside else ""

    @property
    def text(self) -> str:
        return " ".join(self.arguments)


def read(path: Path) -> list[Directive]:
    found: list[Directive] = []
    inside: list[str] = []
    words: list[str] = []
    for word in TOKEN.findall(path.read_text()):
        if word.startswith("#"):
            continue
        if word == ";":
            if words:
                found.append(Directive(words[0], tuple(words[1:]), tuple(inside)))
            words = []
        elif word == "{":
            inside.append(" ".join(words))
            words = []
        elif word == "}":
            inside.pop()
        else:
            words.append(word)
    return found


def configuration(root: Path) -> list[Directive]:
    return read(root / FOLDER / "nginx.conf")


def _by_name(directives: list[Directive]) -> dict[str, str]:
    """By the name, and for headers by the header's; of the same name the last."""
    found = {}
    for one in directives:
        if one.name in ("proxy_set_header", "add_header") and one.arguments:
            found[f"{one.name} {one.arguments[0]}"] = " ".join(one.arguments[1:]).removesuffix(" always")
        else:
            found[one.name] = one.text
    return found


def _differences(found: dict[str, str], wanted: dict[str, str]) -> Iterator[str]:
    for name, value in wanted.items():
        if found.get(name) != value:
            yield f"{name} is {found.get(name, 'absent')}, not {value}"


def _asking(directives: list[Directive]) -> dict[str, list[Directive]]:
    """Locations that ask the shop, with what stands in them."""
    asking = {one.place for one in directives if one.name == "proxy_pass" and one.text == "http://shop"}
    return {place: [one for one in directives if one.place == place] for place in sorted(asking)}


def requests_are_limited(root: Path) -> Iterator[str]:
    directives = configuration(root)
    zones = {}
    for one in directives:
        if one.name in ("limit_req_zone", "limit_conn_zone"):
            given = dict(word.split("=", 1) for word in one.arguments[1:])
            zones[given["zone"].partition(":")[0]] = given
            if one.arguments[0] != "$visitor":
                yield f"nginx.conf counts requests by {one.arguments[0]}, not by visitor"
    rate = zones.get("visitors", {}).get("rate", "0r/s")
    if not 10 <= int(rate.removesuffix("r/s")) <= MOST_REQUESTS:
        yield f"nginx.conf: {rate} for each visitor, of {MOST_REQUESTS}"
    for place, own in _asking(directives).items():
        # The balancer's question, which must be answered however busy the shop is.
        if place == "location /health":
            continue
        limits = [one for one in own if one.name == "limit_req" and "zone=visitors" in one.arguments]
        if not limits:
            yield f"{place} limits nobody's requests"
        for one in limits:
            burst = int(re.search(r"burst=(\d+)", one.text)[1] if "burst=" in one.text else 0)
            if not 20 <= burst <= MOST_BURST or "nodelay" not in one.arguments:
                yield f"{place}: a burst of {burst}, of {MOST_BURST} without delay"
        connections = [int(one.arguments[1]) for one in own if one.name == "limit_conn"]
        if not connections or not 20 <= connections[0] <= MOST_CONNECTIONS:
            yield f"{place}: {connections or 'no limit of'} connections of one visitor, of {MOST_CONNECTIONS}"
    if {"visitors", "connections"} - zones.keys():
        yield "nginx.conf counts neither requests nor connections in a zone"


def clients_are_bounded(root: Path) -> Iterator[str]:
    directives = configuration(root)
    found = _by_name([one for one in directives if one.place in ("", "http", "events")])
    yield from _differences(found, HTTP)
    seconds = int(found.get("keepalive_timeout", "0").removesuffix("s"))
    if seconds <= BALANCER_IDLE:
        yield f"keepalive_timeout {seconds}s: the balancer writes to connections that nginx has closed (502)"
    if int(found.get("keepalive_requests", "0")) < 1000:
        yield "keepalive_requests: the balancer's connections end after few requests"


def the_shop_hears_who_asks(root: Path) -> Iterator[str]:
    found = _by_name(read(root / FOLDER / "proxy.conf"))
    yield from _differences(found, PASSED_ON)
    for name in ("proxy_read_timeout", "proxy_send_timeout"):
        seconds = int(found.get(name, "0").removesuffix("s"))
        if not GUNICORN_SECONDS <= seconds <= BALANCER_IDLE:
            yield f"{name} is {seconds} s: gunicorn takes {GUNICORN_SECONDS}, and the balancer waits {BALANCER_IDLE}"
    directives = configuration(root)
    for place, own in _asking(directives).items():
        if ("include", ("proxy.conf",)) not in {(one.name, one.arguments) for one in own}:
            yield f"{place} does not pass on who asks (proxy.conf)"
    included = {one.text for one in directives if one.name == "include"}
    for name in ("host/visitor.conf", "host/listen.conf", "mime.types"):
        if name not in included:
            yield f"nginx.conf does not include {name}"
    upstream = _by_name([one for one in directives if one.place == "upstream shop"])
    if upstream.get("server") != "unix:/run/webmarket-web.sock fail_timeout=0":
        yield "upstream shop: not the socket that systemd holds, or given up after one failure"
    if int(upstream.get("keepalive", "0")) < 16:
        yield "upstream shop: a new connection for nearly every request"


def pages_are_cached_for_everybody_alone(root: Path) -> Iterator[str]:
    directives = configuration(root)
    found = _by_name([one for one in directives if one.place == "http"])
    yield from _differences(found, CACHED)
    path = found.get("proxy_cache_path", "")
    for part in ("/run/", "keys_zone=pages:", "max_size=64m", "use_temp_path=off", "inactive=1m"):
        if part not in path:
            yield f"proxy_cache_path {path}: without {part} pages fill a disk, or are nowhere"
    places = _asking(directives)
    for place, own in places.items():
        keeps = [one.text for one in own if one.name == "proxy_cache"]
        if keeps != (["$page_cache"] if place == "location /" else []):
            yield f"{place} keeps {keeps or 'nothing'}"
    page = _by_name(places.get("location /", []))
    wanted = {
        "proxy_hide_header": "Cache-Control",
        "add_header Cache-Control": "$cdn_cache_control",
        "proxy_set_header Accept-Encoding": "$page_encoding",
    }
    yield from (f"location /: {problem}" for problem in _differences(page, wanted))


def answers_say_what_was_asked(root: Path) -> Iterator[str]:
    """A location with one add_header has none of the server's."""
    directives = configuration(root)
    server = [one for one in directives if one.place == "server"]
    for place in sorted({one.place for one in directives if one.name == "add_header"}):
        own = [one for one in directives if one.place == place]
        if place not in FILES and not any(one.arguments[:2] == ("X-Request-ID", "$request_id") for one in own):
            yield f"{place}: its answers do not say by which id they stand in the log"
    for place, seconds in ANSWERS.items():
        found = _by_name([one for one in directives if one.place == place])
        if found.get("add_header Retry-After") != seconds:
            yield f"{place} does not say when to come back"
        if found.get("add_header Cache-Control") != "no-store":
            yield f"{place}: caches keep that the shop is away"
    errors = {one.text for one in server if one.name == "error_page"}
    if errors != {"429 /429.html", "502 503 504 /maintenance.html"}:
        yield f"server: visitors see nginx's own pages ({', '.join(sorted(errors)) or 'no error_page'})"
    api = {one.text for one in directives if one.place == "location /api/" and one.name == "error_page"}
    if api != {"413 @api_too_large", "429 @api_throttled", "502 503 504 @api_unavailable"}:
        yield f"location /api/: programs get pages instead of the API's errors ({', '.join(sorted(api)) or 'none'})"
    pages = [one for one in directives if one.place == r"location ~ ^/(429|maintenance)\.html$"]
    if "internal" not in {one.name for one in pages}:
        yield "the pages of errors can be asked for"
    if _by_name(server).get("root") != "/opt/webmarket/current/deploy/nginx/pages":
        yield "server: its root is not the folder of its own pages"
    closing = [one for one in directives if one.place == "if ( $closed )" or one.place == "if ($closed)"]
    if [one.text for one in closing if one.name == "return"] != ["503", "503"]:
        yield "the maintenance page is not shown everywhere"
    for place, value in (("server", '""'), ("if (-f /run/webmarket/maintenance)", "1")):
        if not any(
            one.name == "set" and one.arguments == ("$closed", value) for one in directives if one.place == place
        ):
            yield f"{place}: the shop cannot be closed for maintenance"
    returned = {one.place: one.text for one in directives if one.name == "return"}
    for name, code in (("too_large", "413"), ("throttled", "429"), ("unavailable", "503")):
        own = _by_name([one for one in directives if one.place == f"location @api_{name}"])
        if (
            returned.get(f"location @api_{name}") != f"{code} $api_{name}"
            or own.get("default_type") != "application/json"
        ):
            yield f"location @api_{name} is no answer of the API's"
        if own.get("add_header Cache-Control") != "no-store":
            yield f"location @api_{name}: caches keep what was refused"


def files_are_served_as_files(root: Path) -> Iterator[str]:
    directives = configuration(root)
    for place, wanted in FILES.items():
        found = _by_name([one for one in directives if one.place == place])
        yield from (f"{place}: {problem}" for problem in _differences(found, wanted))
    found = _by_name([one for one in directives if one.place == "http"])
    yield from (f"nginx.conf: {problem}" for problem in _differences(found, COMPRESSED | SENT))
    types = set(found.get("gzip_types", "").split())
    if missing := sorted({"text/css", "application/javascript", "application/json", "image/svg+xml"} - types):
        yield f"nginx.conf sends {', '.join(missing)} uncompressed"


def logs_hold_nothing_personal(root: Path) -> Iterator[str]:
    directives = configuration(root)
    formats = [one for one in directives if one.name == "log_format" and one.arguments[0] == "event"]
    personal = ("$remote_addr", "$visitor", "$request_uri", "$request ", "$args", "$http_referer", "$http_user_agent")
    for one in formats:
        if found := [name for name in personal if name in one.text]:
            yield f"log_format writes {', '.join(found)}"
        if "escape=json" not in one.arguments:
            yield "log_format: a header can write lines of its own"
    logs = [one for one in directives if one.name == "access_log" and one.place == "http"]
    if not formats or [one.arguments[:2] for one in logs] != [("/var/log/nginx/access.log", "event")]:
        yield "requests are logged in nginx's own format, or not at all"
    if not any(one.name == "error_log" for one in directives):
        yield "errors of nginx are logged nowhere that is rotated"
    silent = {one.place for one in directives if one.name == "access_log" and one.text == "off"}
    if silent != {"location /health", "location /static/", "location /media/"}:
        yield f"no log of {', '.join(sorted(silent))}"


CODE_RULES = (
    Rule(
        "nginx limits requests",
        "limit_req is nowhere in force unless a location, server or http block has it.",
        "https://nginx.org/en/docs/http/ngx_http_limit_req_module.html",
        requests_are_limited,
    ),
    Rule(
        "nginx bounds what clients take",
        "Slow clients hold connections for as long as the timeouts allow.",
        "https://nginx.org/en/docs/http/ngx_http_core_module.html",
        clients_are_bounded,
    ),
    Rule(
        "the shop hears who asks",
        "proxy_set_header of a location replaces all of those above it.",
        "https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_set_header",
        the_shop_hears_who_asks,
    ),
    Rule(
        "pages are kept that are everybody's",
        "What proxy_no_cache does not name is kept, whoever it was for.",
        "https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_no_cache",
        pages_are_cached_for_everybody_alone,
    ),
    Rule(
        "answers of nginx are the shop's",
        "add_header is inherited only where the level has none of its own.",
        "https://nginx.org/en/docs/http/ngx_http_headers_module.html#add_header",
        answers_say_what_was_asked,
    ),
    Rule(
        "files are served as files",
        "What is uploaded is served by the type that its name claims.",
        "https://nginx.org/en/docs/http/ngx_http_gzip_static_module.html",
        files_are_served_as_files,
    ),
    Rule(
        "nginx logs nothing personal",
        "The standard format writes addresses, paths and referrers.",
        "https://nginx.org/en/docs/http/ngx_http_log_module.html",
        logs_hold_nothing_personal,
    ),
)
