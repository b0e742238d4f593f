"""What the Terraform provider sends, played from a recording, for machines that do not have the provider.

`recorded.jsonl` holds every write of a run of `test_terraform.py` (first apply, change, destroy): method,
path, status, body. Here each must be answered as it was then, and what a JSON patch sets must read back,
which is what an empty plan rests on. The plan itself is the provider's, and only `test_terraform.py` has it.
"""

import json
import re
from pathlib import Path

import pytest

from harness import coverage
from harness.server import Wigwag

RECORDED = Path(__file__).with_name("recorded.jsonl")
TRIGGER = re.compile(r"^(/api/v2/flags/[^/]+/[^/]+/triggers/[^/]+)(?:/([0-9a-f]{24}))?$")
# Sent by the provider in this spelling, to no effect.
MISSPELT = re.compile(r"/environments/[^/]+/fallthough")


def needed(path):
    """The operation whose absence keeps a request from being played."""
    if "/segments/" in path:
        return "patchSegment"
    if "/context-kinds/" in path:
        return "putContextKind"
    return None


class Player:
    def __init__(self, rest):
        self.rest = rest
        # Ids are drawn anew: the triggers of a flag's environment, in the order in which they came.
        self.triggers = {}
        self.renamed = {}

    def play(self, method, path, status, body):
        path = self.own(path)
        got, _, answer = self.rest.exchange(method, path, body, headers={"LD-API-Version": "20240415"})
        assert got == status, f"{method} {path} answered {got}, not {status}: {answer}\n{json.dumps(body)}"
        found = TRIGGER.match(path)
        if found and method == "POST":
            self.triggers.setdefault(found[1], []).append(answer["_id"])
        return path

    def own(self, path):
        found = TRIGGER.match(path)
        if not found or not found[2]:
            return path
        if path not in self.renamed:
            self.renamed[path] = f"{found[1]}/{self.triggers[found[1]].pop(0)}"
        return self.renamed[path]


def operations(body):
    """The operations of a JSON patch, bare or with a comment."""
    patch = body.get("patch", []) if isinstance(body, dict) else body or []
    return [op for op in patch if isinstance(op, dict) and "op" in op]


def at(document, pointer):
    for step in pointer.strip("/").split("/"):
        if document is None:
            return None
        document = document[int(step)] if isinstance(document, list) else document.get(step)
    return document


def holds(got, sent):
    """Whether what was read back has all that was sent."""
    if sent in (None, "", [], {}) and got in (None, "", [], {}):
        return True
    if isinstance(sent, dict) and isinstance(got, dict):
        return all(holds(got.get(name), value) for name, value in sent.items())
    if isinstance(sent, list) and isinstance(got, list):
        if all(isinstance(v, str) for v in sent):
            return sorted(got) == sorted(sent)
        # The order of user targets is kept by empty entries among the others.
        got = [g for g in got if not (isinstance(g, dict) and g.get("contextKind") == "user" and g.get("values") == [])]
        return len(got) == len(sent) and all(holds(g, s) for g, s in zip(got, sent))
    return got == sent


@pytest.mark.xdist_group("terraform-recorded")
def test_what_the_provider_sends_is_answered_and_reads_back(tmp_path):
    server = Wigwag(tmp_path / "server").first_start()
    player, checked, skipped = Player(server.rest()), 0, 0
    try:
        for line in RECORDED.read_text().splitlines():
            method, path, status, body = json.loads(line)
            operation = needed(path)
            if operation and not coverage.built(operation):
                skipped += 1
                continue
            path = player.play(method, path, status, body)
            last = {op["path"]: op["value"] for op in operations(body) if op["op"] == "replace"}
            if method != "PATCH" or not last:
                continue
            read = server.rest().get(path.split("?")[0])
            for pointer, sent in last.items():
                # A patch of more may have moved variations by the end.
                if MISSPELT.match(pointer) or pointer.startswith("/variations/"):
                    continue
                assert holds(at(read, pointer), sent), f"{path}{pointer}: sent {sent}, read {at(read, pointer)}"
                checked += 1
    finally:
        server.close()
    assert checked > 100 and skipped < 20, (checked, skipped)
