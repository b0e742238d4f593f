"""SDKs of generations before, which are in use as long as applications are: the last ones under their old names, and
those that know users and no contexts. The tests run in the order of this file, on one client."""

import uuid

import pytest

import flags
from client_site import FREE
from one_sdk import OneSdk
from reported import APPLICATION, name_of

SDKS = ["node-old", "python-old", "js-2", "js-oldest"]


@pytest.fixture(scope="module", params=[pytest.param(s, marks=pytest.mark.xdist_group(s)) for s in SDKS])
def lane(request, tmp_path_factory):
    lane = OneSdk(request.param, tmp_path_factory.mktemp(request.param))
    yield lane
    lane.close()


def test_initialises_and_evaluates(lane):
    assert lane.connect()["initialized"] is True
    assert lane.evaluate("plan") == {"value": "gold", "variation": 1, "reason": lane.rule_of("plan")}
    assert lane.evaluate("switch") == {"value": False, "variation": 1, "reason": {"kind": "OFF"}}
    assert lane.evaluate("limits")["value"] == {"max": 10, "list": [1, "zwölf"]}
    failed = {"kind": "PREREQUISITE_FAILED", "prerequisiteKey": "gate"}
    assert lane.evaluate("gated") == {"value": "closed", "variation": 1, "reason": failed}
    assert lane.evaluate("no-such-flag", default="mine")["reason"]["errorKind"] == "FLAG_NOT_FOUND"


def test_changes_arrive(lane):
    lane.make.on("switch")
    lane.sees("switch", True)
    lane.befriend("ada")
    lane.sees("friend", "yes")
    lane.make.on("gate")
    lane.sees("gated", "open")


def test_another_user_gets_its_own(lane):
    if not lane.is_server_side:
        lane.ask("identify", context=FREE)
    lane.sees("plan", "rest", context=FREE)
    lane.sees("friend", "no", context=FREE)


def test_what_it_reports_is_told(lane):
    ann, bob = flags.user("reported-ann", plan="gold"), flags.user("reported-bob", name="Bob")
    lane.report("told", ann, bob)
    # The oldest is silent on what it showed to the same user within five minutes.
    counts = {0: 1, 1: 1} if lane.sdk == "js-oldest" else {0: 2, 1: 1}
    # Of those here only Node's can say which application it is part of.
    application = APPLICATION if lane.sdk == "node-old" else ""
    lane.reported().comes_to(name_of(lane.sdk), "reported", counts, [ann, bob], event="told", application=application)


def test_comes_back_after_the_server_was_killed(lane):
    lane.server.kill()
    assert lane.evaluate("limits")["value"] == {"max": 10, "list": [1, "zwölf"]}
    lane.server.start()
    lane.make.change("switch", {"kind": "turnFlagOff"})
    lane.sees("switch", False, context=FREE)


def test_a_bad_key_is_refused(lane):
    key = f"sdk-{uuid.uuid4()}" if lane.is_server_side else "0" * 24
    assert lane.connect("bad", key=key)["initialized"] is False
    assert lane.evaluate("switch", "bad", default="mine")["value"] == "mine"
    # The good client beside it goes on.
    lane.make.on("switch")
    lane.sees("switch", True, context=FREE)
