"""OpenFeature by the remote evaluation protocol: the providers for pages (in Chromium), for Node and for Python."""

import pytest

from client_site import WITHIN_MS, Site

PROVIDERS = ["ofrep-web", "ofrep-node", "ofrep-python"]
GOLD = {"targetingKey": "ada", "plan": "gold"}
FREE = {"targetingKey": "bob", "plan": "free"}


@pytest.fixture(scope="module", params=[pytest.param(p, marks=pytest.mark.xdist_group(p)) for p in PROVIDERS])
def lane(request, tmp_path_factory):
    site = Site(tmp_path_factory.mktemp(request.param))
    site.ask = site.driver(request.param)
    # Polling is as good as off: changes come by the stream of events.
    connected = site.ask(
        "init", envId=site.environment["_id"], baseUrl=site.server.url, context=GOLD, timeoutMs=20_000, pollMs=3_600_000
    )
    assert connected["initialized"]
    yield site
    site.close()


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
