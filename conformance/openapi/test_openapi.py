"""Random requests that follow the OpenAPI document, and some that break it: no operation has a fault of its own, and
every answer is of a status, a media type and a schema that the document tells of."""

import subprocess
import sys
from pathlib import Path

import pytest

from harness.server import Wigwag

HERE = Path(__file__).parent
CHECKS = [
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
]
# Streams are open for a minute each, and tested in crates/wigwag-api.
LEFT_OUT = ["streamChanges", "streamEvents"]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    server = Wigwag(tmp_path_factory.mktemp("openapi")).first_start()
    rest = server.rest()
    rest.call("POST", "/api/v2/flags/default", {"key": "lamp", "name": "Lamp"})
    rest.call("POST", "/api/v2/segments/default/test", {"key": "beta", "name": "Beta"})
    yield server
    server.close()


def test_every_operation_that_is_built(server, tmp_path):
    # What deletes comes last, so that there is something to ask about until then.
    for select in (["--exclude-method", "DELETE"], ["--include-method", "DELETE"]):
        command = [
            Path(sys.executable).with_name("st"),
            *("--config-file", HERE / "schemathesis.toml"),
            *("run", f"{server.url}/api/v2/openapi.json", "--url", server.url),
            *("-H", f"Authorization: {server.token}", "--checks", ",".join(CHECKS)),
            *("--include-by", '/x-wigwag-state != "not built"', *select),
            *(part for name in LEFT_OUT for part in ("--exclude-operation-id", name)),
            # The same requests every time.
            *("--phases", "fuzzing", "--max-examples", "3", "--seed", "7", "--generation-deterministic"),
            *("--suppress-health-check", "all", "--no-shrink", "--continue-on-failure", "--warnings", "off"),
        ]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=600)
        assert done.returncode == 0, f"{done.stdout[-20000:]}\n{done.stderr[-2000:]}\n{server.log_tail()}"
        print(done.stdout[-600:])
    assert server.process.poll() is None
