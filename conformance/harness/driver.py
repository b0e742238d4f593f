"""Runs the driver program of one SDK and speaks its JSON-line protocol (see README.md)."""

import json
import os
import queue
import subprocess
import sys
import threading

from .paths import BUILT, CONFORMANCE

SDKS = CONFORMANCE / "sdks"
COMMANDS = {
    "node": ["node", SDKS / "node" / "driver.mjs"],
    "python": [sys.executable, SDKS / "python" / "driver.py"],
    "go": [BUILT / "go" / "driver"],
    # A small, quickly started JVM.
    "java": ["java", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx256m", "-cp"]
    + [f"{BUILT}/java/classes:{BUILT}/java/dependency/*", "conformance.Driver"],
    "rust": [BUILT / "rust" / "debug" / "wigwag-conformance-rust-sdk"],
}

# The generations before: Node's SDK has the same methods, Python's knows users and no contexts.
COMMANDS["node-old"] = [*COMMANDS["node"], "launchdarkly-node-server-sdk"]
COMMANDS["python-old"] = [sys.executable, SDKS / "python" / "old.py", BUILT / "python-old"]
COMMANDS["php"] = ["php", SDKS / "php" / "driver.php", os.environ.get("LD_PHP_SDK", "")]

# Client-side SDKs share one driver; those for browsers run in Chromium.
_BROWSER = ["js", "js-fdv2-streaming", "js-fdv2-polling", "js-legacy", "js-2", "js-oldest", "react", "ofrep-web"]
for _sdk in [*_BROWSER, "node-client", "ofrep-node"]:
    COMMANDS[_sdk] = ["node", SDKS / "clients" / "driver.mjs", _sdk, BUILT / "clients-page" / "page.js"]
for _sdk in ["cloudflare", "vercel"]:
    COMMANDS[_sdk] = ["node", SDKS / "node" / "edge.mjs", _sdk]
COMMANDS["ai-node"] = ["node", SDKS / "node" / "ai.mjs"]
COMMANDS["ai-python"] = [sys.executable, SDKS / "python" / "ai.py"]
COMMANDS["ofrep-go"] = [BUILT / "go" / "ofrep"]
COMMANDS["ofrep-python"] = [sys.executable, SDKS / "clients" / "ofrep.py"]

# Beyond what a command asks for by its own `timeoutMs`.
GRACE = 60


class DriverFailed(Exception):
    """The driver answered with an error, ended, or did not answer in time."""


class Driver:
    def __init__(self, sdk, stderr):
        self.sdk = sdk
        self.stderr = open(stderr, "ab")
        self.process = subprocess.Popen(
            [str(part) for part in COMMANDS[sdk]],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.stderr,
            text=True,
            encoding="utf-8",
        )
        self.answers = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            self.answers.put(line)
        self.answers.put(None)

    def begin(self, cmd, **members):
        """Sends a command without awaiting its answer; `finish` gives it."""
        self.process.stdin.write(json.dumps({"cmd": cmd, **members}) + "\n")
        self.process.stdin.flush()

    def finish(self, within=GRACE):
        try:
            line = self.answers.get(timeout=within)
        except queue.Empty:
            raise DriverFailed(f"{self.sdk}: no answer within {within} s") from None
        if line is None:
            raise DriverFailed(f"{self.sdk}: the driver ended; see {self.stderr.name}")
        answer = json.loads(line)
        if not answer.pop("ok"):
            raise DriverFailed(f"{self.sdk}: {answer['error']}")
        return answer

    def __call__(self, cmd, **members):
        self.begin(cmd, **members)
        return self.finish(members.get("timeoutMs", 0) / 1000 + GRACE)

    def close(self):
        try:
            self.process.stdin.close()
            self.process.wait(GRACE)
        except (OSError, subprocess.TimeoutExpired):
            self.process.kill()
            self.process.wait(GRACE)
        self.stderr.close()
