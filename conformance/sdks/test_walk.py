"""A random walk of changes to flags and segments by every route. After each step all five SDKs, connected by
streaming all the while, evaluate as Wigwag's own engine does."""

import random
import time

import pytest

import flags
from flags import clause, user
from harness.driver import Driver
from harness.rest import SEMANTIC_PATCH
from harness.server import Wigwag
from lane import SDKS

pytestmark = pytest.mark.xdist_group("walk")

SEED, STEPS, WITHIN_S = 20261122, 100, 60
FLAGS, SEGMENTS = ["walk-a", "walk-b", "walk-c"], ["many", "few"]
CONTEXTS = [user(f"u{n}", plan="gold" if n % 2 else "free") for n in range(8)]
BASE = f"/api/v2/projects/{flags.PROJECT}/environments/{flags.ENVIRONMENT}"


class Walk(random.Random):
    """Draws a step and takes it; a step that the state forbids leaves everything as it was."""

    def __init__(self, rest, make):
        super().__init__(SEED)
        self.rest, self.make, self.taken = rest, make, set()
        self.triggers = {key: self._trigger(key) for key in FLAGS}

    def _trigger(self, flag):
        body = {"integrationKey": "generic-trigger", "instructions": [{"kind": "turnFlagOn"}]}
        path = f"/api/v2/flags/{flags.PROJECT}/{flag}/triggers/{flags.ENVIRONMENT}"
        return "/webhook" + self.rest.call("POST", path, body)["triggerURL"].split("/webhook", 1)[1]

    def step(self):
        routes = {self.instruct: 5, self.patch: 2, self.segment: 4, self.included: 2, self.setting: 3, self.trigger: 2, self.copy: 1}
        [route] = self.choices(list(routes), list(routes.values()))
        route()
        self.taken.add(route.__name__)

    def instruct(self):
        key = self.choice(FLAGS)
        config = self.rest.get(f"/api/v2/flags/{flags.PROJECT}/{key}", env=flags.ENVIRONMENT)["environments"][flags.ENVIRONMENT]
        steps = [
            {"kind": self.choice(["turnFlagOn"] * 4 + ["turnFlagOff"])},
            self.make.serve(key, self.randrange(3)),
            self.make.rule(key, self.randrange(3), clause("", "segmentMatch", [self.choice(SEGMENTS)])),
            self.make.rule(key, self.randrange(3), clause("plan", "in", ["gold"])),
        ]
        if len(config["rules"]) > 2:
            steps = [{"kind": "removeRule", "ruleId": self.choice(config["rules"])["_id"]}]
        self.make.change(key, self.choice(steps))

    def patch(self):
        path = f"/environments/{flags.ENVIRONMENT}/fallthrough/variation"
        operation = {"op": "replace", "path": path, "value": self.randrange(3)}
        if self.random() < 0.5:
            operation = {"op": "replace", "path": f"/environments/{flags.ENVIRONMENT}/on", "value": self.random() < 0.8}
        self.rest.call("PATCH", f"/api/v2/flags/{flags.PROJECT}/{self.choice(FLAGS)}", [operation])

    def _segment(self):
        return f"/api/v2/segments/{flags.PROJECT}/{flags.ENVIRONMENT}/{self.choice(SEGMENTS)}"

    def segment(self):
        path, key = self._segment(), self.choice(CONTEXTS)["key"]
        there = key in self.rest.get(path)["included"]
        step = {"kind": "removeIncludedTargets" if there else "addIncludedTargets", "contextKind": "user", "values": [key]}
        if self.random() < 0.3:
            step = {"kind": "addRule", "clauses": [clause("plan", "in", [self.choice(["gold", "free"])])]}
        self.rest.call("PATCH", path, {"instructions": [step]}, SEMANTIC_PATCH)

    def included(self):
        path = self._segment()
        value = [c["key"] for c in CONTEXTS if self.random() < 0.4]
        self.rest.call("PATCH", path, [{"op": "replace", "path": "/included", "value": value}, {"op": "replace", "path": "/rules", "value": []}])

    def setting(self):
        key, flag = self.choice(CONTEXTS)["key"], self.choice(FLAGS)
        body = {"setting": self.choice([f"{flag} 0", f"{flag} 1", None])}
        status, _, answer = self.rest.exchange("PUT", f"{BASE}/contexts/user/{key}/flags/{flag}", body)
        assert status == 204, answer

    def trigger(self):
        status, _, answer = self.rest.exchange("POST", self.triggers[self.choice(FLAGS)], headers={"Authorization": ""})
        assert status == 200, answer

    def copy(self):
        body = {"source": {"key": flags.OTHER_ENVIRONMENT}, "target": {"key": flags.ENVIRONMENT}}
        self.rest.call("POST", f"/api/v2/flags/{flags.PROJECT}/{self.choice(FLAGS)}/copy", body)


def engine(rest):
    """What Wigwag's own engine gives every context: value and kind of reason by flag."""
    expected = []
    for context in CONTEXTS:
        items = rest.call("POST", f"{BASE}/flags/evaluate", context)["items"]
        found = {item["key"]: (item["_value"], item["reason"]["kind"]) for item in items}
        expected.append([found[key] for key in FLAGS])
    return expected


def evaluated(driver):
    items = [{"flag": key, "context": context, "default": None} for context in CONTEXTS for key in FLAGS]
    results = [(r["value"], r["reason"]["kind"]) for r in driver("evaluate-many", items=items)["results"]]
    return [results[n : n + len(FLAGS)] for n in range(0, len(results), len(FLAGS))]


def test_every_step_reaches_every_sdk(tmp_path):
    server, drivers = Wigwag(tmp_path).first_start(), {}
    try:
        rest = server.rest()
        make = flags.FlagMaker(rest)
        for key in SEGMENTS:
            rest.call("POST", f"/api/v2/segments/{flags.PROJECT}/{flags.ENVIRONMENT}", {"key": key, "name": key})
        for key in FLAGS:
            make.create(key, [f"{key} {n}" for n in range(3)])
        walk = Walk(rest, make)
        sdk_key = rest.environment(flags.PROJECT, flags.ENVIRONMENT)["apiKey"]
        common = {"sdkKey": sdk_key, "baseUrl": server.url, "mode": "streaming", "timeoutMs": 30_000}
        for sdk in SDKS:
            drivers[sdk] = Driver(sdk, tmp_path / f"{sdk}.err")
            assert drivers[sdk]("init", **common)["initialized"] is True
        seen_by_engine = set()
        for number in range(STEPS):
            walk.step()
            expected = engine(rest)
            seen_by_engine.add(str(expected))
            for sdk, driver in drivers.items():
                until = time.monotonic() + WITHIN_S
                while (seen := evaluated(driver)) != expected:
                    assert time.monotonic() < until, f"step {number}: {sdk} gives {seen}, not {expected}"
        assert len(walk.taken) == 7, f"a route was not taken: {walk.taken}"
        assert len(seen_by_engine) > STEPS // 4, "too few steps changed anything"
    finally:
        for driver in drivers.values():
            driver.close()
        server.close()
