"""SQS as AWS allows its standard queues to be, in front of moto: messages come in another order, and more than once.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/standard-queues-at-least-once-delivery.html
"""

import json
import random
import threading
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

# Each message is delayed by up to so many seconds; of so many one is sent twice; of so many one deletion is lost.
LONGEST_DELAY, TWICE, UNDELETED = 3, 4, 10
PASSED = ("Content-Type", "X-Amz-Target", "Authorization", "X-Amz-Date", "X-Amzn-Query-Mode")


class UnreliableSqs(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, moto: str) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.moto = moto
        self.happened: Counter[str] = Counter()
        self.chance = random.Random(3)
        self.lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def roll(self, sides: int) -> int:
        with self.lock:
            return self.chance.randrange(sides)

    def count(self, what: str) -> None:
        with self.lock:
            self.happened[what] += 1

    def handle_error(self, request: Any, client: Any) -> None:
        """Ignores workers that were killed in mid-request."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: UnreliableSqs

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        match self.headers.get("X-Amz-Target", "").rpartition(".")[2]:
            case "SendMessage":
                self.send_on(body)
            case "DeleteMessage" if not self.server.roll(UNDELETED):
                self.server.count("deletions lost")
                self.say(200, "application/x-amz-json-1.0", b"{}")
            case _:
                self.say(*self.passed_on(body))

    def send_on(self, body: bytes) -> None:
        self.server.count("sent")
        copies = 1 + (not self.server.roll(TWICE))
        for _copy in range(copies):
            delay = self.server.roll(LONGEST_DELAY + 1)
            answer = self.passed_on(json.dumps({**json.loads(body), "DelaySeconds": delay}).encode())
        if copies > 1:
            self.server.count("sent twice")
        self.say(*answer)

    def passed_on(self, body: bytes) -> tuple[int, str, bytes]:
        headers = {name: self.headers[name] for name in PASSED if name in self.headers}
        request = urllib.request.Request(self.server.moto + self.path, body, headers)  # noqa: S310
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
                return answer.status, answer.headers["Content-Type"], answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.headers.get("Content-Type", "text/plain"), error.read()

    def say(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Silent: there are thousands."""


@contextmanager
def unreliable_sqs(moto: str) -> Iterator[UnreliableSqs]:
    server = UnreliableSqs(moto)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
