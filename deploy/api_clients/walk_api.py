"""Test of the API's whole contract against a running shop, with httpx alone, like a third party's client.

Prints every call with its answer, and exits with 1 at the first answer that breaks the contract. It deletes what it
writes (comments in a section of its own, prospects at example.org) as far as the API allows.
"""

import argparse
import base64
import hashlib
import itertools
import json
import os
import secrets
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

LOGIN = Path(__file__).resolve().parents[2] / "var" / "demo-staff-login"
SECRET = ("token", "refreshToken", "captchaToken", "password", "editToken", "signature")
PRINTED_LENGTH = 300


class Broken(Exception):
    """An answer that breaks the contract."""


class Walk:
    def __init__(self, base: str, *, quiet: bool) -> None:
        self.client = httpx.Client(base_url=base, timeout=30, headers={"User-Agent": f"walk {secrets.token_hex(4)}"})
        self.quiet = quiet
        self.calls = 0
        self.token = ""

    def title(self, text: str) -> None:
        print(f"\n{text}" if not self.quiet else "", end="" if self.quiet else "\n")

    def __call__(
        self, method: str, path: str, *statuses: int, body: Any = None, staff: bool = False, **options: Any
    ) -> httpx.Response:
        """One call; raises Broken unless it is answered with one of `statuses`."""
        headers = dict(options.pop("headers", {}))
        if staff:
            headers["Authorization"] = f"Bearer {self.token}"
        if body is not None:
            options["json"] = body
        response = self.client.request(method, path, headers=headers, **options)
        self.calls += 1
        if not self.quiet:
            print(f"  {method:6} {path}{_shortened(body)}\n      {response.status_code} {_answer(response)}")
        if response.status_code not in statuses:
            promised = " or ".join(map(str, statuses))
            raise Broken(f"{method} {path} answered {response.status_code}, not {promised}: {response.text[:500]}")
        return response

    def refused(self, method: str, path: str, status: int, code: str, **options: Any) -> dict[str, Any]:
        """A refusal in the one shape."""
        response = self(method, path, status, **options)
        given = response.json()
        expect(given.get("code") == code, f"{method} {path}: code {given.get('code')!r}, not {code!r}")
        expect(set(given) <= {"code", "detail", "fields", "current"} and given["detail"], f"shape of {given}")
        return given

    def proof(self) -> str:
        """Do the work that ALTCHA asks of a browser."""
        task = self("GET", "/api/captcha/challenge", 200).json()
        number = next(
            number
            for number in range(task["maxnumber"] + 1)
            if hashlib.sha256(f"{task['salt']}{number}".encode()).hexdigest() == task["challenge"]
        )
        solved = {name: task[name] for name in ("algorithm", "challenge", "salt", "signature")} | {"number": number}
        return base64.b64encode(json.dumps(solved).encode()).decode()


def expect(condition: object, what: str) -> None:
    if not condition:
        raise Broken(what)


def health(call: Walk) -> None:
    call.title("Is it well?")
    for path in ("/health", "/api/health"):
        response = call("GET", path, 200)
        parts = response.json()["checks"]
        expect(set(parts) == {"database", "cache", "broker", "storage"}, f"{path} names {set(parts)}")
        expect(all("ms" in part for part in parts.values()), f"{path} times no part")
        expect(response.headers["Cache-Control"] == "no-store", f"{path} may be cached")
    call("GET", "/health/live", 200)


def documents(call: Walk) -> None:
    call.title("What it says of itself")
    schema = call("GET", "/api/schema", 200, headers={"Accept": "application/json"}).json()
    expect(schema["openapi"].startswith("3.1"), f"OpenAPI {schema['openapi']}")
    for path in ("/api/docs", "/api/redoc"):
        page = call("GET", path, 200).text
        expect("//cdn" not in page and "unpkg" not in page, f"{path} asks a third party for scripts")


