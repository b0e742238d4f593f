"""A server with the flags of client_site.py and one SDK of either side, which is asked the same."""

import flags
from client_site import GOLD, VISIBLE, WITHIN_MS, Site
from lane import sdk_data
from reported import Reported

SERVER_SIDE = ["node", "python", "node-old", "python-old", "php"]


class OneSdk(Site):
    def __init__(self, sdk, folder):
        super().__init__(folder)
        self.sdk = sdk
        self.make.create("reported", ["gold", "rest"], clientSideAvailability=VISIBLE)
        self.make.on("reported", 1, self.make.rule("reported", 0, flags.clause("plan", "in", ["gold"])))
        sdk_data(self.rest, self.environment["apiKey"], lambda data: data["flags"].get("reported", {}).get("on"))
        self.ask = self.driver(sdk)

    @property
    def is_server_side(self):
        return self.sdk in SERVER_SIDE

    @property
    def address(self):
        """What the SDK is told."""
        return self.server.url

    def connect(self, client="main", key=None, context=GOLD):
        common = {"client": client, "baseUrl": self.address, "timeoutMs": 20_000}
        if self.is_server_side:
            return self.ask("init", sdkKey=key or self.environment["apiKey"], mode="streaming", **common)
        return self.ask("init", envId=key or self.environment["_id"], context=context, **common)

    def evaluate(self, flag, client="main", context=GOLD, default=None):
        return self.ask("evaluate", client=client, flag=flag, context=context, default=default)

    def sees(self, flag, value, client="main", context=GOLD):
        about = {"client": client, "flag": flag, "context": context, "default": None, "timeoutMs": WITHIN_MS}
        answer = self.ask("wait-for", value=value, expect={"value": value}, **about)
        assert answer["met"], answer

    def rule_of(self, flag):
        """The reason of whoever the first rule of a flag matches."""
        rules = self.rest.get(f"/api/v2/flags/default/{flag}", env="test")["environments"]["test"]["rules"]
        return {"kind": "RULE_MATCH", "ruleIndex": 0, "ruleId": rules[0]["_id"]}

    def report(self, client, ann, bob):
        """Shows the flag `reported` twice to one visitor and once to another, who does something."""
        assert self.connect(client, context=ann)["initialized"]
        for _ in range(2):
            assert self.evaluate("reported", client, ann)["value"] == "gold"
        if not self.is_server_side:
            self.ask("identify", client=client, context=bob)
        assert self.evaluate("reported", client, bob)["value"] == "rest"
        self.ask("track", client=client, event=client, context=bob, data={"n": 1}, metric=2.5)
        self.ask("flush", client=client)
        self.ask("close", client=client)

    def reported(self):
        return Reported(self.rest)
