"""Each official server SDK, in each mode, from its first connection to the server's restart.

The tests of a lane run in the order of this file, on one client. What changes after the first
connection is told in story.py.
"""

import uuid

import pytest

import flags
import story
from harness.bucket import rolled
from harness.recorder import Recorder
from reported import Reported, name_of


def test_initialises(lane):
    assert lane.connect()["initialized"] is True
    # The Java SDK says so a moment later.
    status = lane.status_once("main", lambda s: s["state"] == "VALID")
    assert status["state"] == "VALID"
    assert status["lastError"] is None


@pytest.mark.parametrize("case", flags.CASES, ids=lambda c: c.id)
def test_evaluates_with_reason(lane, case):
    seen = lane.evaluate(case.flag, case.context, case.default)
    assert seen == case.expected(lane.rest)
    # 3 must not become 3.0 on the way, nor true 1.
    assert type(seen["value"]) is type(case.value)


def test_rolls_out_by_user_key(lane):
    flag = lane.sdk_data()["flags"]["rolled"]
    contexts = [flags.user(f"user-{i}") for i in range(200)]
    items = [{"flag": "rolled", "context": c, "default": None} for c in contexts]
    results = lane.driver("evaluate-many", items=items)["results"]
    expected = [rolled(flag, flag["fallthrough"]["rollout"], c["key"]) for c in contexts]
    assert [r["variation"] for r in results] == expected
    assert {r["reason"]["kind"] for r in results} == {"FALLTHROUGH"}
    assert set(expected) == {0, 1, 2}, "too few users to tell anything"


def test_rolls_out_by_attribute_of_another_kind(lane):
    flag = lane.sdk_data()["flags"]["rolled-by-region"]
    regions = [f"region {i}" for i in range(50)]
    contexts = [flags.multi(user=flags.user("u"), org=flags.org("o", region=r)) for r in regions]
    items = [{"flag": "rolled-by-region", "context": c, "default": None} for c in contexts]
    results = lane.driver("evaluate-many", items=items)["results"]
    expected = [rolled(flag, flag["fallthrough"]["rollout"], r) for r in regions]
    assert [r["variation"] for r in results] == expected
    assert set(expected) == {0, 1}
    # A context without the rollout's kind has bucket 0.
    assert lane.evaluate("rolled-by-region", flags.user("u"))["variation"] == 0


def test_gives_the_state_of_all_flags(lane):
    answer = lane.driver("all-flags", context=flags.ANYONE)
    state, data = answer["state"], lane.sdk_data()["flags"]
    assert answer["valid"] is True
    values = {key: value for key, value in state.items() if not key.startswith("$")}
    assert values.keys() == data.keys() >= {"switch-off", "ruled", "story-updated"}
    assert "archived" not in values
    # The state keeps an absent value as null.
    assert values["switch-on"] is True and values["greeting"] == "bonjour" and values["no-off"] is None
    for key, flag in data.items():
        assert state["$flagsState"][key]["version"] == flag["version"]
    assert state["$flagsState"]["ruled"]["reason"] == {"kind": "FALLTHROUGH"}


def test_environments_are_apart(lane):
    other = lane.rest.environment(flags.PROJECT, flags.OTHER_ENVIRONMENT)
    assert lane.connect(other["apiKey"], client="other")["initialized"] is True
    seen = lane.evaluate("greeting", client="other")
    lane.driver("close", client="other")
    assert seen == {"value": "héllo ✓ 日本", "variation": 2, "reason": {"kind": "OFF"}}


def test_delivers_events(lane):
    recorder = Recorder(lane.server.url)
    try:
        assert lane.connect(client="events", eventsUrl=recorder.url)["initialized"] is True
        lane.evaluate("greeting", client="events")
        lane.driver("track", client="events", event="bought", context=flags.ANYONE, data={"n": 1}, metric=9.5)
        lane.driver("flush", client="events")
        lane.driver("close", client="events")
        kinds = {"index", "custom", "summary"}
        assert recorder.wait_for(lambda _: kinds <= event_kinds(recorder)), recorder.exchanges
        diagnosed = lambda exchanges: any(e.path == "/diagnostic" for e in exchanges)
        # The Rust SDK has no diagnostic events.
        assert lane.sdk == "rust" or recorder.wait_for(diagnosed)
        assert {e.path for e in recorder.exchanges} <= {"/bulk", "/diagnostic"}
        assert {e.status for e in recorder.exchanges} == {202}
    finally:
        recorder.close()