def catalogue(call: Walk) -> None:
    call.title("The catalogue")
    categories = call("GET", "/api/categories", 200).json()["results"]
    expect(categories, "no categories")
    found = call("GET", f"/api/products?rayon={categories[0]['slug']}&tri=prix", 200).json()
    expect(found["results"], "an empty category")
    slug = found["results"][0]["slug"]
    call("GET", f"/api/products/{slug}", 200)
    call.refused("GET", "/api/products/no-such-thing", 404, "not_found")
    call.refused("GET", "/api/products?couleur=bleu", 400, "invalid")


def login(call: Walk, email: str, password: str) -> None:
    call.title("Who is calling")
    who = {"email": email, "password": password}
    issued = call("POST", "/api/auth/login", 200, body=who).json()
    call.token = issued["token"]
    claims = json.loads(base64.urlsafe_b64decode(call.token.split(".")[1] + "=="))
    expect({"email", "role", "iat", "exp"} <= set(claims), f"claims {set(claims)}")
    expect(claims["exp"] - claims["iat"] == 24 * 3600, "a token is not good for 24 hours")
    refreshed = call("POST", "/api/auth/refresh", 200, body={"refreshToken": issued["refreshToken"]}).json()
    call.token = refreshed["token"]
    nobody = {"email": f"{secrets.token_hex(6)}@example.org", "password": "wrong"}
    for _ in range(5):
        call.refused("POST", "/api/auth/login", 401, "invalid_credentials", body=nobody)
    call.refused("POST", "/api/auth/login", 429, "throttled", body=nobody)


def comments(call: Walk) -> None:
    call.title("Comments")
    section = f"walk/{secrets.token_hex(6)}"
    content = {"sectionId": section, "author": "Léa", "text": "Très bon 🍯, merci !"}
    waiting = call("POST", "/api/commentaires", 202, body=content).json()
    expect(waiting["status"] == "pending", f"a stranger's comment is {waiting['status']}")
    call("POST", "/api/commentaires", 201, 202, body={**content, "captchaToken": call.proof()})
    key = {"Idempotency-Key": secrets.token_hex(8)}
    first = call("POST", "/api/commentaires", 201, body=content, staff=True, headers=key)
    again = call("POST", "/api/commentaires", 201, body=content, staff=True, headers=key)
    expect(first.content == again.content, "a repeat got another answer")
    expect({*content, "id", "timestamp", "status"} <= set(first.json()), f"answer {set(first.json())}")
    reply = {**content, "text": "Avec plaisir.", "parentId": first.json()["id"]}
    call("POST", "/api/commentaires", 201, body=reply, staff=True)
    page = call("GET", f"/api/commentaires?sectionId={section}&limit=1", 200).json()
    rest = call("GET", f"/api/commentaires?sectionId={section}&limit=1&cursor={page['nextCursor']}", 200).json()
    texts = [row["text"] for row in page["results"] + rest["results"]]
    expect(texts == ["Avec plaisir.", content["text"]], f"newest first gave {texts}")
    call.refused("POST", "/api/commentaires", 400, "invalid", body={**content, "status": "published"})
    call.refused("GET", f"/api/commentaires?sectionId={section}&cursor=nonsense", 400, "invalid")
    mine = {"X-Edit-Token": waiting["editToken"]}
    call("PATCH", f"/api/commentaires/{waiting['id']}", 200, body={"text": "Corrigé."}, headers=mine)
    call.refused("PATCH", f"/api/commentaires/{waiting['id']}", 404, "not_found", body={"text": "Pas à moi."})
    call("DELETE", f"/api/commentaires/{waiting['id']}", 204, headers=mine)
    call("POST", f"/api/commentaires/{first.json()['id']}/signalement", 204, body={"reason": "spam"})
    call("DELETE", f"/api/commentaires/{first.json()['id']}", 204, staff=True)


