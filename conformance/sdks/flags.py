"""The flags every SDK evaluates, and what each must answer.

The expected answers are written by hand; only rule ids (the server mints them) and rollouts (their
salts are the server's) are looked up in what the server says.
"""

from dataclasses import dataclass, field

PROJECT, ENVIRONMENT, OTHER_ENVIRONMENT = "default", "test", "production"
LIMITS = {"max": 10, "ratio": 0.5, "nested": {"list": [1, "two", None, True], "empty": {}}, "name": "Größe ✓ 日本"}
RULED = [f"rule {i}" for i in range(9)] + ["no rule"]


def _variations(values):
    return [{"value": v, "name": f"variation {i}"} for i, v in enumerate(values)]


def clause(attribute, op, values, kind="user", negate=False):
    return {"contextKind": kind, "attribute": attribute, "op": op, "values": values, "negate": negate}


class FlagMaker:
    """Creates flags and changes their configuration in one environment, by semantic patch."""

    def __init__(self, rest, project=PROJECT, environment=ENVIRONMENT):
        self.rest, self.project, self.environment = rest, project, environment
        self.ids = {}

    def create(self, key, values=(True, False), **more):
        body = {"key": key, "name": f"Flag {key}", "variations": _variations(values), **more}
        flag = self.rest.create_flag(self.project, body)
        self.ids[key] = [v["_id"] for v in flag["variations"]]
        return flag

    def change(self, key, *instructions):
        return self.rest.instruct(self.project, key, list(instructions), self.environment)

    def on(self, key, fallthrough=None, *instructions):
        steps = [{"kind": "turnFlagOn"}, *instructions]
        if fallthrough is not None:
            steps.append(self.serve(key, fallthrough))
        return self.change(key, *steps)

    def serve(self, key, variation):
        return {"kind": "updateFallthroughVariationOrRollout", "variationId": self.ids[key][variation]}

    def weights(self, key, *weights):
        return dict(zip(self.ids[key], weights))

    def rule(self, key, variation, *clauses):
        return {"kind": "addRule", "variationId": self.ids[key][variation], "clauses": list(clauses)}

    def targets(self, key, variation, *values, kind="user"):
        step = {"kind": "addTargets", "variationId": self.ids[key][variation], "values": list(values)}
        return {**step, "contextKind": kind}

    def requires(self, key, variation):
        return {"kind": "addPrerequisite", "key": key, "variationId": self.ids[key][variation]}


def build(rest):
    """Makes the flags of the cases below."""
    make = FlagMaker(rest)
    make.create("switch-off")
    make.create("switch-on")
    make.on("switch-on", 0)
    make.create("greeting", ["hello", "bonjour", "héllo ✓ 日本"], defaults={"onVariation": 0, "offVariation": 2})
    make.on("greeting", 1)
    make.create("limits", [LIMITS, {}])
    make.on("limits", 0)
    make.create("number", [3, 2.5, 0])
    make.on("number", 0, make.targets("number", 1, "half"))
    make.create("no-off", ["a", "b"])
    rest.call(
        "PATCH",
        f"/api/v2/flags/{PROJECT}/no-off",
        [{"op": "replace", "path": f"/environments/{ENVIRONMENT}/offVariation", "value": None}],
    )
    make.create("targeted", ["first", "second", "rest"])
    make.on(
        "targeted",
        2,
        make.targets("targeted", 0, "ada", "grace"),
        make.targets("targeted", 1, "acme", kind="org"),
    )
    _build_ruled(make)
    _build_rollouts(make)
    _build_prerequisites(make)
    make.create("archived")
    make.on("archived", 0)
    make.change("archived", {"kind": "archiveFlag"})
    return make


def _build_ruled(make):
    make.create("ruled", RULED)
    rules = [
        [clause("country", "in", ["NZ", "AU"]), clause("plan", "in", ["gold"], kind="org")],
        [clause("/address/city", "startsWith", ["Wel"])],
        [clause("age", "greaterThanOrEqual", [18]), clause("beta", "in", [True], negate=True)],
        [clause("version", "semVerGreaterThan", ["2.0.0"])],
        [clause("signedUp", "before", ["2020-01-01T00:00:00Z"])],
        [clause("groups", "in", ["staff"])],
        [clause("email", "matches", ["@example\\.(com|org)$"])],
        [clause("name", "contains", ["日本"])],
        [clause("kind", "in", ["device"])],
    ]
    make.on("ruled", len(rules), *(make.rule("ruled", i, *clauses) for i, clauses in enumerate(rules)))


def _build_rollouts(make):
    kind = "updateFallthroughVariationOrRollout"
    make.create("rolled", ["a", "b", "c"])
    make.on("rolled", None, {"kind": kind, "rolloutWeights": make.weights("rolled", 20_000, 30_000, 50_000)})
    make.create("rolled-by-region", ["a", "b"])
    make.on(
        "rolled-by-region",
        None,
        {
            "kind": kind,
            "rolloutWeights": make.weights("rolled-by-region", 40_000, 60_000),
            "rolloutContextKind": "org",
            "rolloutBucketBy": "region",
        },
    )


