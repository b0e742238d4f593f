"""`ldcli`, unmodified, signs in by device authorization and runs its resource commands.

The Go module proxy does not have `github.com/launchdarkly/ldcli`, and its npm package downloads the program from
elsewhere. So the test takes the program it is given and is skipped without; `test_ldcli_recorded.py` always runs.

    WIGWAG_LDCLI            the program, version 3 (else `ldcli` on the PATH)
    WIGWAG_LDCLI_RECORD     write what it sent to this file, for `test_ldcli_recorded.py`
"""

import json
import os
import shutil
import subprocess

import pytest

import ldcli
from browser import Browser
from harness.recorder import Recorder
from harness.server import Wigwag

PROGRAM = os.environ.get("WIGWAG_LDCLI") or shutil.which("ldcli")

pytestmark = [
    pytest.mark.xdist_group("ldcli"),
    pytest.mark.skipif(not PROGRAM, reason="no ldcli: set WIGWAG_LDCLI"),
]


class Terminal:
    """Somebody at a terminal, with a configuration of their own."""

    def __init__(self, folder, url):
        folder.mkdir()
        self.env = {"PATH": "/nowhere", "HOME": str(folder), "XDG_CONFIG_HOME": str(folder / "config")}
        (folder / "config" / "ldcli").mkdir(parents=True)
        self.settings = folder / "config" / "ldcli" / "config.yml"
        self.settings.write_text(f"base-uri: {url}\nanalytics-opt-out: true\n")

    def start(self, *arguments):
        command = [PROGRAM, *arguments]
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        return subprocess.Popen(command, env=self.env, text=True, **pipes)

    def run(self, *arguments, data=None, fails=False):
        if data is not None:
            arguments = [*arguments, "--data", json.dumps(data)]
        done = subprocess.run([PROGRAM, *arguments], env=self.env, capture_output=True, text=True, timeout=60)
        assert (done.returncode != 0) == fails, f"{arguments}:\n{done.stdout}\n{done.stderr}"
        if fails:
            return done.stderr
        try:
            return json.loads(done.stdout)
        except ValueError:
            return done.stdout


class World:
    def __init__(self, folder):
        self.server = Wigwag(folder / "server").first_start()
        self.front = Recorder(self.server.url)
        self.terminal = Terminal(folder / "home", self.front.url)
        self.browser = Browser()
        page = self.browser.get(f"{self.server.url}/login")
        self.browser.submit(page, email=self.server.owner_email, password=self.server.owner_password)

    def close(self):
        self.front.close()
        self.server.close()


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    world = World(tmp_path_factory.mktemp("ldcli"))
    yield world
    world.close()


def log_in(world, answer):
    """Runs `ldcli login` while the member answers; gives what it said."""
    login = world.terminal.start("login")
    try:
        told = login.stdout.readline()
        assert told.startswith("Your code is "), told + login.stdout.read()
        code = told.split()[-1]
        page = world.browser.get(f"{world.server.url}/device/{code}")
        assert code in page.text
        world.browser.submit(page, **answer)
        said, _ = login.communicate(timeout=60)
        return login.returncode, said
    finally:
        login.kill()


def test_login_denied(world):
    returned, said = log_in(world, {"do": "deny"})
    assert returned != 0 and "denied" in said, said
    assert "access-token" not in world.terminal.settings.read_text()


def test_login(world):
    returned, said = log_in(world, {"do": "approve"})
    assert returned == 0 and "has been written" in said, said
    assert "access-token: api-" in world.terminal.settings.read_text()


def test_resource_commands(world):
    if "access-token" not in world.terminal.settings.read_text():
        log_in(world, {"do": "approve"})
    names, before = {}, len(world.front.exchanges)

    def keep(name, value):
        names[value] = f"{{{name}}}"
        return value

    ldcli.story(world.terminal.run, keep)
    world.front.wait_for(lambda all: len(all) > before)
    path = os.environ.get("WIGWAG_LDCLI_RECORD")
    if path:
        with open(path, "w") as kept:
            kept.writelines(ldcli.recorded(one, names) + "\n" for one in world.front.exchanges[before:])


def test_refusals(world):
    """What it prints of an error is the message."""
    gone = world.terminal.run("flags", "get", "--project", "default", "--flag", "none", fails=True)
    assert "404" in gone or "not found" in gone.lower() or "Unknown" in gone, gone
    body = {"key": "not a key", "name": "n"}
    bad = world.terminal.run("flags", "create", "--project", "default", data=body, fails=True)
    assert "key" in bad, bad
    wrong = world.terminal.run("projects", "list", "--access-token", "api-wrong", fails=True)
    assert "token" in wrong.lower() or "401" in wrong or "unauthorized" in wrong.lower(), wrong
