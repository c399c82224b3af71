"""OpenTelemetry, switched on by OTEL_EXPORTER_OTLP_ENDPOINT; without it the library is not imported.

Trace ids and headers are X-Ray's (`X-Amzn-Trace-Id`), so that a trace begins at the load balancer. OpenTelemetry's own
variables apply: OTEL_EXPORTER_OTLP_HEADERS, OTEL_TRACES_SAMPLER, OTEL_RESOURCE_ATTRIBUTES, OTEL_SERVICE_NAME.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from apps.common import tracing

SERVICE = "webmarket"


def start(*, release: str, environment: str) -> Any:
    """Start exporting traces; returns the provider, or None when it is switched off."""
    if not os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT"):
        return None
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.extension.aws.trace import AwsXRayIdGenerator
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    described = {
        "service.name": os.environ.get("OTEL_SERVICE_NAME", SERVICE),
        "service.version": release,
        "deployment.environment.name": environment,
    }
    provider = TracerProvider(
        resource=Resource.create(described), id_generator=AwsXRayIdGenerator(), shutdown_on_exit=True
    )
    # It starts its thread again in each forked process.
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    tracing.use(OpenTelemetry(provider))
    return provider


class OpenTelemetry:
    def __init__(self, provider: Any) -> None:
        from opentelemetry import trace
        from opentelemetry.propagators.aws import AwsXRayPropagator

        self._trace = trace
        self._tracer = provider.get_tracer(SERVICE)
        self._propagator = AwsXRayPropagator()

    @contextmanager
    def span(
        self, name: str, *, kind: str, parent_headers: Mapping[str, str] | None, attributes: Mapping[str, Any]
    ) -> Iterator[Any]:
        parent = self._propagator.extract(dict(parent_headers)) if parent_headers else None
        with self._tracer.start_as_current_span(
            name,
            context=parent,
            kind=self._trace.SpanKind[kind.upper()],
            attributes=attributes,
            # An exception's message may contain personal data.
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            try:
                yield span
            except Exception as error:
                span.set_attribute("error.type", type(error).__name__)
                span.set_status(self._trace.StatusCode.ERROR)
                raise

    def headers(self) -> dict[str, str]:
        carrier: dict[str, str] = {}
        self._propagator.inject(carrier)
        return carrier

    def trace_id(self) -> str:
        context = self._trace.get_current_span().get_span_context()
        if not context.is_valid:
            return ""
        written = f"{context.trace_id:032x}"
        return f"1-{written[:8]}-{written[8:]}"
