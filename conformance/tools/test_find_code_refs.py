"""`ld-find-code-refs`, unmodified, searches a small repository and uploads what it finds."""

import os
import subprocess

import pytest

from harness.paths import BUILT
from harness.server import Wigwag

FINDER = BUILT / "go" / "ld-find-code-refs"
BRANCH = "feature/a"
SOURCES = {
    "app.py": 'def greet(client):\n    if client.variation("new-greeting", ctx, False):\n        return "hi"\n',
    "web/page.js": "const on = client.variation('new-greeting');\nconst old = client.variation('old-page');\n",
    "notes.txt": "nothing to see\n",
}


class Checkout:
    """A Git repository in a folder of its own."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir()
        self.git("init", "-q", "-b", "main")

    def git(self, *arguments):
        who = {f"GIT_{role}_{what}": value for role in ("AUTHOR", "COMMITTER") for what, value in
               (("NAME", "Ann"), ("EMAIL", "ann@wigwag.test"))}
        env = {**os.environ, **who, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
        done = subprocess.run(["git", "-C", self.folder, *arguments], env=env, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def commit(self, sources, message):
        for name, text in sources.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        self.git("add", "-A")
        self.git("commit", "-q", "-m", message)
        return self.git("rev-parse", "HEAD")


@pytest.fixture
def server(tmp_path):
    server = Wigwag(tmp_path / "server").first_start()
    for flag in ("new-greeting", "old-page", "unused"):
        server.rest().create_flag("default", {"key": flag, "name": flag})
    yield server
    server.close()


@pytest.fixture
def checkout(tmp_path):
    # Its remote is what tells the finder which branches are stale.
    checkout = Checkout(tmp_path / "checkout")
    checkout.commit(SOURCES, "All there is")
    subprocess.run(["git", "clone", "-q", "--bare", checkout.folder, tmp_path / "remote.git"], check=True)
    checkout.git("remote", "add", "origin", str(tmp_path / "remote.git"))
    checkout.git("checkout", "-q", "-b", BRANCH)
    checkout.git("push", "-q", "origin", BRANCH)
    return checkout


def find(server, checkout, *more):
    command = [FINDER, "--accessToken", server.token, "--baseUri", server.url, "--projKey", "default"]
    command += ["--repoName", "Example", "--dir", checkout.folder, "--defaultBranch", "main", *more]
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


def found(server, branch=BRANCH):
    """What the API shows of a branch: head, and flag, line and path of each hunk."""
    shown = server.rest().get(f"/api/v2/code-refs/repositories/example/branches/{branch.replace('/', '%2F')}")
    hunks = [(hunk["flagKey"], hunk["startingLineNumber"], file["path"]) for file in shown["references"] for hunk in file["hunks"]]
    return shown["head"], sorted(hunks)


def test_a_repository_is_searched(server, checkout):
    done = find(server, checkout, "--contextLines", "0", "--repoType", "github", "--repoUrl", "https://example.com/e")
    assert done.returncode == 0, done.stdout + done.stderr
    assert found(server) == (
        checkout.git("rev-parse", "HEAD"),
        [("new-greeting", 1, "web/page.js"), ("new-greeting", 2, "app.py"), ("old-page", 2, "web/page.js")],
    )
    repository = server.rest().get("/api/v2/code-refs/repositories/Example")
    assert (repository["type"], repository["sourceLink"], repository["version"]) == ("github", "https://example.com/e", 1)

    # What is settled is patched when it changes, with a plain object.
    done = find(server, checkout, "--contextLines", "0", "--repoType", "gitlab", "--repoUrl", "https://example.com/e")
    assert done.returncode == 0, done.stdout + done.stderr
    repository = server.rest().get("/api/v2/code-refs/repositories/Example")
    assert (repository["type"], repository["version"]) == ("gitlab", 2)


def test_a_second_search_and_a_stale_one(server, checkout):
    assert find(server, checkout, "--updateSequenceId", "7").returncode == 0
    checkout.commit({"app.py": SOURCES["app.py"].replace("new-greeting", "unused")}, "Another flag")
    head = checkout.git("rev-parse", "HEAD")
    # An older number: the finder takes the refusal for what it is, and nothing changes.
    assert find(server, checkout, "--updateSequenceId", "6").returncode == 0
    assert found(server)[0] != head
    assert find(server, checkout, "--updateSequenceId", "8").returncode == 0
    assert found(server) == (
        head,
        [("new-greeting", 1, "web/page.js"), ("old-page", 1, "web/page.js"), ("unused", 1, "app.py")],
    )
    log = server.rest().get("/api/v2/auditlog", limit=1)
    assert "1 flags added, 1 changed, 0 removed" in log["items"][0]["description"]


def test_removed_flags_become_extinctions(server, checkout):
    checkout.git("checkout", "-q", "main")
    checkout.git("fetch", "-q", "origin")
    revision = checkout.commit({"web/page.js": "const on = client.variation('new-greeting');\n"}, "No more old page")
    done = find(server, checkout, "--lookback", "5")
    assert done.returncode == 0, done.stdout + done.stderr
    events = server.rest().get("/api/v2/code-refs/extinctions")["items"]
    assert [(e["revision"], e["message"].strip()) for e in events["old-page"]] == [(revision, "No more old page")]
    # The search looks back over the same commits once more: the event is there already.
    assert find(server, checkout, "--lookback", "5").returncode == 0
    assert server.rest().get("/api/v2/code-refs/extinctions")["items"] == events
    statistics = server.rest().get("/api/v2/code-refs/statistics/default")["flags"]
    assert {flag: (s["hunkCount"], s["fileCount"]) for flag, [s] in statistics.items()} == {"new-greeting": (2, 2)}


def test_stale_branches_are_pruned(server, checkout):
    assert find(server, checkout).returncode == 0
    names = lambda: [b["name"] for b in server.rest().get("/api/v2/code-refs/repositories/Example/branches")["items"]]
    assert names() == [BRANCH]
    checkout.git("checkout", "-q", "main")
    checkout.git("push", "-q", "origin", "--delete", BRANCH)
    done = find(server, checkout)
    assert done.returncode == 0, done.stdout + done.stderr
    assert names() == ["main"]


def test_a_disabled_repository_stops_it(server, checkout):
    assert find(server, checkout).returncode == 0
    operations = [{"op": "replace", "path": "/enabled", "value": False}]
    server.rest().call("PATCH", "/api/v2/code-refs/repositories/Example", operations)
    before = found(server)
    checkout.commit({"app.py": "unused = 'unused'\n"}, "Another flag")
    done = find(server, checkout)
    assert done.returncode != 0 and "disabled" in done.stdout + done.stderr
    assert found(server) == before
