"""A mail server for tests, with configurable answers and a count of accepted messages."""

import socketserver
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import Message
from typing import Any


class MailServer(socketserver.ThreadingTCPServer):
    """`answer`: the line it sends after a message, or None to close the connection. A message is counted in `taken`
    once its last line was received, unless `answer` begins with 4 or 5."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Conversation)
        self.taken: Counter[str] = Counter()
        self.unfinished = 0
        self.answer: str | None = "250 taken"
        self.answer_after = 0.0
        self.on_taken: Callable[[Message], None] = lambda message: None
        self.lock = threading.Lock()

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    @property
    def more_than_once(self) -> list[str]:
        return [name for name, times in self.taken.items() if times > 1]

    def handle_error(self, request: Any, client: Any) -> None:
        """Ignores clients that close the connection in the middle of a message."""


class Conversation(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self.say("220 test")
        while line := self.rfile.readline():
            match line.split()[0].upper():
                case b"DATA":
                    self.say("354 go on")
                    if not self.take():
                        return
                case b"QUIT":
                    self.say("221 bye")
                    return
                case b"EHLO":
                    self.say("250 test")
                case _:
                    self.say("250 fine")

    def take(self) -> bool:
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            if not line.endswith(b"\r\n"):
                with self.server.lock:
                    self.server.unfinished += 1
                return False
            lines.append(line)
        answer = self.server.answer
        if answer is None or answer.startswith("2"):
            message = message_from_bytes(b"".join(line.removeprefix(b".") for line in lines))
            with self.server.lock:
                self.server.taken[message["Message-ID"]] += 1
            self.server.on_taken(message)
        time.sleep(self.server.answer_after)
        if answer is not None:
            self.say(answer)
        return answer is not None

    def say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


@contextmanager
def mail_server() -> Iterator[MailServer]:
    with MailServer() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
