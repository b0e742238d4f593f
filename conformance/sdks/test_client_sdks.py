"""The official SDKs of browsers (in Chromium, from another origin) and of Node as a client."""

import pytest

from harness.recorder import Recorder
from harness.server import free_port

import flags
from client_site import FREE, GOLD, VISIBLE, WITHIN_MS, Site
from lane import sdk_data, sdk_requests
from reported import Reported, eventually, name_of

# The legacy browser SDK, its successor (also with the newer data system), and the client SDK of Node; React has a
# test of its own.
SDKS = ["js-legacy", "js", "js-fdv2-streaming", "node-client"]


@pytest.fixture(scope="module", params=[pytest.param(s, marks=pytest.mark.xdist_group(f"client-{s}")) for s in SDKS])
def lane(request, tmp_path_factory):
    site = Site(tmp_path_factory.mktemp(request.param))
    site.sdk, site.ask = request.param, site.driver(request.param)
    yield site
    site.close()


def connect(lane, client="main", context=GOLD, **more):
    env = more.pop("envId", lane.environment["_id"])
    asked = {"baseUrl": lane.server.url, "context": context, "timeoutMs": 20_000, **more}
    return lane.ask("init", client=client, envId=env, **asked)


def arrives(lane, flag, value, client="main"):
    answer = lane.ask("wait-for", client=client, flag=flag, value=value, timeoutMs=WITHIN_MS)
    assert answer["met"], answer


def test_initialises_and_evaluates_with_reasons(lane):
    assert connect(lane) == {"initialized": True, "error": None}
    rule = lane.rest.get("/api/v2/flags/default/plan", env="test")["environments"]["test"]["rules"][0]["_id"]
    matched = {"kind": "RULE_MATCH", "ruleIndex": 0, "ruleId": rule}
    for flag, expected in {
        "switch": {"value": False, "variation": 1, "reason": {"kind": "OFF"}},
        "plan": {"value": "gold", "variation": 1, "reason": matched},
        "limits": {"value": {"max": 10, "list": [1, "zwölf"]}, "variation": 0, "reason": {"kind": "FALLTHROUGH"}},
        "gated": {"value": "closed", "variation": 1, "reason": {"kind": "PREREQUISITE_FAILED", "prerequisiteKey": "gate"}},
    }.items():
        assert lane.ask("evaluate", flag=flag, default=None) == expected, flag
    missing = lane.ask("evaluate", flag="gate", default="mine")
    assert (missing["value"], missing["reason"]["errorKind"]) == ("mine", "FLAG_NOT_FOUND"), "browsers do not see it"
    assert set(lane.ask("all-flags")["flags"]) == {"switch", "plan", "limits", "friend", "gated"}


def test_hears_of_changes(lane):
    lane.make.on("switch")
    arrives(lane, "switch", True)
    lane.befriend("ada")
    arrives(lane, "friend", "yes")
    lane.make.on("gate")
    arrives(lane, "gated", "open")
    lane.make.create("born", ["later", "never"], clientSideAvailability={"usingEnvironmentId": True, "usingMobileKey": False})
    lane.make.on("born", 0)
    arrives(lane, "born", "later")
    lane.rest.delete_flag("default", "born")
    arrives(lane, "born", None)


def test_another_context_gets_its_own(lane):
    lane.ask("identify", context=FREE)
    arrives(lane, "plan", "rest")
    arrives(lane, "friend", "no")
    lane.befriend("bob")
    arrives(lane, "friend", "yes")


def test_sends_events(lane):
    recorder = Recorder(lane.server.url)
    try:
        assert connect(lane, "events", eventsUrl=recorder.url)["initialized"]
        lane.ask("evaluate", client="events", flag="plan", default=None)
        lane.ask("track", client="events", event="bought", data={"n": 1}, metric=2.5)
        lane.ask("flush", client="events")

        def events(exchanges):
            path = f"/events/bulk/{lane.environment['_id']}"
            posts = [e for e in exchanges if e.method == "POST" and e.path == path]
            assert all(post.status == 202 for post in posts)
            return [event for post in posts for event in post.request]

        def kinds(exchanges):
            return {event["kind"] for event in events(exchanges)}

        assert recorder.wait_for(lambda e: {"identify", "summary", "custom"} <= kinds(e)), kinds(recorder.exchanges)
        summary = next(e for e in events(recorder.exchanges) if e["kind"] == "summary" and "plan" in e["features"])
        counter = summary["features"]["plan"]["counters"][0]
        flag = lane.rest.get("/api/v2/flags/default/plan", env="test")["environments"]["test"]
        assert (counter["variation"], counter["version"]) == (1, flag["version"])
        lane.ask("close", client="events")
    finally:
        recorder.close()


