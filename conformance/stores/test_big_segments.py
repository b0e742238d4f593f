"""Members of big segments, written to a database by Wigwag and read there by the official Python SDK."""

import time

import pytest
from databases import DynamoDbServer, RedisServer
from ldclient import Context, LDClient
from ldclient.config import BigSegmentsConfig, Config

from harness.rest import SEMANTIC_PATCH
from harness.server import Wigwag

PROJECT, ENVIRONMENT = "default", "test"
SEGMENTS = f"/api/v2/segments/{PROJECT}/{ENVIRONMENT}"
STORES = f"/api/v2/integration-capabilities/big-segment-store/{PROJECT}/{ENVIRONMENT}"
BETA = {"LD-API-Version": "beta"}
WITHIN_S = 60


def until(holds):
    end = time.monotonic() + WITHIN_S
    while not (seen := holds()):
        assert time.monotonic() < end, "it never came true"
        time.sleep(0.02)
    return seen


@pytest.fixture(params=[RedisServer, DynamoDbServer], ids=lambda kind: kind.integration)
def database(request, tmp_path):
    database = request.param(tmp_path)
    try:
        until(database.answers)
        database.prepare()
        yield database
    finally:
        database.process.kill()
        database.process.wait()


@pytest.fixture
def server(tmp_path):
    server = Wigwag(tmp_path / "server")
    server.environment["WIGWAG_ALLOW_PRIVATE_WEBHOOKS"] = "true"
    yield server.first_start()
    server.close()


@pytest.fixture
def client(server, database):
    """An SDK with the store; it looks again at every evaluation."""
    key = server.rest().environment(PROJECT, ENVIRONMENT)["apiKey"]
    segments = BigSegmentsConfig(store=database.sdk_store(), context_cache_time=0.01, status_poll_interval=0.1)
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


def is_member(client, key, expected):
    """Waits until the SDK says so, knowing that its store is up to date."""

    def said():
        detail = client.variation_detail("members-only", Context.create(key), None)
        return detail.value is expected and detail.reason.get("bigSegmentsStatus") == "HEALTHY"

    return until(said)


def targets(rest, **lists):
    status, _, answer = rest.exchange("POST", f"{SEGMENTS}/big/contexts", lists)
    assert status == 204, answer


def test_sdks_find_members_where_wigwag_wrote_them(server, database, client):
    rest, stores = server.rest(), f"{STORES}/{database.integration}"
    flag(rest)
    rest.call("POST", SEGMENTS, {"key": "big", "name": "Big", "unbounded": True})
    # More than a transaction of DynamoDB holds.
    crowd = [f"user-{n}" for n in range(250)]
    targets(rest, included={"add": ["ann", "bob", "größe ✓", *crowd]}, excluded={"add": ["eve"]})
    body = {"name": "Members", "on": True, "config": database.config}
    status, _, made = rest.exchange("POST", stores, body, headers=BETA)
    assert status == 201, made
    for member in ["ann", "bob", "größe ✓", "user-0", "user-249"]:
        is_member(client, member, True)
    for stranger in ["eve", "nobody"]:
        is_member(client, stranger, False)

    # From one list to the other in one change.
    targets(rest, included={"add": ["eve"], "remove": ["bob"]}, excluded={"add": ["bob"], "remove": ["eve"]})
    is_member(client, "eve", True)
    is_member(client, "bob", False)

    instruction = {"kind": "addBigSegmentIncludedTargets", "contextKind": "user", "values": ["patched"]}
    rest.call("PATCH", f"{SEGMENTS}/big", {"instructions": [instruction]}, SEMANTIC_PATCH)
    is_member(client, "patched", True)

    # Killed and started again, it goes on where it was.
    server.kill()
    server.start()
    targets(rest, included={"add": ["later"]})
    is_member(client, "later", True)
    is_member(client, "ann", True)
    path = f"{stores}/{made['_id']}"
    assert until(lambda: rest.exchange("GET", path, headers=BETA)[2]["_status"]["available"]) is True
