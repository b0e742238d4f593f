"""One SDK in one mode against a server of its own."""

import re
import time
import urllib.request

from harness.driver import Driver
from harness.server import Wigwag

import flags
import story

SDKS = ["node", "python", "go", "java", "rust"]
# Those with the newer data system behind an option.
FDV2_SDKS = ["node", "python", "go", "java"]

# For what an SDK should see at once, or after it reconnects; never waited out when all is well.
STREAM_MS = 60_000
# No SDK polls more often than every 30 s, whatever it is told.
POLL_MS = 100_000


def sdk_data(rest, sdk_key, arrived=lambda data: True, within=60):
    """What server SDKs poll, once `arrived` is true of it."""
    until = time.monotonic() + within
    while True:
        status, _, data = rest.exchange("GET", "/sdk/latest-all", headers={"Authorization": sdk_key})
        assert status == 200
        if arrived(data):
            return data
        assert time.monotonic() < until, f"not in the SDK data after {within} s"
        time.sleep(0.01)


def sdk_requests(server):
    """How often each route of SDKs was answered with each status since the server's start."""
    with urllib.request.urlopen(f"{server.url}/metrics", timeout=60) as answer:
        found = re.findall(r'wigwag_sdk_requests_total\{route="([^"]+)",status="(\d+)"\} (\d+)', answer.read().decode())
    return {(route, int(status)): int(count) for route, status, count in found}


def settled_data(make, sdk_key):
    """The same when every change accepted so far has arrived in it: SDK data follows the REST API a
    moment later, in the order of the changes, so that the arrival of one more tells."""
    if "marker" not in make.ids:
        make.create("marker", [0, 1])
    step = {"kind": "addVariation", "value": time.time_ns() // 1000}
    count = len(make.change("marker", step)["variations"])
    return sdk_data(make.rest, sdk_key, lambda data: len(_variations(data, "marker")) == count)


def _variations(data, key):
    return data["flags"].get(key, {}).get("variations", [])


class Lane:
    def __init__(self, sdk, mode, folder):
        self.sdk, self.mode, self.folder = sdk, mode, folder
        self.server = Wigwag(folder).first_start()
        self.rest = self.server.rest()
        self.make = flags.build(self.rest)
        story.prepare(self)
        self.environment = self.rest.environment(flags.PROJECT, flags.ENVIRONMENT)
        # What an SDK gets that connects now is complete.
        self.settled_data()
        self.driver = Driver(sdk, folder / "driver.err")
        # What the first test of a stage began for all tests of it (polling; see story.py).
        self.begun = {}

    @property
    def streaming(self):
        return self.mode.endswith("streaming")

    def connect(self, sdk_key=None, client="main", timeout_ms=30_000, **more):
        return self.driver(
            "init",
            client=client,
            sdkKey=sdk_key or self.environment["apiKey"],
            baseUrl=self.server.url,
            mode=self.mode,
            timeoutMs=timeout_ms,
            **more,
        )

    def status_once(self, client, holds, within=60):
        """The first status of which `holds` is true; the last one when none was."""
        until = time.monotonic() + within
        while not holds(status := self.driver("status", client=client)):
            if time.monotonic() > until:
                break
            time.sleep(0.02)
        return status

    def evaluate(self, flag, context=flags.ANYONE, default="default", client="main"):
        return self.driver("evaluate", client=client, flag=flag, context=context, default=default)

    def watch(self, flag, context=flags.ANYONE, **expect):
        """Begins to wait for an evaluation; `seen` gives it."""
        self.driver.begin("wait-for", **self._waiting(flag, context, expect))

    def seen(self):
        answer = self.driver.finish(self._bound_ms() / 1000 + 30)
        assert answer["met"], f"{self.sdk} {self.mode}: after {self._bound_ms()} ms still {answer['seen']}"
        return answer

    def sees(self, flag, context=flags.ANYONE, **expect):
        self.watch(flag, context, **expect)
        return self.seen()["seen"]

    def sees_no(self, flag):
        """Waits until the SDK does not know the flag."""
        return self.sees(flag, value="default", variation=None, reason={"kind": "ERROR", "errorKind": "FLAG_NOT_FOUND"})

    def _bound_ms(self):
        return STREAM_MS if self.streaming else POLL_MS

    def _waiting(self, flag, context, expect):
        return {
            "flag": flag,
            "context": context,
            "default": "default",
            "expect": expect,
            "timeoutMs": self._bound_ms(),
        }

    def sdk_data(self):
        """The environment as server SDKs get it now: flags and segments by key."""
        return sdk_data(self.rest, self.environment["apiKey"])

    def sdk_requests(self):
        """How often each route of SDKs was answered with each status since the server's start."""
        return sdk_requests(self.server)

    def settled_data(self):
        return settled_data(self.make, self.environment["apiKey"])

    def close(self):
        self.driver.close()
        self.server.close()
