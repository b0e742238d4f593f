"""Members of big segments, written to a real Redis server by Wigwag and read there by the official Python SDK."""

import subprocess
import time

import pytest
from ldclient import Context, LDClient
from ldclient.config import BigSegmentsConfig, Config
from ldclient.integrations import Redis

from harness.rest import SEMANTIC_PATCH
from harness.server import Wigwag, free_port

PROJECT, ENVIRONMENT, PREFIX = "default", "test", "mine"
SEGMENTS = f"/api/v2/segments/{PROJECT}/{ENVIRONMENT}"
STORES = f"/api/v2/integration-capabilities/big-segment-store/{PROJECT}/{ENVIRONMENT}/redis"
BETA = {"LD-API-Version": "beta"}
WITHIN_S = 60


@pytest.fixture
def redis_port(tmp_path):
    port = free_port()
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--requirepass", "secret"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd=tmp_path)
    yield port
    process.kill()
    process.wait()


@pytest.fixture
def server(tmp_path):
    server = Wigwag(tmp_path / "server")
    server.environment["WIGWAG_ALLOW_PRIVATE_WEBHOOKS"] = "true"
    yield server.first_start()
    server.close()


@pytest.fixture
def client(server, redis_port):
    """An SDK with the store; it looks again at every evaluation."""
    key = server.rest().environment(PROJECT, ENVIRONMENT)["apiKey"]
    url = f"redis://:secret@127.0.0.1:{redis_port}/0"
    store = Redis.new_big_segment_store(url=url, prefix=PREFIX)
    segments = BigSegmentsConfig(store=store, context_cache_time=0.01, status_poll_interval=0.1)
    urls = {"base_uri": server.url, "stream_uri": server.url, "events_uri": server.url}
    client = LDClient(Config(key, big_segments=segments, **urls), start_wait=30)
    assert client.is_initialized()
    yield client
    client.close()


def flag(rest):
    """Serves True to members."""
    made = rest.create_flag(PROJECT, {"key": "members-only", "name": "Members only"})
    yes, no = (variation["_id"] for variation in made["variations"])
    clause = {"contextKind": "user", "attribute": "", "op": "segmentMatch", "values": ["big"], "negate": False}
    steps = [
        {"kind": "turnFlagOn"},
        {"kind": "addRule", "variationId": yes, "clauses": [clause]},
        {"kind": "updateFallthroughVariationOrRollout", "variationId": no},
    ]
    rest.instruct(PROJECT, "members-only", steps, ENVIRONMENT)


def until(holds):
    end = time.monotonic() + WITHIN_S
    while not (seen := holds()):
        assert time.monotonic() < end, "it never came true"
        time.sleep(0.02)
    return seen


def is_member(client, key, expected):
    """Waits until the SDK says so, knowing that its store is up to date."""

    def said():
        detail = client.variation_detail("members-only", Context.create(key), None)
        return detail.value is expected and detail.reason.get("bigSegmentsStatus") == "HEALTHY"

    return until(said)


def targets(rest, **lists):
    status, _, answer = rest.exchange("POST", f"{SEGMENTS}/big/contexts", lists)
    assert status == 204, answer


def test_sdks_find_members_where_wigwag_wrote_them(server, redis_port, client):
    rest = server.rest()
    flag(rest)
    rest.call("POST", SEGMENTS, {"key": "big", "name": "Big", "unbounded": True})
    targets(rest, included={"add": ["ann", "bob", "größe ✓"]}, excluded={"add": ["eve"]})
    config = {"host": "127.0.0.1", "port": str(redis_port), "password": "secret", "prefix": PREFIX}
    status, _, made = rest.exchange("POST", STORES, {"name": "R", "on": True, "config": config}, headers=BETA)
    assert status == 201, made
    for member in ["ann", "bob", "größe ✓"]:
        is_member(client, member, True)
    for stranger in ["eve", "nobody"]:
        is_member(client, stranger, False)

    targets(rest, included={"add": ["new"], "remove": ["bob"]})
    is_member(client, "new", True)
    is_member(client, "bob", False)

    instruction = {"kind": "addBigSegmentIncludedTargets", "contextKind": "user", "values": ["patched"]}
    rest.call("PATCH", f"{SEGMENTS}/big", {"instructions": [instruction]}, SEMANTIC_PATCH)
    is_member(client, "patched", True)

    # Killed and started again, it goes on where it was.
    server.kill()
    targets_while_away = {"included": {"add": ["later"]}}
    server.start()
    targets(rest, **targets_while_away)
    is_member(client, "later", True)
    is_member(client, "ann", True)

    path = f"{STORES}/{made['_id']}"
    answer = until(lambda: rest.exchange("GET", path, headers=BETA)[2]["_status"]["available"])
    assert answer is True
