"""OpenFeature by the remote evaluation protocol: the providers for pages (in Chromium), for Node, for Python and for Go.

The protocol has no events: what is evaluated at the server is no SDK's report of it."""

import pytest

from client_site import WITHIN_MS, Site
from lane import sdk_requests

PROVIDERS = ["ofrep-web", "ofrep-node", "ofrep-python", "ofrep-go"]
GOLD = {"targetingKey": "ada", "plan": "gold"}
FREE = {"targetingKey": "bob", "plan": "free"}


@pytest.fixture(scope="module", params=[pytest.param(p, marks=pytest.mark.xdist_group(p)) for p in PROVIDERS])
def lane(request, tmp_path_factory):
    site = Site(tmp_path_factory.mktemp(request.param))
    site.sdk, site.ask = request.param, site.driver(request.param)
    assert connect(site, site.ask, site.environment["_id"])["initialized"]
    yield site
    site.close()


def connect(lane, ask, env):
    # Polling is as good as off: changes come by the stream of events.
    return ask("init", envId=env, baseUrl=lane.server.url, context=GOLD, timeoutMs=20_000, pollMs=3_600_000)


def arrives(lane, flag, value, type):
    answer = lane.ask("wait-for", flag=flag, type=type, value=value, timeoutMs=WITHIN_MS)
    assert answer["met"], answer


def test_evaluates(lane):
    evaluate = lambda flag, type: lane.ask("evaluate", flag=flag, type=type)
    none = {"errorCode": None}
    assert evaluate("plan", "string") == {"value": "gold", "variant": "1", "reason": "TARGETING_MATCH", **none}
    assert evaluate("switch", "boolean") == {"value": False, "variant": "1", "reason": "DISABLED", **none}
    limits = {"max": 10, "list": [1, "zwölf"]}
    assert evaluate("limits", "object") == {"value": limits, "variant": "0", "reason": "DEFAULT", **none}
    assert evaluate("gate", "boolean")["errorCode"] == "FLAG_NOT_FOUND", "browsers do not see it"


def test_changes_arrive(lane):
    lane.make.on("switch")
    arrives(lane, "switch", True, "boolean")
    lane.befriend("ada")
    arrives(lane, "friend", "yes", "string")


def test_another_context_gets_its_own(lane):
    lane.ask("identify", context=FREE)
    arrives(lane, "plan", "rest", "string")
    arrives(lane, "friend", "no", "string")


def test_comes_back_after_the_server_was_killed(lane):
    lane.server.kill()
    lane.server.start()
    lane.make.change("switch", {"kind": "turnFlagOff"})
    arrives(lane, "switch", False, "boolean")


def test_a_bad_key_is_refused(lane):
    ask = lane.driver(lane.sdk)
    # Only the web provider asks before it is asked; the others hear of it when they evaluate.
    connected = connect(lane, ask, "0" * 24)
    assert connected["initialized"] is (lane.sdk != "ofrep-web"), connected
    seen = ask("evaluate", flag="plan", type="string")
    assert seen["value"] == "" and seen["errorCode"], seen
    refused = {route for route, status in sdk_requests(lane.server) if status == 401}
    assert len(refused) == 1 and "/ofrep/v1/evaluate/flags" in refused.pop()
    # The good client beside it goes on.
    arrives(lane, "plan", "rest", "string")
