"""A server with flags for client-side SDKs, and the drivers that use it."""

import hashlib
import hmac

from harness.driver import Driver
from harness.rest import SEMANTIC_PATCH
from harness.server import Wigwag

from flags import ENVIRONMENT, PROJECT, FlagMaker, clause, user

VISIBLE = {"usingEnvironmentId": True, "usingMobileKey": True}
HIDDEN = {"usingEnvironmentId": False, "usingMobileKey": True}
GOLD = user("ada", plan="gold")
FREE = user("bob", plan="free")
# For what an SDK should see at once, or after it reconnects; never waited out when all is well.
WITHIN_MS = 60_000


class Site:
    def __init__(self, folder):
        self.folder = folder
        self.server = Wigwag(folder).first_start()
        self.rest = self.server.rest()
        self.make = make = FlagMaker(self.rest)
        self.segment = f"/api/v2/segments/{PROJECT}/{ENVIRONMENT}/friends"
        self.rest.call("POST", f"/api/v2/segments/{PROJECT}/{ENVIRONMENT}", {"key": "friends", "name": "friends"})
        make.create("switch", clientSideAvailability=VISIBLE)
        make.create("plan", ["base", "gold", "rest"], clientSideAvailability=VISIBLE)
        make.on("plan", 2, make.rule("plan", 1, clause("plan", "in", ["gold"])))
        make.create("limits", [{"max": 10, "list": [1, "zwölf"]}, {}], clientSideAvailability=VISIBLE)
        make.on("limits", 0)
        make.create("friend", ["yes", "no"], clientSideAvailability=VISIBLE)
        make.on("friend", 1, make.rule("friend", 0, clause("", "segmentMatch", ["friends"])))
        # Through a flag that browsers do not see.
        make.create("gate", clientSideAvailability=HIDDEN)
        make.create("gated", ["open", "closed"], clientSideAvailability=VISIBLE, defaults={"onVariation": 0, "offVariation": 1})
        make.on("gated", 0, make.requires("gate", 0))
        self.environment = self.rest.environment(PROJECT, ENVIRONMENT)
        self.drivers = []

    def driver(self, sdk):
        driver = Driver(sdk, self.folder / f"{sdk}.err")
        self.drivers.append(driver)
        return driver

    def befriend(self, *keys):
        step = {"kind": "addIncludedTargets", "contextKind": "user", "values": list(keys)}
        self.rest.call("PATCH", self.segment, {"instructions": [step]}, SEMANTIC_PATCH)

    def secure(self, on):
        path = f"/api/v2/projects/{PROJECT}/environments/{ENVIRONMENT}"
        self.rest.call("PATCH", path, [{"op": "replace", "path": "/secureMode", "value": on}])

    def proof(self, context):
        key = self.environment["apiKey"].encode()
        return hmac.new(key, context["key"].encode(), hashlib.sha256).hexdigest()

    def close(self):
        for driver in self.drivers:
            driver.close()
        self.server.close()
