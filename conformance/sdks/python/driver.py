"""Drives the official Python server SDK: JSON-line commands on stdin, one JSON-line answer each on
stdout. The commands are described in ../../README.md."""

import json
import logging
import sys
import time
import traceback

from ldclient import Context, LDClient, datasystem
from ldclient.config import Config

# The SDK logs to one logger for all its clients.
LOGS = []


class Keep(logging.Handler):
    def emit(self, record):
        LOGS.append({"level": record.levelname.lower(), "message": record.getMessage()})


logging.getLogger("ldclient").addHandler(Keep(logging.WARNING))
logging.getLogger("ldclient").propagate = False


def data_system(mode):
    """The newer protocol, as the SDK uses it by default and by polling alone."""
    systems = {"fdv2-streaming": datasystem.default, "fdv2-polling": datasystem.polling}
    return systems[mode]().build() if mode in systems else None


class Session:
    def __init__(self, command):
        base = command["baseUrl"]
        more = {}
        if command.get("pollIntervalMs"):
            more["poll_interval"] = command["pollIntervalMs"] / 1000
        self.client = LDClient(
            Config(
                command["sdkKey"],
                base_uri=base,
                stream_uri=base,
                events_uri=command.get("eventsUrl") or base,
                application={"id": "conformance", "version": "1.2"},
                stream=command["mode"] == "streaming",
                datasystem_config=data_system(command["mode"]),
                **more,
            ),
            start_wait=command["timeoutMs"] / 1000,
        )

    def status(self):
        status = self.client.data_source_status_provider.status
        error = status.error
        return {
            "initialized": self.client.is_initialized(),
            "state": status.state.name,
            "lastError": error
            and {"kind": error.kind.name, "status": error.status_code or None, "message": error.message},
        }

    def evaluate(self, item):
        context = Context.from_dict(item["context"])
        d = self.client.variation_detail(item["flag"], context, item.get("default"))
        return {"value": d.value, "variation": d.variation_index, "reason": d.reason}


def meets(seen, expect):
    if "value" in expect and json.dumps(seen["value"]) != json.dumps(expect["value"]):
        return False
    if "variation" in expect and seen["variation"] != expect["variation"]:
        return False
    return all(seen["reason"].get(k) == v for k, v in expect.get("reason", {}).items())


def wait_for(session, command):
    """Looks every millisecond at first (latencies are measured), then less often."""
    start = time.monotonic()
    while True:
        seen = session.evaluate(command)
        at, elapsed = time.time() * 1000, time.monotonic() - start
        if meets(seen, command["expect"]):
            return {"met": True, "atMs": at, "seen": seen}
        if elapsed * 1000 > command["timeoutMs"]:
            return {"met": False, "atMs": at, "seen": seen}
        time.sleep(0.001 if elapsed < 3 else 0.025)


CLIENTS = {}


def run(command):
    cmd, name = command["cmd"], command.get("client") or "main"
    if cmd == "init":
        CLIENTS[name] = Session(command)
        return CLIENTS[name].status()
    session = CLIENTS[name]
    if cmd == "evaluate":
        return session.evaluate(command)
    if cmd == "evaluate-many":
        return {"results": [session.evaluate(item) for item in command["items"]]}
    if cmd == "wait-for":
        return wait_for(session, command)
    if cmd == "all-flags":
        state = session.client.all_flags_state(Context.from_dict(command["context"]), with_reasons=True)
        return {"valid": state.valid, "state": state.to_json_dict()}
    if cmd == "status":
        return session.status()
    if cmd == "track":
        context = Context.from_dict(command["context"])
        session.client.track(command["event"], context, command.get("data"), command.get("metric"))
        return {}
    if cmd == "flush":
        session.client.flush()
        return {}
    if cmd == "logs":
        return {"logs": LOGS}
    if cmd == "close":
        CLIENTS.pop(name).client.close()
        return {}
    raise ValueError(f"unknown command {cmd}")


for line in sys.stdin:
    try:
        reply = {"ok": True, **run(json.loads(line))}
    except Exception:
        reply = {"ok": False, "error": traceback.format_exc()}
    print(json.dumps(reply), flush=True)
