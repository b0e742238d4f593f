"""All five SDKs side by side on one server, and Wigwag's own evaluator, over random flags."""

import json
import random
import subprocess

import pytest

import flags
from flags import clause
from harness.driver import Driver
from harness.paths import wigwag_binary
from harness.server import Wigwag
from lane import SDKS, settled_data

pytestmark = pytest.mark.xdist_group("agreement")

SEED = 20240415
FLAGS, CONTEXTS = 40, 60
WORDS = ["", "a", "b", "ab", "abc", "Ab", "é", "日本", "1", "true", "2.0.0", "10.2.0-rc.1"]
NUMBERS = [0, 1, -1, 2, 10, 0.5, 1.5, 99_999]
# Not among the numbers that rollouts may hash: the Java SDK hashes 32-bit integers only.
TIMES = ["2021-05-05T05:05:05Z", 1_620_191_105_000, "2021-05-05", 0, "2022-01-01T00:00:00+01:00"]
ATTRIBUTES = ["key", "name", "size", "when", "label", "flags", "/deep/er", "/deep/missing", "absent"]
TEXT_OPS = ["startsWith", "endsWith", "contains"]
NUMBER_OPS = ["lessThan", "lessThanOrEqual", "greaterThan", "greaterThanOrEqual"]
TIME_OPS = ["before", "after"]
VERSION_OPS = ["semVerEqual", "semVerLessThan", "semVerGreaterThan"]
KINDS = ["user", "org", "device"]


class Draw(random.Random):
    """Draws flags and contexts that meet each other often."""

    def value(self):
        return self.choice([self.choice(WORDS), self.choice(NUMBERS), self.random() < 0.5])

    def key(self):
        return f"key-{self.randrange(12)}"

    def context(self):
        kinds = self.sample(KINDS, self.choice([1, 1, 1, 2, 3]))
        parts = {kind: self.part() for kind in kinds}
        if len(parts) == 1:
            return {"kind": kinds[0], **parts[kinds[0]]}
        return {"kind": "multi", **parts}

    def part(self):
        part = {"key": self.key()}
        if self.random() < 0.7:
            part["name"] = self.choice(WORDS)
        for attribute in ["size", "label"]:
            if self.random() < 0.7:
                part[attribute] = self.value()
        if self.random() < 0.7:
            part["when"] = self.choice(TIMES)
        if self.random() < 0.5:
            part["flags"] = [self.value() for _ in range(self.randrange(4))]
        if self.random() < 0.5:
            part["deep"] = {"er": self.value()}
        return part

    def clause(self):
        kind, negate = self.choice(KINDS), self.random() < 0.3
        if self.random() < 0.3:
            return clause("key", "in", [self.key() for _ in range(4)], kind, negate)
        op = self.choice(["in"] * 4 + ["matches", *TEXT_OPS, *NUMBER_OPS, *TIME_OPS, *VERSION_OPS])
        values = [self.value() for _ in range(self.randrange(1, 4))]
        if op == "matches":
            values = [self.choice(["^a", "b$", "[0-9]+", "a.?c", "é|日"])]
        elif op in TIME_OPS:
            return clause("when", op, [self.choice(TIMES)], kind, negate)
        return clause(self.choice(ATTRIBUTES), op, values, kind, negate)

    def serve(self, make, key):
        """What a rule or the fallthrough serves: a variation, or a rollout over all of them."""
        ids = make.ids[key]
        if self.random() < 0.6:
            return {"variationId": self.choice(ids)}
        # Never nothing for the first: where the context lacks the rollout's kind, the Python and Java
        # SDKs serve the first entry even then, the others the first with a weight.
        first = self.randrange(1, 100_001)
        rest = [100_000 - first] + [0] * (len(ids) - 2)
        self.shuffle(rest)
        weights = [first, *rest]
        rollout = {"rolloutWeights": dict(zip(ids, weights)), "rolloutContextKind": self.choice(KINDS)}
        if self.random() < 0.5:
            rollout["rolloutBucketBy"] = self.choice(["name", "size", "/deep/er", "absent"])
        return rollout

    def flag(self, make, key, earlier):
        make.create(key, [f"{key} {i}" for i in range(self.randrange(2, 5))])
        steps = [{"kind": "turnFlagOn"}] if self.random() < 0.9 else []
        if earlier and self.random() < 0.15:
            other = self.choice(earlier)
            steps.append(make.requires(other, self.randrange(len(make.ids[other]))))
        # A key is targeted in one variation only, so each variation gets keys of its own.
        for variation in range(len(make.ids[key])):
            if self.random() < 0.3:
                keys = [f"key-{n}" for n in range(variation, 12, 4) if self.random() < 0.3]
                if keys:
                    steps.append(make.targets(key, variation, *keys, kind=self.choice(KINDS)))
        for _ in range(self.randrange(4)):
            clauses = [self.clause() for _ in range(self.choice([1, 1, 2]))]
            steps.append({"kind": "addRule", "clauses": clauses, **self.serve(make, key)})
        steps.append({"kind": "updateFallthroughVariationOrRollout", **self.serve(make, key)})
        make.change(key, *steps)


