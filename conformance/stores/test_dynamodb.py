"""Members of big segments, written to DynamoDB by Wigwag and read there by the official Python SDK."""

import subprocess
import sys
import time
import urllib.request

import boto3
import pytest
from ldclient import Context, LDClient
from ldclient.config import BigSegmentsConfig, Config
from ldclient.integrations import DynamoDB

from harness.rest import SEMANTIC_PATCH
from harness.server import Wigwag, free_port

PROJECT, ENVIRONMENT, PREFIX, TABLE, REGION = "default", "test", "mine", "big-segments", "eu-west-1"
SEGMENTS = f"/api/v2/segments/{PROJECT}/{ENVIRONMENT}"
STORES = f"/api/v2/integration-capabilities/big-segment-store/{PROJECT}/{ENVIRONMENT}/dynamodb"
BETA = {"LD-API-Version": "beta"}
WITHIN_S = 60
KEYS = {"aws_access_key_id": "AKIDEXAMPLE", "aws_secret_access_key": "secret", "region_name": REGION}


def until(holds):
    end = time.monotonic() + WITHIN_S
    while not (seen := holds()):
        assert time.monotonic() < end, "it never came true"
        time.sleep(0.02)
    return seen


def answers(endpoint):
    try:
        urllib.request.urlopen(f"{endpoint}/moto-api/data.json", timeout=5).read()
        return True
    except OSError:
        return False


@pytest.fixture
def endpoint(tmp_path):
    """DynamoDB with an empty table."""
    endpoint = f"http://127.0.0.1:{free_port()}"
    port = endpoint.rsplit(":", 1)[1]
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", port]
    with open(tmp_path / "moto.log", "wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=tmp_path)
    until(lambda: answers(endpoint))
    names = ["namespace", "key"]
    boto3.client("dynamodb", endpoint_url=endpoint, **KEYS).create_table(
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": n, "KeyType": t} for n, t in zip(names, ["HASH", "RANGE"])],
        AttributeDefinitions=[{"AttributeName": n, "AttributeType": "S"} for n in names],
    )
    yield endpoint
    process.kill()
    process.wait()


@pytest.fixture
def server(tmp_path):
    server = Wigwag(tmp_path / "server")
    server.environment["WIGWAG_ALLOW_PRIVATE_WEBHOOKS"] = "true"
    yield server.first_start()
    server.close()


@pytest.fixture
def client(server, endpoint):
    """An SDK with the store; it looks again at every evaluation."""
    key = server.rest().environment(PROJECT, ENVIRONMENT)["apiKey"]
    store = DynamoDB.new_big_segment_store(TABLE, prefix=PREFIX, dynamodb_opts={"endpoint_url": endpoint, **KEYS})
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


def is_member(client, key, expected):
    """Waits until the SDK says so, knowing that its store is up to date."""

    def said():
        detail = client.variation_detail("members-only", Context.create(key), None)
        return detail.value is expected and detail.reason.get("bigSegmentsStatus") == "HEALTHY"

    return until(said)


def targets(rest, **lists):
    status, _, answer = rest.exchange("POST", f"{SEGMENTS}/big/contexts", lists)
    assert status == 204, answer


def test_sdks_find_members_where_wigwag_wrote_them(server, endpoint, client):
    rest = server.rest()
    flag(rest)
    rest.call("POST", SEGMENTS, {"key": "big", "name": "Big", "unbounded": True})
    # More than one transaction holds.
    crowd = [f"user-{n}" for n in range(250)]
    targets(rest, included={"add": ["ann", "bob", "größe ✓", *crowd]}, excluded={"add": ["eve"]})
    config = {"tableName": TABLE, "region": REGION, "endpoint": endpoint, "prefix": PREFIX}
    config |= {"accessKeyId": KEYS["aws_access_key_id"], "secretAccessKey": KEYS["aws_secret_access_key"]}
    status, _, made = rest.exchange("POST", STORES, {"name": "D", "on": True, "config": config}, headers=BETA)
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
    path = f"{STORES}/{made['_id']}"
    assert until(lambda: rest.exchange("GET", path, headers=BETA)[2]["_status"]["available"]) is True
