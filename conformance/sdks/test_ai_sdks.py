"""The AI SDKs for Node and Python: a configuration is a JSON flag whose variations carry `_ldMeta`, a model and messages."""

import uuid

import pytest

from flags import ENVIRONMENT, PROJECT, FlagMaker, clause, user
from harness.driver import Driver
from harness.recorder import Recorder
from harness.server import Wigwag
from reported import Reported, eventually

SDKS = ["ai-node", "ai-python"]
WITHIN_MS = 60_000
CONFIG = "welcome"


def variation(name, version=1, enabled=True):
    return {
        "_ldMeta": {"enabled": enabled, "variationKey": f"{name}-variation", "version": version, "mode": "completion"},
        "model": {"name": name, "parameters": {"temperature": 0.5, "maxTokens": 100}, "custom": {"seat": 4}},
        "provider": {"name": "openai"},
        "messages": [{"role": "system", "content": "Greet {{ldctx.key}} in {{language}}."}],
    }


class AiLane:
    def __init__(self, sdk, folder):
        self.sdk = sdk
        self.server = Wigwag(folder).first_start()
        self.rest = self.server.rest()
        self.make = make = FlagMaker(self.rest)
        make.create(CONFIG, [variation("small"), variation("large"), {"_ldMeta": {"enabled": False}}])
        make.on(CONFIG, 0, make.rule(CONFIG, 1, clause("plan", "in", ["gold"])))
        self.events = Recorder(self.server.url)
        self.driver = Driver(sdk, folder / "driver.err")
        self.bad = Driver(sdk, folder / "bad.err")
        assert self.connect(self.driver, self.rest.environment(PROJECT, ENVIRONMENT)["apiKey"])["initialized"]

    def connect(self, driver, key):
        return driver("init", sdkKey=key, baseUrl=self.server.url, eventsUrl=self.events.url, timeoutMs=WITHIN_MS)

    def config(self, context=user("ada"), key=CONFIG):
        return self.driver("config", config=key, context=context, variables={"language": "Norsk"})

    def sees_model(self, name):
        answer = self.driver("wait-for", config=CONFIG, context=user("ada"), model=name, timeoutMs=WITHIN_MS)
        assert answer["met"], answer
        return answer["seen"]

    def custom_events(self):
        bulk = [e for e in self.events.exchanges if e.path == "/bulk"]
        return {e["key"]: e for exchange in bulk for e in exchange.request if e["kind"] == "custom"}

    def close(self):
        self.driver.close()
        self.bad.close()
        self.events.close()
        self.server.close()


@pytest.fixture(scope="module", params=[pytest.param(s, marks=pytest.mark.xdist_group(s)) for s in SDKS])
def ai(request, tmp_path_factory):
    lane = AiLane(request.param, tmp_path_factory.mktemp(request.param))
    yield lane
    lane.close()


def test_fetches_a_configuration(ai):
    seen = ai.config()
    assert seen == {
        "enabled": True,
        "model": {"name": "small", "parameters": {"temperature": 0.5, "maxTokens": 100}, "custom": {"seat": 4}},
        "provider": "openai",
        "messages": [{"role": "system", "content": "Greet ada in Norsk."}],
        "variationKey": "small-variation",
        "version": 1,
    }


def test_targeting_chooses_the_variation(ai):
    assert ai.config(user("bob", plan="gold"))["model"]["name"] == "large"


def test_falls_back_where_there_is_none(ai):
    seen = ai.config(key="nobody-made-it")
    assert (seen["enabled"], seen["model"]["name"]) == (False, "fallback")


def test_sees_changes(ai):
    ai.make.change(CONFIG, ai.make.serve(CONFIG, 1))
    assert ai.sees_model("large")["variationKey"] == "large-variation"
    # A new version of the same variation.
    changed = {**variation("larger", version=2), "messages": []}
    ai.rest.call(
        "PATCH",
        f"/api/v2/flags/{PROJECT}/{CONFIG}",
        [{"op": "replace", "path": "/variations/1/value", "value": changed}],
    )
    seen = ai.sees_model("larger")
    assert (seen["version"], seen["messages"] or []) == (2, [])


def test_what_it_tracks_arrives(ai):
    ai.driver("run", config=CONFIG, context=user("ada"), variables={}, durationMs=250)
    expected = {
        "$ld:ai:duration:total": 250,
        "$ld:ai:tokens:total": 12,
        "$ld:ai:tokens:input": 5,
        "$ld:ai:tokens:output": 7,
        "$ld:ai:generation:success": 1,
        "$ld:ai:feedback:user:positive": 1,
    }
    assert ai.events.wait_for(lambda _: expected.keys() <= ai.custom_events().keys()), ai.custom_events().keys()
    sent = ai.custom_events()
    assert {key: sent[key]["metricValue"] for key in expected} == expected
    about = sent["$ld:ai:duration:total"]["data"]
    assert (about["configKey"], about["variationKey"], about["modelName"]) == (CONFIG, "larger-variation", "larger")
    assert {e.status for e in ai.events.exchanges} == {202}
    reported = Reported(ai.rest)
    assert eventually(lambda: reported.events("$ld:ai:generation:success"), bool) == 1
    assert eventually(lambda: reported.context(user("ada")), bool) == user("ada")
    assert eventually(lambda: reported.status(CONFIG), lambda status: status != "new") == "active"


def test_comes_back_after_the_server_was_killed(ai):
    ai.server.kill()
    ai.server.start()
    ai.make.change(CONFIG, ai.make.serve(CONFIG, 0))
    assert ai.sees_model("small")["enabled"] is True


def test_a_bad_key_is_refused(ai):
    assert ai.connect(ai.bad, f"sdk-{uuid.uuid4()}")["initialized"] is False
    seen = ai.bad("config", config=CONFIG, context=user("ada"), variables={})
    assert (seen["enabled"], seen["model"]["name"]) == (False, "fallback")
    # The good client beside it goes on.
    assert ai.config()["model"]["name"] == "small"
