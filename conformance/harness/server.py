"""A real `wigwag serve` process on a temporary store, that can be killed and started again."""

import http.client
import os
import secrets
import signal
import socket
import subprocess
import time
from pathlib import Path

from .paths import wigwag_binary
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


class Wigwag:
    """One server with its data directory. The port and the token stay the same over restarts."""

    def __init__(self, folder: Path):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.log = self.folder / "server.log"
        self.token = f"api-{secrets.token_hex(16)}"
        self.owner_email = "owner@wigwag.test"
        self.owner_password = secrets.token_hex(12)
        self.port = free_port()
        self.process = None
        # What a test adds to the command line and to the environment.
        self.arguments = []
        self.environment = {}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def rest(self, token=None) -> Rest:
        return Rest(self.url, token or self.token)

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
        env = {k: v for k, v in os.environ.items() if not k.startswith("WIGWAG_")}
        env["WIGWAG_INIT_OWNER_EMAIL"] = self.owner_email
        env["WIGWAG_INIT_OWNER_PASSWORD"] = self.owner_password
        env["WIGWAG_INIT_ACCESS_TOKEN"] = self.token
        command = [wigwag_binary(), "serve", "--listen", f"127.0.0.1:{self.port}"]
        command += ["--data-dir", self.folder / "data", *self.arguments]
        env.update(self.environment)
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                command, env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT
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
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/health/ready")
            return connection.getresponse().status == 200
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
