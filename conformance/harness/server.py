"""Real processes that serve, on a temporary folder, that can be killed and started again: `wigwag serve`, `wigwag relay`
and LaunchDarkly's Relay Proxy."""

import http.client
import json
import os
import secrets
import signal
import socket
import subprocess
import time
from pathlib import Path

from .paths import BUILT, wigwag_binary
from .rest import Rest

# Generous: only a server that never gets ready meets it.
READY_WITHIN = 60
STOPPED_WITHIN = 30


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class ServerFailed(Exception):
    """The process ended, or did not get ready; the message ends with its log."""


class Served:
    """A process that listens. Its port stays the same over restarts. `command` tells how it is started."""

    def __init__(self, folder: Path):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.log = self.folder / "server.log"
        self.port = free_port()
        self.process = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def command(self):
        """The command line, and what it needs in its environment."""
        raise NotImplementedError

    def first_start(self):
        """Starts on a fresh store; takes another port if someone was quicker with ours."""
        for _ in range(5):
            try:
                return self.start()
            except ServerFailed as failure:
                if "in use" not in str(failure):
                    raise
                self.port = free_port()
        raise ServerFailed("found no free port")

    def start(self):
        command, more = self.command()
        env = {k: v for k, v in os.environ.items() if not k.startswith("WIGWAG_")}
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                command, env={**env, **more}, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT
            )
        self._await_ready()
        return self

    def _await_ready(self):
        until = time.monotonic() + READY_WITHIN
        while not self._ready():
            if self.process.poll() is not None:
                raise ServerFailed(f"ended with {self.process.returncode}\n{self.log_tail()}")
            if time.monotonic() > until:
                self.kill()
                raise ServerFailed(f"not ready within {READY_WITHIN} s\n{self.log_tail()}")
            time.sleep(0.01)

    def _ready(self) -> bool:
        return self._answers("/health/ready")

    def _answers(self, path, holds=lambda body: True) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status == 200 and holds(answer.read())
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def kill(self):
        """Ends the process at once, as a crash would."""
        self.process.kill()
        self.process.wait(STOPPED_WITHIN)

    def stop(self) -> int:
        """Asks the process to end, and gives its exit code."""
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(STOPPED_WITHIN)
        except subprocess.TimeoutExpired:
            self.kill()
            raise ServerFailed(f"still running {STOPPED_WITHIN} s after SIGTERM\n{self.log_tail()}")

    def log_tail(self, lines=40) -> str:
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        return "\n".join(text.splitlines()[-lines:])

    def close(self):
        if self.process and self.process.poll() is None:
            self.kill()


class Wigwag(Served):
    """One server with its data directory. The token stays the same over restarts, too."""

    def __init__(self, folder: Path):
        super().__init__(folder)
        self.token = f"api-{secrets.token_hex(16)}"
        self.owner_email = "owner@wigwag.test"
        self.owner_password = secrets.token_hex(12)
        # What a test adds to the command line and to the environment.
        self.arguments = []
        self.environment = {}

    def rest(self, token=None) -> Rest:
        return Rest(self.url, token or self.token)

    def command(self):
        command = [wigwag_binary(), "serve", "--listen", f"127.0.0.1:{self.port}"]
        env = {
            "WIGWAG_INIT_OWNER_EMAIL": self.owner_email,
            "WIGWAG_INIT_OWNER_PASSWORD": self.owner_password,
            "WIGWAG_INIT_ACCESS_TOKEN": self.token,
        }
        return [*command, "--data-dir", self.folder / "data", *self.arguments], {**env, **self.environment}


class Relay(Served):
    """`wigwag relay` with automatic configuration: `key` says which environments it serves."""

    def __init__(self, folder: Path, upstream: str, key: str):
        super().__init__(folder)
        self.upstream, self.key = upstream, key

    def command(self):
        command = [wigwag_binary(), "relay", "--listen", f"127.0.0.1:{self.port}", "--upstream", self.upstream]
        return [*command, "--data-dir", self.folder / "data"], {"WIGWAG_RELAY_AUTO_CONFIG_KEY": self.key}


class RelayProxy(Relay):
    """LaunchDarkly's Relay Proxy in the same place: the one that setup.sh builds, or LD_RELAY_BINARY."""

    PROGRAM = os.environ.get("LD_RELAY_BINARY") or BUILT / "go" / "ld-relay"

    def command(self):
        uris = dict.fromkeys(["STREAM_URI", "BASE_URI", "CLIENT_SIDE_BASE_URI", "EVENTS_HOST"], self.upstream)
        more = {"AUTO_CONFIG_KEY": self.key, "PORT": str(self.port), "USE_EVENTS": "true"}
        return [self.PROGRAM, "--from-env"], {**uris, **more}

    def _ready(self):
        return self._answers("/status", lambda body: json.loads(body).get("status") == "healthy")
