"""One SDK in one mode against a server of its own."""

import time

from harness.driver import Driver
from harness.server import Wigwag

import flags
import story

# For what an SDK should see at once, or after it reconnects; never waited out when all is well.
STREAM_MS = 60_000
# No SDK polls more often than every 30 s, whatever it is told.
POLL_MS = 100_000


class Lane:
    def __init__(self, sdk, mode, folder):
        self.sdk, self.mode, self.folder = sdk, mode, folder
        self.server = Wigwag(folder).first_start()
        self.rest = self.server.rest()
        self.make = flags.build(self.rest)
        story.prepare(self)
        self.environment = self.rest.environment(flags.PROJECT, flags.ENVIRONMENT)
        self.driver = Driver(sdk, folder / "driver.err")
        # What the first test of a stage began for all tests of it (polling; see story.py).
        self.begun = {}

    @property
    def streaming(self):
        return self.mode == "streaming"

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
        """The environment as server SDKs get it: flags and segments by key."""
        status, _, data = self.rest.exchange(
            "GET", "/sdk/latest-all", headers={"Authorization": self.environment["apiKey"]}
        )
        assert status == 200
        return data

    def close(self):
        self.driver.close()
        self.server.close()
