"""Official SDKs behind a relay: ours, and LaunchDarkly's Relay Proxy. Both follow Wigwag by automatic configuration.

The tests of a lane run in the order of this file, on one client.
"""

import uuid

import pytest

import flags
from client_site import VISIBLE
from harness.server import Relay, RelayProxy
from one_sdk import OneSdk
from reported import name_of

RELAYS = {"relay": Relay, "relay-proxy": RelayProxy}
SDKS = ["node", "python", "js", "node-client"]
EVERYTHING = [{"effect": "allow", "actions": ["*"], "resources": ["proj/*:env/*"]}]


class Behind(OneSdk):
    """A server, a relay that follows it, and one SDK that knows only the relay."""

    def __init__(self, relay, sdk, folder):
        super().__init__(sdk, folder)
        self.is_ours = relay == "relay"
        config = {"name": "conformance", "policy": EVERYTHING}
        key = self.rest.call("POST", "/api/v2/account/relay-auto-configs", config)["fullKey"]
        self.relay = RELAYS[relay](folder / "relay", self.server.url, key).first_start()

    @property
    def address(self):
        return self.relay.url

    @property
    def sender(self):
        """Who sent the events: the Relay Proxy does not pass on who sent them to it."""
        return name_of(self.sdk) if self.is_ours else "GoClient"

    def close(self):
        super().close()
        if hasattr(self, "relay"):
            self.relay.close()


def lanes():
    for relay in RELAYS:
        for sdk in SDKS:
            yield pytest.param((relay, sdk), id=f"{relay}-{sdk}", marks=pytest.mark.xdist_group(f"{relay}-{sdk}"))


@pytest.fixture(scope="module", params=lanes())
def lane(request, tmp_path_factory):
    relay, sdk = request.param
    lane = Behind(relay, sdk, tmp_path_factory.mktemp(f"{relay}-{sdk}"))
    yield lane
    lane.close()


def test_initialises_and_evaluates(lane):
    assert lane.connect()["initialized"] is True
    assert lane.evaluate("plan") == {"value": "gold", "variation": 1, "reason": lane.rule_of("plan")}
    assert lane.evaluate("switch") == {"value": False, "variation": 1, "reason": {"kind": "OFF"}}
    hidden = lane.evaluate("gate", default="mine")
    assert hidden["value"] == (False if lane.is_server_side else "mine"), hidden


def test_changes_arrive_through_both(lane):
    lane.make.on("switch")
    lane.sees("switch", True)
    lane.befriend("ada")
    lane.sees("friend", "yes")
    lane.make.create("born", ["later", "never"], clientSideAvailability=VISIBLE)
    lane.make.on("born", 0)
    lane.sees("born", "later")
    lane.rest.delete_flag("default", "born")
    lane.sees("born", None)


def test_a_bad_key_is_refused(lane):
    key = f"sdk-{uuid.uuid4()}" if lane.is_server_side else "0" * 24
    assert lane.connect("bad", key=key)["initialized"] is False
    assert lane.evaluate("plan", "bad", default="mine")["value"] == "mine"
    # The good client beside it goes on.
    assert lane.evaluate("plan")["value"] == "gold"


def test_events_arrive_at_the_server(lane):
    ann, bob = flags.user("relayed-ann", plan="gold"), flags.user("relayed-bob", name="Bob")
    lane.report("relayed", ann, bob)
    lane.reported().comes_to(lane.sender, "reported", {0: 2, 1: 1}, contexts=[ann, bob], event="relayed")


def test_goes_on_without_the_server_and_catches_up(lane):
    lane.server.kill()
    assert lane.evaluate("plan")["value"] == "gold"
    # Whoever connects meanwhile gets what the relay knows.
    assert lane.connect("meanwhile")["initialized"] is True
    assert lane.evaluate("friend", "meanwhile")["value"] == "yes"
    lane.server.start()
    lane.make.change("switch", {"kind": "turnFlagOff"})
    for client in ["main", "meanwhile"]:
        lane.sees("switch", False, client)
    lane.ask("close", client="meanwhile")


def test_comes_back_after_the_relay_was_killed(lane):
    lane.relay.kill()
    lane.make.on("switch")
    lane.relay.start()
    lane.sees("switch", True)
    lane.make.change("switch", {"kind": "turnFlagOff"})
    lane.sees("switch", False)


def test_a_relay_that_starts_alone_serves_what_it_knew_and_keeps_events(lane):
    if not lane.is_ours:
        pytest.skip("the Relay Proxy does so only with a database")
    lane.server.kill()
    # Killed, it may lack what it heard of in its last seconds.
    assert lane.relay.stop() == 0
    lane.relay.start()
    assert lane.connect("alone")["initialized"] is True
    lane.sees("friend", "yes", "alone")
    ann, bob = flags.user("kept-ann", plan="gold"), flags.user("kept-bob", name="Bob")
    lane.report("kept", ann, bob)
    lane.server.start()
    lane.reported().comes_to(lane.sender, "reported", {0: 4, 1: 2}, contexts=[ann, bob], event="kept")
    lane.make.on("switch")
    for client in ["main", "alone"]:
        lane.sees("switch", True, client)
