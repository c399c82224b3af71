"""Tracing, with a real HTTP server as collector, which decodes what the exporter sends."""

import json
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from celery import shared_task
from django.conf import settings as project
from django.db import connection

from apps.common import tracing
from webmarket import task_log
from webmarket import tracing as otel

TRACE, PARENT = "5759e988bd862e3fe1be46a994272793", "53995c3f42cd8ad8"
ROOT = f"Root=1-{TRACE[:8]}-{TRACE[8:]};Parent={PARENT};Sampled=1"


@pytest.fixture
def collector(monkeypatch):
    """Switches tracing on; call it for the spans received."""
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

    received = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            assert self.path == "/v1/traces"
            received.append(ExportTraceServiceRequest.FromString(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_COMPRESSION", "none")
    provider = otel.start(release="v7", environment="test")

    def spans():
        provider.force_flush()
        return [
            (span, {each.key: each.value.string_value for each in resource.resource.attributes})
            for request in received
            for resource in request.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]

    yield spans
    tracing.use(None)
    provider.shutdown()
    server.shutdown()
    server.server_close()


@pytest.mark.django_db
def test_a_request_continues_the_balancers_trace(collector, client):
    answer = client.get("/recherche/?q=jeanne.dupont@poste.example", headers={"X-Amzn-Trace-Id": ROOT})
    assert answer.status_code == 200
    found = collector()
    server = next(span for span, _ in found if span.kind == span.SPAN_KIND_SERVER)
    queries = [span for span, _ in found if span.kind == span.SPAN_KIND_CLIENT]
    assert server.name == "GET /recherche/"
    assert (server.trace_id.hex(), server.parent_span_id.hex()) == (TRACE, PARENT)
    assert queries
    assert {span.trace_id.hex() for span in queries} == {TRACE}
    assert {span.parent_span_id for span in queries} == {server.span_id}
    assert found[0][1]["service.name"] == "webmarket"
    assert found[0][1]["service.version"] == "v7"
    assert "jeanne" not in str([span for span, _ in found])


@shared_task(name="tests.traced")
def traced(**_):
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


@pytest.mark.django_db
def test_a_task_continues_the_requests_trace(collector):
    headers = {}
    with tracing.span("request", kind="server"):
        task_log.note_origin(headers=headers)
    traced.apply(headers=headers)
    named = {span.name: span for span, _ in collector()}
    assert named["tests.traced"].parent_span_id == named["request"].span_id
    assert named["SELECT"].parent_span_id == named["tests.traced"].span_id
    assert named["SELECT"].trace_id == named["request"].trace_id


def test_an_error_is_named_without_its_words(collector):
    with pytest.raises(ValueError, match="jeanne"), tracing.span("work"):
        raise ValueError("jeanne.dupont@poste.example")
    span, _ = collector()[0]
    assert span.status.code == span.status.STATUS_CODE_ERROR
    assert "jeanne" not in str(span)


@pytest.mark.parametrize("endpoint", ["", "http://127.0.0.1:9"])
def test_nothing_is_imported_when_it_is_off(endpoint):
    program = "import json, sys, webmarket.wsgi; print(json.dumps('opentelemetry.sdk.trace' in sys.modules))"
    environment = {
        **os.environ,
        "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint,
        "DJANGO_SETTINGS_MODULE": "webmarket.tests.settings",
    }
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", program],
        cwd=project.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout.splitlines()[-1]) is bool(endpoint)