def report(lane):
    """Shows a flag twice to one visitor and once to another, who does something."""
    lane.make.create("reported", ["gold", "rest"], clientSideAvailability=VISIBLE)
    lane.make.on("reported", 1, lane.make.rule("reported", 0, flags.clause("plan", "in", ["gold"])))
    # What evaluates is counted, so that no evaluation is spent on waiting for the flag.
    sdk_data(lane.rest, lane.environment["apiKey"], lambda data: data["flags"].get("reported", {}).get("on"))
    ann, bob = flags.user("reported-ann", plan="gold"), flags.user("reported-bob", name="Bob")
    assert connect(lane, "reporter", context=ann)["initialized"]
    for _ in range(2):
        assert lane.ask("evaluate", client="reporter", flag="reported", default=None)["value"] == "gold"
    lane.ask("identify", client="reporter", context=bob)
    assert lane.ask("evaluate", client="reporter", flag="reported", default=None)["value"] == "rest"
    lane.ask("track", client="reporter", event="reported", data={"n": 1}, metric=2.5)
    lane.ask("flush", client="reporter")
    lane.ask("close", client="reporter")
    reported = Reported(lane.rest)
    reported.comes_to(name_of(lane.sdk), "reported", {0: 2, 1: 1}, contexts=[ann, bob], event="reported")


def test_what_it_reports_is_told(lane):
    """Events are not only accepted: contexts, evaluations and senders are what the SDK had."""
    report(lane)


def test_comes_back_after_the_server_was_killed(lane):
    lane.server.kill()
    lane.server.start()
    lane.make.change("switch", {"kind": "turnFlagOff"})
    arrives(lane, "switch", False)
    lane.make.on("switch")
    arrives(lane, "switch", True)


def test_can_put_the_context_into_a_body(lane):
    assert connect(lane, "report", useReport=True) == {"initialized": True, "error": None}
    arrives(lane, "plan", "gold", "report")
    lane.make.change("switch", {"kind": "turnFlagOff"})
    arrives(lane, "switch", False, "report")
    lane.ask("close", client="report")


def test_an_unknown_environment_is_refused(lane):
    answer = connect(lane, "bad", envId="0" * 24)
    assert answer["initialized"] is False
    assert answer["error"]
    assert lane.ask("evaluate", client="bad", flag="switch", default="mine")["value"] == "mine"
    # The good client beside it is unharmed.
    assert lane.ask("evaluate", flag="switch", default=None)["value"] is False


def test_secure_mode_wants_proof(lane):
    lane.secure(True)
    try:
        assert connect(lane, "unproved")["initialized"] is False
        assert connect(lane, "wrong", hash=lane.proof(FREE))["initialized"] is False
        assert connect(lane, "proved", hash=lane.proof(GOLD)) == {"initialized": True, "error": None}
        arrives(lane, "plan", "gold", "proved")
        lane.make.on("switch")
        arrives(lane, "switch", True, "proved")
    finally:
        lane.secure(False)


