"""SDKs of workers at the edge, Cloudflare's and Vercel's. They ask no server: an entry of the platform's key-value store
has all flags, and whoever runs them keeps it as Wigwag has them, as docs/operate/edge-workers.md shows. A map stands for
the store."""

import json

import pytest

import flags
from harness.bucket import rolled
from harness.driver import Driver
from harness.server import Wigwag
from lane import settled_data
from reported import Reported, eventually

SDKS = ["cloudflare", "vercel"]


class Edge:
    def __init__(self, sdk, folder):
        self.sdk, self.folder = sdk, folder
        self.server = Wigwag(folder).first_start()
        self.rest = self.server.rest()
        self.make = flags.build(self.rest)
        self.environment = self.rest.environment(flags.PROJECT, flags.ENVIRONMENT)
        self.drivers = []
        self.ask = self.worker()

    def worker(self):
        driver = Driver(self.sdk, self.folder / "driver.err")
        self.drivers.append(driver)
        return driver

    def served(self):
        """What a server SDK polls, when all changes so far are in it: that, as it is, is the entry."""
        return settled_data(self.make, self.environment["apiKey"])

    def fill(self, ask=None):
        (ask or self.ask)("put", key=f"LD-Env-{self.environment['_id']}", text=json.dumps(self.served()))

    def evaluate(self, flag, context=flags.ANYONE, default="default", ask=None):
        return (ask or self.ask)("evaluate", flag=flag, context=context, default=default)

    def close(self):
        for driver in self.drivers:
            driver.close()
        self.server.close()


@pytest.fixture(scope="module", params=[pytest.param(s, marks=pytest.mark.xdist_group(s)) for s in SDKS])
def edge(request, tmp_path_factory):
    edge = Edge(request.param, tmp_path_factory.mktemp(request.param))
    edge.fill()
    assert edge.ask("init", envId=edge.environment["_id"])["initialized"]
    yield edge
    edge.close()


@pytest.mark.parametrize("case", flags.CASES, ids=lambda c: c.id)
def test_evaluates_with_reason(edge, case):
    assert edge.evaluate(case.flag, case.context, case.default) == case.expected(edge.rest)


def test_rolls_out(edge):
    flag = edge.served()["flags"]["rolled"]
    keys = [f"user-{i}" for i in range(50)]
    seen = [edge.evaluate("rolled", flags.user(key))["variation"] for key in keys]
    assert seen == [rolled(flag, flag["fallthrough"]["rollout"], key) for key in keys]


def test_sees_changes_when_the_store_has_them(edge):
    edge.make.on("switch-off")
    before = edge.evaluate("switch-off")
    edge.fill()
    assert (before["value"], edge.evaluate("switch-off")["value"]) == (False, True)


def test_goes_on_without_the_server(edge):
    before = edge.served()
    edge.server.kill()
    assert edge.evaluate("greeting")["value"] == "bonjour"
    edge.server.start()
    assert edge.served().keys() == before.keys()
    edge.make.change("switch-off", {"kind": "turnFlagOff"})
    edge.fill()
    assert edge.evaluate("switch-off")["value"] is False


def test_an_environment_that_is_not_in_the_store(edge):
    ask = edge.worker()
    ask("init", envId="0" * 24)
    assert edge.evaluate("greeting", ask=ask)["value"] == "default"


def test_whether_the_entry_must_change_can_be_asked(edge):
    """The tag is that of the contents: a job that fills stores need not write what has not changed."""
    headers = {"Authorization": edge.environment["apiKey"]}
    edge.served()
    status, answer, _ = edge.rest.exchange("GET", "/sdk/latest-all", headers=headers)
    tag = answer["ETag"]
    again, _, _ = edge.rest.exchange("GET", "/sdk/latest-all", headers={**headers, "If-None-Match": tag})
    edge.make.on("switch-off")
    edge.served()
    changed, _, _ = edge.rest.exchange("GET", "/sdk/latest-all", headers={**headers, "If-None-Match": tag})
    assert (status, again, changed) == (200, 304, 200)


def test_what_vercels_reports_is_told(edge):
    if edge.sdk == "cloudflare":
        pytest.skip("this version reports nothing that names its environment")
    ask = edge.worker()
    edge.fill(ask)
    ann = flags.user("edge-ann", name="Ann")
    assert ask("init", envId=edge.environment["_id"], eventsUrl=edge.server.url)["initialized"]
    edge.evaluate("greeting", ann, ask=ask)
    ask("track", event="edge", context=ann, data={"n": 1}, metric=2.5)
    ask("flush")
    reported = Reported(edge.rest)
    assert eventually(lambda: reported.context(ann), bool) == ann
    assert eventually(lambda: reported.evaluations("greeting"), bool) == {1: 1}
    assert eventually(lambda: reported.events("edge"), bool) == 1
    assert reported.status("greeting") == "active"
    assert "VercelEdgeSDK" in {name for name, _ in reported.senders("")}, reported.senders("")