def _build_prerequisites(make):
    make.create("gate")
    make.on("gate", 1, make.rule("gate", 0, clause("key", "in", ["vip"])))
    make.create("gated", ["open", "shut"])
    make.on("gated", 0, make.requires("gate", 0))
    make.create("gated-by-off", ["open", "shut"])
    # The off variation of a flag that is off does not satisfy a prerequisite.
    make.on("gated-by-off", 0, make.requires("switch-off", 1))


@dataclass
class Case:
    """One evaluation. `rule` names the index of the matching rule of the flag."""

    flag: str
    context: dict
    value: object
    variation: int | None
    kind: str
    reason: dict = field(default_factory=dict)
    default: object = "default"
    rule: int | None = None

    @property
    def id(self):
        return f"{self.flag}-{self.context.get('key') or 'multi'}"

    def expected(self, rest):
        reason = {"kind": self.kind, **self.reason}
        if self.rule is not None:
            rules = rest.get(f"/api/v2/flags/{PROJECT}/{self.flag}")["environments"][ENVIRONMENT]["rules"]
            reason |= {"ruleIndex": self.rule, "ruleId": rules[self.rule]["_id"]}
        return {"value": self.value, "variation": self.variation, "reason": reason}


def user(key, **attributes):
    return {"kind": "user", "key": key, **attributes}


def org(key, **attributes):
    return {"kind": "org", "key": key, **attributes}


def multi(**contexts):
    parts = {kind: {k: v for k, v in c.items() if k != "kind"} for kind, c in contexts.items()}
    return {"kind": "multi", **parts}


def _matches(rule, context):
    return Case("ruled", context, RULED[rule], rule, "RULE_MATCH", rule=rule)


def _matches_none(context):
    return Case("ruled", context, RULED[9], 9, "FALLTHROUGH")


ANYONE = user("anyone")
CASES = [
    Case("switch-off", ANYONE, False, 1, "OFF"),
    Case("switch-on", ANYONE, True, 0, "FALLTHROUGH"),
    Case("switch-on", {"kind": "device", "key": "d1"}, True, 0, "FALLTHROUGH"),
    Case("greeting", ANYONE, "bonjour", 1, "FALLTHROUGH"),
    Case("limits", ANYONE, LIMITS, 0, "FALLTHROUGH"),
    Case("number", ANYONE, 3, 0, "FALLTHROUGH"),
    Case("number", user("half"), 2.5, 1, "TARGET_MATCH"),
    Case("no-off", ANYONE, "default", None, "OFF"),
    Case("targeted", user("ada"), "first", 0, "TARGET_MATCH"),
    Case("targeted", user("grace", country="NZ"), "first", 0, "TARGET_MATCH"),
    Case("targeted", user("Ada"), "rest", 2, "FALLTHROUGH"),
    Case("targeted", org("acme"), "second", 1, "TARGET_MATCH"),
    Case("targeted", org("ada"), "rest", 2, "FALLTHROUGH"),
    Case("targeted", multi(user=user("zed"), org=org("acme")), "second", 1, "TARGET_MATCH"),
    _matches(0, multi(user=user("u", country="AU"), org=org("o", plan="gold"))),
    _matches_none(multi(user=user("u", country="AU"), org=org("o", plan="tin"))),
    _matches_none(user("kiwi", country="NZ", plan="gold")),
    _matches(1, user("nested", address={"city": "Wellington"})),
    _matches_none(user("flat", **{"/address/city": "Wellington"})),
    _matches(2, user("adult", age=18, beta=False)),
    _matches_none(user("beta-adult", age=40, beta=True)),
    _matches_none(user("beta-unknown", age=40)),
    _matches_none(user("age-text", age="40", beta=False)),
    _matches(3, user("semver", version="2.0.1-rc.1")),
    _matches_none(user("semver-equal", version="2.0.0")),
    _matches(4, user("early", signedUp="2019-12-31T23:59:59.999Z")),
    _matches(4, user("early-ms", signedUp=1_500_000_000_000)),
    _matches_none(user("late", signedUp="2020-01-01T00:00:01Z")),
    _matches(5, user("array", groups=["sales", "staff"])),
    _matches(6, user("regex", email="ada@example.org")),
    _matches_none(user("no-regex", email="ada@example.net")),
    _matches(7, user("unicode", name="in 日本 now")),
    _matches(8, {"kind": "device", "key": "d1"}),
    Case("gated", user("vip"), "open", 0, "FALLTHROUGH"),
    Case("gated", user("guest"), "shut", 1, "PREREQUISITE_FAILED", {"prerequisiteKey": "gate"}),
    Case("gated-by-off", user("vip"), "shut", 1, "PREREQUISITE_FAILED", {"prerequisiteKey": "switch-off"}),
    Case("archived", ANYONE, "default", None, "ERROR", {"errorKind": "FLAG_NOT_FOUND"}),
    Case("no-such-flag", ANYONE, 7, None, "ERROR", {"errorKind": "FLAG_NOT_FOUND"}, default=7),
]