def test_begins_with_what_the_page_was_rendered_with(lane):
    lane.make.change("switch", {"kind": "turnFlagOff"})
    headers = {"Authorization": lane.environment["apiKey"]}
    status, _, page = lane.rest.exchange("POST", "/sdk/bootstrap/context?withReasons=true", GOLD, headers=headers)
    assert status == 200 and page["$valid"] is True
    # Nothing answers there: what the SDK says it has from the page.
    nowhere = f"http://127.0.0.1:{free_port()}"
    connect(lane, "offline", bootstrap=page, baseUrl=nowhere)
    rule = lane.rest.get("/api/v2/flags/default/plan", env="test")["environments"]["test"]["rules"][0]["_id"]
    matched = {"kind": "RULE_MATCH", "ruleIndex": 0, "ruleId": rule}
    seen = lane.ask("evaluate", client="offline", flag="plan", default=None)
    assert seen == {"value": "gold", "variation": 1, "reason": matched}
    assert lane.ask("evaluate", client="offline", flag="switch", default=None)["reason"] == {"kind": "OFF"}
    assert not set(lane.ask("all-flags", client="offline")["flags"]) & {"gate", "$flagsState", "$valid"}
    lane.ask("close", client="offline")
    # And goes on from there.
    connect(lane, "page", bootstrap=page)
    assert lane.ask("evaluate", client="page", flag="plan", default=None)["value"] == "gold"
    lane.make.on("switch")
    arrives(lane, "switch", True, "page")
    lane.ask("close", client="page")


def test_only_the_newer_data_system_is_used_where_it_is_on(lane):
    routes = {route for route, status in sdk_requests(lane.server) if "eval" in route and status == 200}
    # With it, the SDK takes no notice of `useReport`.
    newer = {"/sdk/poll/eval/{*context}", "/sdk/stream/eval/{*context}"}
    if "fdv2" in lane.sdk:
        assert "/sdk/stream/eval/{*context}" in routes and routes <= newer, routes
    else:
        assert routes and not routes & newer, routes


@pytest.mark.xdist_group("client-js-fdv2-polling")
def test_the_newer_data_system_by_polling(tmp_path):
    site = Site(tmp_path)
    try:
        site.sdk, site.ask = "js-fdv2-polling", site.driver("js-fdv2-polling")
        assert connect(site) == {"initialized": True, "error": None}
        arrives(site, "plan", "gold")
        site.make.on("switch")
        site.befriend("ada")
        # The SDK polls every 30 s at most: both changes come with the next poll.
        arrives(site, "switch", True)
        arrives(site, "friend", "yes")
        site.ask("identify", context=FREE)
        arrives(site, "plan", "rest")
        routes = {route for route, status in sdk_requests(site.server) if "eval" in route and status == 200}
        assert routes == {"/sdk/poll/eval/{*context}"}
        report(site)
        refused = connect(site, "bad", envId="0" * 24)
        assert refused["initialized"] is False and refused["error"], refused
        assert site.ask("evaluate", client="bad", flag="switch", default="mine")["value"] == "mine"
        site.server.kill()
        site.server.start()
        site.make.change("switch", {"kind": "turnFlagOff"})
        arrives(site, "switch", False)
    finally:
        site.close()


@pytest.mark.xdist_group("client-react")
def test_react_shows_flags_and_changes(tmp_path):
    site = Site(tmp_path)
    try:
        react = site.driver("react")
        common = {"envId": site.environment["_id"], "baseUrl": site.server.url, "context": GOLD}
        assert react("init", timeoutMs=20_000, **common)["initialized"]

        def shows(flag, value):
            answer = react("wait-for", flag=flag, value=value, timeoutMs=WITHIN_MS)
            assert answer["met"], answer

        shows("plan", "gold")
        shows("switch", False)
        site.make.on("switch")
        shows("switch", True)
        site.server.kill()
        site.server.start()
        site.befriend("ada")
        shows("friend", "yes")

        react("track", event="reported", data={"n": 1}, metric=2.5)
        react("flush")
        reported = Reported(site.rest)
        assert eventually(lambda: reported.context(GOLD), bool) == GOLD
        # How often a component is rendered, and so reads its flags, is React's affair.
        assert eventually(lambda: reported.evaluations("plan"), bool).keys() == {1}
        assert eventually(lambda: reported.evaluations("friend"), lambda counts: 0 in counts)
        assert reported.status("plan") == "active"
        assert eventually(lambda: reported.events("reported"), bool) == 1
        reported.lists(name_of("react"))

        # In a page of its own, since a page has one provider.
        bad = site.driver("react")
        refused = bad("init", timeoutMs=20_000, **{**common, "envId": "0" * 24})
        assert refused["initialized"] is False and refused["error"], refused
        assert bad("evaluate", flag="plan", default="mine")["value"] == "mine"
        site.make.change("switch", {"kind": "turnFlagOff"})
        shows("switch", False)
    finally:
        site.close()