def event_kinds(recorder):
    return {event["kind"] for e in recorder.exchanges if e.path == "/bulk" for event in e.request}


def test_what_it_reports_is_told(lane):
    """Events are not only accepted: contexts, evaluations and senders are what the SDK had."""
    ann, bob = flags.user("reported-ann", name="Ann"), flags.user("reported-bob", team="red")
    assert lane.connect(client="reporter")["initialized"] is True
    for context in [ann, ann, bob]:
        lane.evaluate("story-reported", context, client="reporter")
    lane.driver("track", client="reporter", event="reported", context=bob, data={"n": 1}, metric=9.5)
    lane.driver("flush", client="reporter")
    lane.driver("close", client="reporter")
    reported = Reported(lane.rest)
    reported.comes_to(name_of(lane.sdk), "story-reported", {0: 2, 1: 1}, contexts=[ann, bob], event="reported")


@pytest.mark.streaming_only
def test_measures_how_soon_a_change_arrives(lane, record_property):
    """Not asserted: printed at the end of the run, from the answer to the PATCH to the evaluation."""
    latencies = []
    for i in range(20):
        on = i % 2 == 0
        lane.watch("story-latency", variation=0 if on else 1)
        latencies.append(story.timed_patch(lane, "turnFlagOn" if on else "turnFlagOff"))
    record_property("latency", {"lane": f"{lane.sdk} {lane.mode}", "ms": latencies})


@pytest.mark.parametrize("step", story.STAGES[0], ids=lambda s: s.__name__)
def test_change(lane, step):
    story.play(lane, step, stage=0)


def test_nothing_to_complain_of(lane):
    """So far the SDK met nothing it would warn of, but for being told to poll and for clients that were closed."""
    lines = [line["message"] for line in lane.driver("logs")["logs"]]
    # The last two are what the Python SDK says of a data source that is asked to stop.
    usual = ["should only disable the streaming API", "permanently failed, removing from list", "No more synchronizers"]
    assert [line for line in lines if not any(part in line for part in usual)] == []


def data_routes(lane):
    """Where the server's SDKs got flags from since it started, this suite's own question left out."""
    routes = {route for route, status in lane.sdk_requests() if status == 200}
    return routes - {"/sdk/latest-all"}


@pytest.mark.fdv2_only
def test_speaks_the_newer_protocol_only(lane):
    assert data_routes(lane) == ({"/sdk/poll", "/sdk/stream"} if lane.streaming else {"/sdk/poll"})


@pytest.mark.parametrize("step", story.STAGES[1], ids=lambda s: s.__name__)
def test_later_change(lane, step):
    story.play(lane, step, stage=1)


@pytest.mark.fdv2_only
def test_comes_back_with_the_newer_protocol(lane):
    """The server's last start saw nothing else than a stream that came back, or polls."""
    assert data_routes(lane) == ({"/sdk/stream"} if lane.streaming else {"/sdk/poll"})


@pytest.mark.parametrize("bad", ["unknown", "mobile-key", "access-token"])
def test_bad_key_is_refused(lane, bad):
    keys = {
        "unknown": f"sdk-{uuid.uuid4()}",
        "mobile-key": lane.environment["mobileKey"],
        "access-token": lane.server.token,
    }
    # Some SDKs give up at a 401, others try again much later and so use up the time they are given.
    assert lane.connect(keys[bad], client=bad, timeout_ms=2000)["initialized"] is False
    status = lane.status_once(bad, lambda s: s["lastError"])
    assert status["initialized"] is False
    assert status["lastError"]["status"] == 401
    seen = lane.evaluate("greeting", client=bad)
    assert seen["value"] == "default" and seen["variation"] is None
    assert seen["reason"] == {"kind": "ERROR", "errorKind": "CLIENT_NOT_READY"}
    lane.driver("close", client=bad)
    # The good client beside it goes on.
    assert lane.evaluate("greeting")["value"] == "bonjour"
