"""Drives the Python server SDK as it was before there were contexts (PyPI `ldclient-py`), by the commands of driver.py.

Started with the folder that it is installed in: the SDK of today has the same name.
"""

import json
import logging
import sys
import time
import traceback

sys.path.insert(0, sys.argv[1])

from ldclient import LDClient  # noqa: E402
from ldclient.config import Config  # noqa: E402

logging.disable(logging.CRITICAL)
CLIENTS = {}


def user(context):
    """A user context as a user: what has no place of its own is custom."""
    own = {name: context[name] for name in ["key", "name"] if name in context}
    return {**own, "custom": {name: value for name, value in context.items() if name not in ["kind", *own]}}


def evaluate(client, command):
    d = client.variation_detail(command["flag"], user(command["context"]), command.get("default"))
    return {"value": d.value, "variation": d.variation_index, "reason": d.reason}


def wait_for(client, command):
    until = time.monotonic() + command["timeoutMs"] / 1000
    while True:
        seen = evaluate(client, command)
        met = seen["value"] == command["expect"]["value"]
        if met or time.monotonic() > until:
            return {"met": met, "seen": seen}
        time.sleep(0.01)


def run(command):
    cmd, name = command["cmd"], command.get("client") or "main"
    if cmd == "init":
        base = command["baseUrl"]
        config = Config(command["sdkKey"], base_uri=base, stream_uri=base, events_uri=base)
        CLIENTS[name] = LDClient(config=config, start_wait=command["timeoutMs"] / 1000)
        return {"initialized": CLIENTS[name].is_initialized()}
    client = CLIENTS[name]
    if cmd == "evaluate":
        return evaluate(client, command)
    if cmd == "wait-for":
        return wait_for(client, command)
    if cmd == "track":
        client.track(command["event"], user(command["context"]), command.get("data"))
        return {}
    if cmd == "flush":
        client.flush()
        return {}
    if cmd == "close":
        CLIENTS.pop(name).close()
        return {}
    raise ValueError(f"unknown command {cmd}")


for line in sys.stdin:
    try:
        reply = {"ok": True, **run(json.loads(line))}
    except Exception:
        reply = {"ok": False, "error": traceback.format_exc()}
    print(json.dumps(reply), flush=True)
