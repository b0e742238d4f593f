"""What the tests of the API clients hold in hand: a client, a server, and a few habits."""

import itertools
import time
from contextlib import contextmanager

import pytest

from client import Missing, Refused
from harness import coverage
from harness.rest import SEMANTIC_PATCH

VERSIONS = [20160426, 20191212, 20210729, 20220603, 20240415]
ENVIRONMENTS = [
    {"key": "dev", "name": "Development", "color": "00ff00"},
    {"key": "prod", "name": "Production", "color": "ff0000"},
]


class Api:
    """`api.getProject("key", expand="environments")`: the operation's name is the method's."""

    def __init__(self, client, server, token, version):
        self.client, self.server, self.token = client, server, token
        # The API version that its requests have.
        self.version = version
        self._numbers = itertools.count(1)

    def __getattr__(self, op):
        def call(*path, body=None, headers=None, token=None, **query):
            if not coverage.built(op):
                pytest.skip(f"{op} is not built yet")
            if coverage.entry(op)["beta"]:
                headers = {"LD-API-Version": "beta", **(headers or {})}
            query = {k: v for k, v in query.items() if v is not None}
            try:
                status, data = self.client.call(op, list(path), query, body, headers or {}, token or self.token)
            except Missing as missing:
                pytest.skip(f"this client has no {missing} like that")
            assert status == int(coverage.entry(op)["status"]), f"{op} answered {status}"
            return data

        return call

    def unique(self, word):
        """A key that no other test of this server has."""
        return f"{word}-{next(self._numbers)}"

    def new_project(self, **more):
        key = self.unique("project")
        body = {"key": key, "name": f"Project {key}", "environments": ENVIRONMENTS, **more}
        return self.postProject(body=body)["key"]

    def new_flag(self, project, **more):
        key = more.pop("key", None) or self.unique("flag")
        return self.postFeatureFlag(project, body={"key": key, "name": f"Flag {key}", **more})

    def instruct(self, project, flag, *instructions, **more):
        """A semantic patch. `environmentKey` and `comment` may be given."""
        body = {"instructions": list(instructions), **more}
        return self.patchFeatureFlag(project, flag, body=body, headers={"Content-Type": SEMANTIC_PATCH})

    def sdk_key(self, project, environment="dev"):
        return self.server.rest().environment(project, environment)["apiKey"]

    def send_events(self, project, *events, environment="dev", headers=None):
        """What a server SDK reports."""
        key = self.sdk_key(project, environment)
        headers = {"Authorization": key, "X-LaunchDarkly-Event-Schema": "4", **(headers or {})}
        status, _, _ = self.server.rest().exchange("POST", "/bulk", list(events), headers=headers)
        assert status == 202

    def eventually(self, ask, holds, within=60):
        """The answer to `ask` once it is as it should be: events are taken in a moment later."""
        until = time.monotonic() + within
        while not holds(answer := ask()):
            assert time.monotonic() < until, f"after {within} s still {answer}"
            time.sleep(0.05)
        return answer

    def poll(self, sdk_key):
        """What a server SDK gets that polls: status and body."""
        status, _, body = self.server.rest().exchange("GET", "/sdk/latest-all", headers={"Authorization": sdk_key})
        return status, body

    def poll_until(self, sdk_key, holds, within=60):
        """The same once `holds(status, body)`: SDK data follows the REST API a moment later."""
        until = time.monotonic() + within
        while not holds(*(answer := self.poll(sdk_key))):
            assert time.monotonic() < until, f"after {within} s still {answer}"
            time.sleep(0.01)
        return answer


@contextmanager
def refused(status, code=None):
    """Expects an error with that status, and the body that clients decode."""
    with pytest.raises(Refused) as caught:
        yield caught
    body = caught.value.body
    allowed = status if isinstance(status, tuple) else (status,)
    assert caught.value.status in allowed, caught.value
    assert isinstance(body["code"], str) and isinstance(body["message"], str) and body["message"]
    if code:
        assert body["code"] == code, body


def keys(answer):
    return [item["key"] for item in answer["items"]]


def next_offset(answer):
    """The offset in the link to the next page."""
    from urllib.parse import parse_qs, urlsplit

    return int(parse_qs(urlsplit(answer["_links"]["next"]["href"]).query)["offset"][0])
