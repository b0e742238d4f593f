import pytest

from api import Api
from client import PythonClient, TypeScriptClient
from harness.server import Wigwag

# The Python client says its version itself. The others have that of the token they are given: a
# client from 2022 works with a token of its day, whose version the server keeps.
CLIENTS = {
    "python-25.0.1": 20240415,
    "typescript-17.2.0": 20240415,
    "typescript-7.1.1": 20210729,
}


@pytest.fixture(scope="session", params=[pytest.param(c, marks=pytest.mark.xdist_group(c)) for c in CLIENTS])
def api(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp(request.param)
    server = Wigwag(folder).first_start()
    client = _client(request.param, server, folder)
    version = CLIENTS[request.param]
    token = server.token
    if version != max(CLIENTS.values()):
        body = {"name": "of its day", "role": "admin", "defaultApiVersion": version}
        token = server.rest().call("POST", "/api/v2/tokens", body)["token"]
    yield Api(client, server, token, version)
    client.close()
    server.close()


def _client(name, server, folder):
    if name.startswith("python"):
        return PythonClient(server.url)
    package = "ld-api-17" if "17" in name else "ld-api-7"
    return TypeScriptClient(package, server.url, folder / "walker.err")


@pytest.fixture
def project(api):
    """The key of a project of the test's own, with environments `dev` and `prod`."""
    return api.new_project()
