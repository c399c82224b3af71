"""gunicorn's settings, for development and production; differences come from the environment.

WEB_CONCURRENCY    processes (2)          GUNICORN_BIND   address:port or unix:path (127.0.0.1:$PORT)
GUNICORN_THREADS   threads of each (4)    PORT            when GUNICORN_BIND is unset (8000)
"""

import gc
import os
import socket
import sys
import time
from contextlib import suppress
from functools import partial
from selectors import EVENT_READ

from gunicorn.glogging import Logger
from gunicorn.http import message
from gunicorn.workers.gthread import ThreadWorker

bind = os.environ.get("GUNICORN_BIND") or f"127.0.0.1:{os.environ.get('PORT', '8000')}"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = int(os.environ.get("GUNICORN_THREADS", "4"))
# Timeout in seconds for receiving a request.
arrival = int(os.environ.get("GUNICORN_ARRIVAL_SECONDS", "20"))
# Seconds that a client has to close a connection that has ended.
LINGER = 2
preload_app = True
# Until everything is imported: nothing of it is garbage, and walking it again and again is a seventh of the start.
gc.disable()


class Worker(ThreadWorker):
    """Threaded worker with a timeout for receiving a request, and another one for a client to close its connection.

    Threads, because browsers open connections in advance, which would block a worker with one. The timeout, because
    without nginx in front a slow client (a byte now and then) would occupy a thread for ever. Answers have none.

    A connection that ends is half-closed, and read until the client closes it or LINGER is over, so that the end of the
    answer is not lost (RFC 9112, 9.6). gunicorn waits for this in the loop that accepts connections: one client could
    hold up all others for two seconds with each request.
    """

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.begun = {}
        self.ended = {}
        # Not more: a connection stays with the worker that accepted it, even when others are idle.
        self.max_keepalived = self.cfg.threads

    def handle(self, conn):
        self.begun[conn] = time.monotonic()
        try:
            return super().handle(conn)
        finally:
            del self.begun[conn]

    def finish_request(self, conn, fs):
        if fs.cancelled() or fs.exception() or fs.result():
            super().finish_request(conn, fs)
        else:
            self.linger(conn)

    def linger(self, conn):
        self.ended[conn] = time.monotonic() + LINGER
        try:
            conn.sock.shutdown(socket.SHUT_WR)
            conn.sock.setblocking(False)
            self.poller.register(conn.sock, EVENT_READ, partial(self.read_on, conn))
        except (OSError, ValueError):
            # The client has gone already.
            self.let_go(conn)

    def read_on(self, conn, client):
        try:
            more = client.recv(65_536)
        except BlockingIOError:
            return
        except OSError:
            more = b""
        if not more:
            self.let_go(conn)

    def let_go(self, conn):
        del self.ended[conn]
        with suppress(KeyError, OSError, ValueError):
            self.poller.unregister(conn.sock)
        self.nr_conns -= 1
        conn.close()

    def murder_pending(self):
        super().murder_pending()
        now = time.monotonic()
        for conn in [conn for conn, until in self.ended.items() if until < now]:
            self.let_go(conn)
        latest = now - arrival
        for conn, begun in list(self.begun.items()):
            if begun < latest:
                with suppress(OSError):
                    conn.sock.shutdown(socket.SHUT_RD)


class Log(Logger):
    """Logs no URL of a failed request: it may contain the access token of an order."""

    def exception(self, msg, *args, **kwargs):
        if msg.startswith("Error handling request"):
            msg, args = "Error handling a request", ()
        super().exception(msg, *args, **kwargs)


worker_class = Worker
logger_class = Log

# Requests take seconds at most; longer work is done by tasks.
timeout = 30
graceful_timeout = 20
# Longer than the load balancer's idle timeout (60 s), so that it never writes to a closed connection.
keepalive = 65

# Room for a search of 10,000 letters, so that the shop answers it in the visitor's language. gunicorn caps the limit
# at 8190 by this constant; the load balancer and nginx in front have limits of their own.
message.MAX_REQUEST_LINE = 65_536
limit_request_line = 65_535
limit_request_fields = 60
limit_request_field_size = 8190

# Workers are replaced after some ten thousands of requests, not all at once: it bounds memory leaks.
max_requests = int(os.environ.get("GUNICORN_MAX_REQUESTS", "50000"))
max_requests_jitter = max_requests // 10

# One line per request, without IP and query string; the route instead of the path, which may contain an access token.
accesslog = os.environ.get("GUNICORN_ACCESS_LOG", "-") or None
access_log_format = '%(t)s "%(m)s %({webmarket.route}e)s" %(s)s %(B)s bytes %(M)s ms %({x-request-id}i)s'
errorlog = "-"
control_socket_disable = True
# The heartbeat file is in memory: a slow disk would delay it.
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: PTH112, S108


def when_ready(server):
    """Load in the parent process what the first requests would load, in memory that the workers share."""
    from django.db import connections
    from django.urls import get_resolver

    get_resolver().url_patterns  # noqa: B018
    # The bench serves a bare Django by these settings too.
    if "webmarket.wsgi" in sys.modules:
        from webmarket.preload import preload

        preload()
    connections.close_all()
    gc.collect()
    gc.freeze()
    gc.enable()
