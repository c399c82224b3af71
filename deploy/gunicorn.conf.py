"""How the shop is served, on a laptop and in production alike; what differs comes from the environment.

WEB_CONCURRENCY    processes (2)          GUNICORN_BIND   address:port or unix:path (127.0.0.1:$PORT)
GUNICORN_THREADS   threads of each (4)    PORT            when GUNICORN_BIND is unset (8000)
"""

import gc
import os
import socket
import time
from contextlib import suppress

from gunicorn.glogging import Logger
from gunicorn.http import message
from gunicorn.workers.gthread import ThreadWorker

bind = os.environ.get("GUNICORN_BIND") or f"127.0.0.1:{os.environ.get('PORT', '8000')}"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = int(os.environ.get("GUNICORN_THREADS", "4"))
# Seconds that a request may take to arrive whole.
arrival = int(os.environ.get("GUNICORN_ARRIVAL_SECONDS", "20"))
preload_app = True


class Worker(ThreadWorker):
    """Threads, because a browser opens connections ahead of need: a worker that serves one at a time would wait on
    them. Without nginx in front, a client that sends a byte now and then would keep a thread for good: nothing more is
    read of a request once its time is over. An answer that is on its way is not harmed."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.begun = {}
        # More would crowd: a connection stays with the worker that took it, however idle the others are.
        self.max_keepalived = self.cfg.threads

    def handle(self, conn):
        self.begun[conn] = time.monotonic()
        try:
            return super().handle(conn)
        finally:
            del self.begun[conn]

    def murder_pending(self):
        super().murder_pending()
        latest = time.monotonic() - arrival
        for conn, begun in list(self.begun.items()):
            if begun < latest:
                with suppress(OSError):
                    conn.sock.shutdown(socket.SHUT_RD)


class Log(Logger):
    """Names no address where a request failed: it may hold the key of an order."""

    def exception(self, msg, *args, **kwargs):
        if msg.startswith("Error handling request"):
            msg, args = "Error handling a request", ()
        super().exception(msg, *args, **kwargs)


worker_class = Worker
logger_class = Log

# A request takes seconds at most; longer work belongs to a task.
timeout = 30
graceful_timeout = 20
# Longer than the 60 s a load balancer keeps its side open, so that it never writes to a closed connection.
keepalive = 65

# Room for a search of 10,000 letters, so that the shop answers it in the visitor's language. gunicorn caps the limit
# at 8190 by this constant; the load balancer and nginx in front have limits of their own.
message.MAX_REQUEST_LINE = 65_536
limit_request_line = 65_535
limit_request_fields = 60
limit_request_field_size = 8190

# A process ends after some ten thousands of requests, not all at once: a slow leak never becomes an outage.
max_requests = int(os.environ.get("GUNICORN_MAX_REQUESTS", "50000"))
max_requests_jitter = max_requests // 10

# One line per request; no address, no query string, and the route in place of the path, which may hold an order's key.
accesslog = os.environ.get("GUNICORN_ACCESS_LOG", "-") or None
access_log_format = '%(t)s "%(m)s %({webmarket.route}e)s" %(s)s %(B)s bytes %(M)s ms %({x-request-id}i)s'
errorlog = "-"
control_socket_disable = True
# The heartbeat file must not wait for a slow disk.
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: PTH112, S108


def when_ready(server):
    """Load what the first request would load, once, in memory that the processes share."""
    from django.db import connections
    from django.urls import get_resolver

    get_resolver().url_patterns  # noqa: B018
    connections.close_all()
    gc.freeze()