def leave_ones_name(call: Walk) -> Iterator[str]:
    """Create a prospect in every way that the API has; yields their e-mails."""
    call.title("Prospects: from outside")
    email = ""
    for way in ("with a proof", "known already", "verified before", "with neither"):
        if way != "known already":
            email = f"walk.{secrets.token_hex(5)}@example.org"
        lea = {"firstName": "Léa", "lastName": "Petit", "email": email, "consent": True, "source": "walk"}
        if way == "verified before":
            verdict = call("POST", "/api/verify-recaptcha", 200, body={"token": call.proof()}).json()
            expect(verdict["success"], f"a good token was judged {verdict}")
        elif way != "with neither":
            lea["captchaToken"] = call.proof()
        key = {"Idempotency-Key": secrets.token_hex(8)}
        first = call("POST", "/api/prospects", 201, body=lea, headers=key)
        expected_fields = {"id", "firstName", "lastName", "email", "status", "timestamp", "createdAt", "updatedAt"}
        expect(set(first.json()) == expected_fields, "an answer tells more")
        again = call("POST", "/api/prospects", 201, body=lea, headers=key)
        expect(first.content == again.content, "a repeat got another answer")
        yield email
    used = call.proof()
    call("POST", "/api/verify-recaptcha", 200, body={"token": used})
    replayed = call("POST", "/api/verify-recaptcha", 200, body={"token": used}).json()
    expect(replayed == {"success": False}, "a captcha token was good twice")
    for field in ("status", "id", "version", "verified"):
        refusal = call.refused("POST", "/api/prospects", 400, "invalid", body={**lea, field: 1})
        expect(field in refusal["fields"], f"{field} was refused without its name")


def handle(call: Walk, emails: list[str]) -> None:
    call.title("Prospects: the team's side")
    call.refused("GET", "/api/prospects", 401, "not_authenticated")
    verified = {}
    for email in dict.fromkeys(emails):
        found = call("GET", f"/api/prospects?email={email}", 200, staff=True).json()["results"]
        verified |= {card["id"]: card["verified"] for card in found}
    expect(sorted(verified.values()) == [False, True, True, True], f"verified: {sorted(verified.values())}")
    beginning = call("GET", "/api/prospects?email=walk.*&status=nouveau&limit=2", 200, staff=True).json()
    expect(len(beginning["results"]) == 2 and beginning["nextCursor"], "a page of two has no next one")
    call("GET", f"/api/prospects?email=walk.*&limit=2&cursor={beginning['nextCursor']}", 200, staff=True)
    call("GET", "/api/prospects?q=petit&limit=1", 200, staff=True)
    number = next(iter(verified))
    card = call("GET", f"/api/prospects/{number}", 200, staff=True).json()
    changed = {"version": card["version"], "nextAction": "Rappeler", "nextActionDate": "2027-01-15"}
    fresh = call("PATCH", f"/api/prospects/{number}", 200, body=changed, staff=True).json()
    stale = call.refused("PATCH", f"/api/prospects/{number}", 409, "stale_version", body=changed, staff=True)
    expect(stale["current"]["version"] == fresh["version"], "a conflict does not bring the fresh card")
    columns = call("GET", "/api/prospects/board", 200, staff=True).json()["columns"]
    expect([column["status"] for column in columns][:1] == ["nouveau"], "the board begins elsewhere")
    following = columns[1]["status"]
    move = {"version": fresh["version"], "status": following}
    moved = call("POST", f"/api/prospects/{number}/move", 200, body=move, staff=True).json()
    expect(moved["status"] == following, "a card did not move")
    call("POST", f"/api/prospects/{number}/move", 200, body=move, staff=True)
    stale = {**move, "status": fresh["status"]}
    call.refused("POST", f"/api/prospects/{number}/move", 409, "stale_version", body=stale, staff=True)
    history = call("GET", f"/api/prospects/{number}", 200, staff=True).json()["history"]
    expect([event["kind"] for event in history] == ["CREATED", "CHANGED", "MOVED"], f"history {history}")
    call("DELETE", f"/api/prospects/{number}", 204, staff=True)
    call.refused("GET", f"/api/prospects/{number}", 404, "not_found", staff=True)
    call("POST", f"/api/prospects/{number}/restore", 200, staff=True)
    for number in verified:
        call("DELETE", f"/api/prospects/{number}", 204, staff=True)