@pytest.fixture(scope="module")
def scene(tmp_path_factory):
    """Five connected drivers, the data they were given, and the evaluations to make."""
    folder = tmp_path_factory.mktemp("agreement")
    server, drivers, draw = Wigwag(folder).first_start(), {}, Draw(SEED)
    try:
        rest = server.rest()
        make, keys = flags.FlagMaker(rest), []
        for i in range(FLAGS):
            draw.flag(make, f"random-{i}", keys)
            keys.append(f"random-{i}")
        sdk_key = rest.environment(flags.PROJECT, flags.ENVIRONMENT)["apiKey"]
        data = settled_data(make, sdk_key)
        drivers = {sdk: Driver(sdk, folder / f"{sdk}.err") for sdk in SDKS}
        common = {"sdkKey": sdk_key, "baseUrl": server.url, "mode": "streaming", "timeoutMs": 30_000}
        for driver in drivers.values():
            assert driver("init", **common)["initialized"] is True
        contexts = [draw.context() for _ in range(CONTEXTS)]
        items = [{"flag": k, "context": c, "default": None} for k in keys for c in contexts]
        yield {"folder": folder, "drivers": drivers, "data": data, "items": items}
    finally:
        for driver in drivers.values():
            driver.close()
        server.close()


@pytest.fixture(scope="module")
def own(scene):
    """Wigwag's own answers, by `wigwag eval --batch` on the same data."""
    lines = []
    for item in scene["items"]:
        flag, data = scene["data"]["flags"][item["flag"]], scene["data"]
        line = {"flag": flag, "segments": data["segments"], "otherFlags": needed(flag, data["flags"])}
        lines.append(json.dumps({**line, "context": item["context"]}))
    done = subprocess.run(
        [wigwag_binary(), "eval", "--batch"], input="\n".join(lines) + "\n", text=True, capture_output=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return [as_seen(json.loads(line)) for line in done.stdout.splitlines()]


def needed(flag, all_flags):
    """The prerequisites of a flag, and theirs."""
    found, left = {}, [p["key"] for p in flag["prerequisites"]]
    while left:
        key = left.pop()
        if key not in found:
            found[key] = all_flags[key]
            left += [p["key"] for p in all_flags[key]["prerequisites"]]
    return found


def as_seen(answer):
    return {"value": answer["value"], "variation": answer.get("variationIndex"), "reason": answer["reason"]}


def test_the_drawn_flags_reach_every_kind_of_answer(own):
    kinds = {answer["reason"]["kind"] for answer in own}
    assert kinds == {"OFF", "FALLTHROUGH", "TARGET_MATCH", "RULE_MATCH", "PREREQUISITE_FAILED"}


@pytest.mark.parametrize("sdk", SDKS)
def test_sdk_agrees_with_wigwag(scene, own, sdk):
    results = scene["drivers"][sdk]("evaluate-many", items=scene["items"])["results"]
    assert len(results) == len(own) == FLAGS * CONTEXTS
    differing = [
        {"flag": item["flag"], "context": item["context"], sdk: theirs, "wigwag": ours}
        for item, theirs, ours in zip(scene["items"], results, own)
        if theirs != ours
    ]
    shown = json.dumps(differing[:3], indent=1, ensure_ascii=False)
    assert not differing, f"{len(differing)} of {len(own)} differ (seed {SEED}): {shown}"


def test_eval_of_exported_data_says_the_same(scene, own):
    """`wigwag eval --data FILE --context FILE --flag KEY`, for a few of the evaluations."""
    (scene["folder"] / "data.json").write_text(json.dumps(scene["data"]))
    for at in range(0, len(own), len(own) // 10):
        item = scene["items"][at]
        (scene["folder"] / "context.json").write_text(json.dumps(item["context"]))
        command = [wigwag_binary(), "eval", "--data", scene["folder"] / "data.json"]
        command += ["--context", scene["folder"] / "context.json", "--flag", item["flag"]]
        done = subprocess.run(command, text=True, capture_output=True, timeout=60)
        assert done.returncode == 0, done.stderr
        assert as_seen(json.loads(done.stdout)) == own[at]
