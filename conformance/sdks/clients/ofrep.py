"""OpenFeature's Python SDK over the remote evaluation protocol, by the commands of driver.mjs."""

import json
import sys
import time

from openfeature import api
from openfeature.contrib.provider.ofrep import OFREPProvider
from openfeature.evaluation_context import EvaluationContext

FALLBACK = {"boolean": False, "string": "", "number": 0, "object": {}}


def context(given):
    attributes = {name: value for name, value in given.items() if name != "targetingKey"}
    return EvaluationContext(given["targetingKey"], attributes)


class Ofrep:
    def init(self, command):
        headers = lambda: {"Authorization": f"Bearer {command['envId']}"}
        api.set_provider(OFREPProvider(command["baseUrl"], headers_factory=headers))
        self.client, self.context = api.get_client(), context(command["context"])
        return {"initialized": True, "error": None}

    def identify(self, command):
        self.context = context(command["context"])
        return {}

    def evaluate(self, command):
        type = command.get("type", "object")
        get = {
            "boolean": self.client.get_boolean_details,
            "string": self.client.get_string_details,
            "number": self.client.get_float_details,
            "object": self.client.get_object_details,
        }[type]
        found = get(command["flag"], FALLBACK[type], self.context)
        return {
            "value": found.value,
            "variant": found.variant,
            "reason": str(getattr(found.reason, "value", found.reason)),
            "errorCode": getattr(found.error_code, "value", found.error_code),
        }

    def wait_for(self, command):
        until = time.monotonic() + command["timeoutMs"] / 1000
        while True:
            seen = self.evaluate(command)
            if seen["value"] == command["value"] or time.monotonic() > until:
                return {"met": seen["value"] == command["value"], "seen": seen}
            time.sleep(0.02)


def main():
    ofrep = Ofrep()
    for line in sys.stdin:
        command = json.loads(line)
        try:
            reply = {"ok": True, **getattr(ofrep, command["cmd"].replace("-", "_"))(command)}
        except Exception as error:
            reply = {"ok": False, "error": repr(error)}
        print(json.dumps(reply), flush=True)


main()