def nonsense(call: Walk) -> None:
    call.title("What it refuses, and in whose language")
    french = call.refused("GET", "/api/nothing", 404, "not_found", headers={"Accept-Language": "fr"})
    english = call.refused("GET", "/api/nothing", 404, "not_found", headers={"Accept-Language": "en"})
    expect(french["detail"] != english["detail"], "one language for everybody")
    json_type = {"Content-Type": "application/json"}
    path = "/api/commentaires"
    call.refused("POST", path, 400, "unreadable", content=b"{", headers=json_type)
    call.refused("POST", path, 400, "unreadable", content=b'{"author": "a\\u0000b"}', headers=json_type)
    call.refused("POST", path, 400, "unreadable", content=b'{"author": "\xff"}', headers=json_type)
    call.refused("POST", path, 415, "unsupported_media_type", content=b"a=b", headers={"Content-Type": "text/plain"})
    call.refused("DELETE", path, 405, "method_not_allowed")
    # The server does not read on, so that the connection is of no more use.
    last = json_type | {"Connection": "close"}
    call.refused("POST", path, 413, "too_large", content=b"x" * 100_000, headers=last)
    call.refused("POST", path, 411, "length_required", content=itertools.repeat(b"x" * 10, 10), headers=last)


def leave(call: Walk) -> None:
    call.title("Good-bye")
    call("POST", "/api/auth/logout", 204, staff=True)
    call.refused("GET", "/api/prospects", 401, "authentication_failed", staff=True)


def _shortened(body: Any) -> str:
    return "" if body is None else "  " + json.dumps(_masked(body), ensure_ascii=False)[:PRINTED_LENGTH]


def _answer(response: httpx.Response) -> str:
    notes = "".join(f"{name}: {response.headers[name]} " for name in ("Retry-After",) if name in response.headers)
    if "json" not in response.headers.get("Content-Type", ""):
        return f"{notes}{len(response.content)} bytes {response.headers.get('Content-Type', '')}".strip()
    text = json.dumps(_masked(response.json()), ensure_ascii=False)
    return notes + (text if len(text) <= PRINTED_LENGTH else f"{text[:PRINTED_LENGTH]}… ({len(text)} characters)")


def _masked(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: "…" if name in SECRET else _masked(each) for name, each in value.items()}
    return [_masked(each) for each in value] if isinstance(value, list) else value


def credentials(arguments: argparse.Namespace) -> tuple[str, str]:
    if arguments.email:
        return arguments.email, os.environ.get("API_PASSWORD", "")
    if not LOGIN.exists():
        sys.exit("No demo staff login in var/. Give --email, and the password in API_PASSWORD.")
    email, password = LOGIN.read_text().split()
    return email, password


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--base", default="http://127.0.0.1:8000", help="the shop's address (%(default)s)")
    parser.add_argument("--email", help="a member of the team; API_PASSWORD holds the password (default: the demo's)")
    parser.add_argument("--quiet", action="store_true", help="print only how it ended")
    arguments = parser.parse_args()
    call = Walk(arguments.base, quiet=arguments.quiet)
    try:
        health(call)
        documents(call)
        catalogue(call)
        login(call, *credentials(arguments))
        comments(call)
        handle(call, list(leave_ones_name(call)))
        nonsense(call)
        leave(call)
    except Broken as error:
        print(f"\nBroken after {call.calls} calls: {error}", file=sys.stderr)
        return 1
    except httpx.ConnectError:
        print(f"Nothing answers at {arguments.base}. Start the shop with `make run`.", file=sys.stderr)
        return 2
    print(f"\n{call.calls} calls, each answered as the contract says.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
