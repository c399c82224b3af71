"""Test of the shop with clients of the two former services: a site's comments, and a form with its board.

Written from their contracts, with httpx; only the base URL is new. Exits with 1 at the first answer with which such a
client could not continue. It deletes what it writes as far as the API allows.
"""

import argparse
import secrets
import sys

import httpx
from walk_api import Broken, Walk, credentials, expect

UTM = {"utm_source": "newsletter", "newsletter": True}


def comments(call: Walk) -> None:
    call.title("A site's comments")
    for page in ("article?id=12&page=2", "Été à la ferme", f"https://blog.example/{'a' * 200}#suite"):
        section = f"{page} {secrets.token_hex(4)}"
        content = {
            "sectionId": section,
            "author": "Léa",
            "text": "Très bon !",
            "website": "",
            "captchaToken": call.proof(),
        }
        written = call("POST", "/api/commentaires", 201, body=content).json()
        expect(all(written[name] == content[name] for name in ("sectionId", "author", "text")), f"answer {written}")
        expect({"id", "timestamp"} <= set(written), f"answer {set(written)}")
        read = call("GET", "/api/commentaires", 200, params={"sectionId": section}).json()["results"]
        expect([each["id"] for each in read] == [written["id"]], f"section {section!r} reads {read}")
        call("DELETE", f"/api/commentaires/{written['id']}", 204, headers={"X-Edit-Token": written["editToken"]})


def form(call: Walk) -> list[str]:
    call.title("The form: verify first, then send")
    emails = [f"walk.{secrets.token_hex(5)}@example.org" for _form in range(3)]
    for email in emails:
        verdict = call("POST", "/api/verify-recaptcha", 200, body={"token": call.proof()}).json()
        expect(verdict["success"], f"a good token was judged {verdict}")
        sent = {"firstName": "Léa", "lastName": "Petit", "email": email, "phone": None, "message": None, **UTM}
        response = call("POST", "/api/prospects", 201, body=sent)
        created = response.json()
        expect({"id", "status", "createdAt", "updatedAt"} <= set(created), f"answer {set(created)}")
        expect(created["status"] == "nouveau" and created["email"] == email, f"answer {created}")
        expect(response.headers["X-Ignored-Fields"] == ", ".join(UTM), "ignored fields go unsaid")
    return emails


def board(call: Walk, emails: list[str]) -> None:
    call.title("The board: read a status to its end, move by PATCH")
    cards: dict[str, str] = {}
    cursor = ""
    while cursor is not None:
        path = f"/api/prospects?status=nouveau&email=walk.*&limit=2{cursor and f'&cursor={cursor}'}"
        page = call("GET", path, 200, staff=True).json()
        cards |= {card["email"]: card["id"] for card in page["results"]}
        cursor = page["nextCursor"]
    expect(set(emails) <= set(cards), f"the board shows {len(cards)} cards, not all of {emails}")
    for email in emails:
        path = f"/api/prospects/{cards[email]}"
        moved = call("PATCH", path, 200, body={"status": "contacté"}, staff=True)
        expect(moved.json()["status"] == "contacte", "PATCH moved nothing")
        expect(moved.headers["X-Last-Write-Wins"] == "true", "nobody says that the last write wins")
        call("PATCH", path, 200, body={"firstName": "Anne", "phone": None}, staff=True)
        refused = call.refused("PATCH", path, 400, "reason_required", body={"status": "perdu"}, staff=True)
        expect(refused["detail"], "a refusal without a sentence")
        call("PATCH", path, 200, body={"status": "perdu", "reason": "Trop cher"}, staff=True)
        call("DELETE", path, 204, staff=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--base", default="http://127.0.0.1:8000", help="the shop's address (%(default)s)")
    parser.add_argument("--email", help="a member of the team; API_PASSWORD holds the password (default: the demo's)")
    parser.add_argument("--quiet", action="store_true", help="print only how it ended")
    arguments = parser.parse_args()
    call = Walk(arguments.base, quiet=arguments.quiet)
    email, password = credentials(arguments)
    try:
        call.token = call("POST", "/api/auth/login", 200, body={"email": email, "password": password}).json()["token"]
        comments(call)
        board(call, form(call))
    except Broken as error:
        print(f"\nBroken after {call.calls} calls: {error}", file=sys.stderr)
        return 1
    except httpx.ConnectError:
        print(f"Nothing answers at {arguments.base}. Start the shop with `make run`.", file=sys.stderr)
        return 2
    print(f"\n{call.calls} calls, each answered as the old contracts say.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
