"""Traces by OTLP, read with the official messages: PyPI `opentelemetry-proto`."""

import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from harness.server import Wigwag

pytestmark = pytest.mark.xdist_group("traces")

TRACE, CALLER = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
WITHIN = 60


class Receiver(BaseHTTPRequestHandler):
    """Collects spans at /v1/traces; anything else is a webhook."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        with self.server.changed:
            if self.path == "/v1/traces":
                self.server.fields.append(dict(self.headers))
                self.server.collected.append(ExportTraceServiceRequest.FromString(body))
            else:
                self.server.called.append(dict(self.headers))
            self.server.changed.notify_all()
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


class Collector(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Receiver)
        self.collected, self.fields, self.called = [], [], []
        self.changed = threading.Condition()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}"

    def spans(self):
        with self.changed:
            resources = [spans for request in self.collected for spans in request.resource_spans]
        return [span for spans in resources for scope in spans.scope_spans for span in scope.spans]

    def awaits(self, found):
        """What `found` gives once it is not None."""
        until = time.monotonic() + WITHIN
        while (value := found()) is None:
            with self.changed:
                assert self.changed.wait(until - time.monotonic()), [span.name for span in self.spans()]
        return value

    def span(self, name):
        return self.awaits(lambda: next((span for span in self.spans() if span.name == name), None))


def told(of):
    """Attributes as a dictionary."""
    return {a.key: getattr(a.value, a.value.WhichOneof("value")) for a in of.attributes}


@pytest.fixture
def collector():
    with Collector() as collector:
        yield collector
        collector.shutdown()


@pytest.fixture
def server(tmp_path, collector):
    server = Wigwag(tmp_path)
    server.arguments = ["--otlp-endpoint", collector.url, "--allow-private-webhooks", "true", "--otlp-service-name", "flags"]
    server.environment = {"WIGWAG_OTLP_HEADERS": "x-tenant=a%20team", "OTEL_BSP_SCHEDULE_DELAY": "100"}
    yield server
    server.close()


def create(server, key, **headers):
    body = {"key": key, "name": key}
    return server.rest().exchange("POST", "/api/v2/flags/default", body, headers=headers)


def test_a_change_and_what_comes_of_it(server, collector):
    server.first_start()
    hook = {"url": f"{collector.url}/hook", "sign": False, "on": True}
    server.rest().call("POST", "/api/v2/webhooks", hook)
    status, fields, _ = create(server, "lamp", traceparent=f"00-{TRACE}-{CALLER}-01")
    assert status == 201

    request = collector.span("POST /api/v2/flags/{projectKey}")
    assert (request.trace_id.hex(), request.parent_span_id.hex()) == (TRACE, CALLER)
    assert request.kind == Span.SPAN_KIND_SERVER and request.end_time_unix_nano > request.start_time_unix_nano
    attributes = told(request)
    assert attributes["http.route"] == "/api/v2/flags/{projectKey}"
    assert (attributes["http.request.method"], attributes["http.response.status_code"]) == ("POST", 201)
    assert attributes["wigwag.operation"] == "postFeatureFlag"
    assert attributes["wigwag.request.id"] == fields["x-request-id"]
    assert fields["x-request-id"] in server.log.read_text()

    def within(name, parent):
        spans = [span for span in collector.spans() if span.name == name]
        return next((span for span in spans if span.parent_span_id == parent.span_id), None)

    commit = collector.awaits(lambda: within("commit", request))
    assert commit.trace_id == request.trace_id
    delivery = collector.awaits(lambda: within("delivery", request))
    assert delivery.trace_id == request.trace_id and delivery.kind == Span.SPAN_KIND_CLIENT
    assert told(delivery)["http.response.status_code"] == 200
    carried = [{name.lower(): value for name, value in fields.items()}.get("traceparent") for fields in collector.called]
    assert f"00-{TRACE}-{delivery.span_id.hex()}-01" in carried

    resource = told(collector.collected[0].resource_spans[0].resource)
    assert resource["service.name"] == "flags" and resource["service.version"]
    sent = {name.lower(): value for name, value in collector.fields[0].items()}
    assert sent["content-type"] == "application/x-protobuf" and sent["x-tenant"] == "a team"
    assert server.token not in str(collector.collected)


def test_errors_and_what_is_left_out(server, collector):
    server.first_start()
    rest = server.rest()
    status, _, body = rest.exchange("GET", "/api/v2/flags/default/nothing")
    assert status == 404
    assert told(collector.span("GET /api/v2/flags/{projectKey}/{featureFlagKey}"))["wigwag.request.id"] == body["id"]
    # Whose caller does not keep the trace, and what SDKs ask for, a thousand times as often.
    assert create(server, "quiet", traceparent=f"00-{TRACE}-{CALLER}-00")[0] == 201
    key = rest.environment("default", "production")["apiKey"]
    for path in ["/sdk/latest-all", "/sdk/flags"]:
        assert rest.exchange("GET", path, headers={"Authorization": key})[0] == 200
    assert server.stop() == 0
    names = {span.name for span in collector.spans()}
    assert "POST /api/v2/flags/{projectKey}" not in names and not any("sdk" in name for name in names), names
    assert all(span.status.code != Status.STATUS_CODE_ERROR for span in collector.spans())


def test_a_collector_that_is_away(server, collector):
    server.first_start()
    collector.shutdown()
    collector.server_close()
    until = time.monotonic() + WITHIN
    while "traces cannot be sent" not in server.log.read_text():
        assert server.rest().get("/api/v2/projects") and time.monotonic() < until, server.log_tail()
    began = time.monotonic()
    for n in range(50):
        assert create(server, f"flag-{n}")[0] == 201
    assert time.monotonic() - began < WITHIN
    assert server.stop() == 0
    assert server.log.read_text().count("traces cannot be sent") == 1


def test_the_last_are_sent_when_it_ends(server, collector):
    server.environment["OTEL_BSP_SCHEDULE_DELAY"] = "3600000"
    server.first_start()
    assert create(server, "last")[0] == 201
    assert not collector.spans()
    assert server.stop() == 0
    assert "POST /api/v2/flags/{projectKey}" in {span.name for span in collector.spans()}


def test_a_share_of_them(server, collector):
    server.arguments += ["--otlp-sample-ratio", "0"]
    server.first_start()
    assert create(server, "drawn")[0] == 201
    assert create(server, "wanted", traceparent=f"00-{TRACE}-{CALLER}-01")[0] == 201
    assert server.stop() == 0
    assert {span.trace_id.hex() for span in collector.spans()} == {TRACE}


def test_the_variables_that_others_use(server, collector):
    server.arguments, server.environment = [], {
        "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
        "OTEL_SERVICE_NAME": "by-the-book",
    }
    server.first_start()
    server.rest().get("/api/v2/projects")
    assert server.stop() == 0
    assert told(collector.collected[0].resource_spans[0].resource)["service.name"] == "by-the-book"
