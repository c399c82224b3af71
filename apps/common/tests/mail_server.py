"""A mail server that answers as it is told, and counts what it took."""

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
    """`answer` is what it says to a whole message: a line, or None to hang up without a word. A message counts as taken
    once its last line has come and `answer` does not begin with a 4 or a 5."""

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

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that was killed hangs up in the middle; that is what this server is for."""


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
