"""Drives the official AI SDK for Python, on the Python server SDK.

Commands: `init`; `config` gives the configuration `config` for `context` with `variables` put into its messages;
`wait-for` the same once its model is `model`; `run` records what a generation reports and sends it.
"""

import json
import logging
import sys
import time
import traceback
from base64 import urlsafe_b64decode

from ldai.client import LDAIClient
from ldai.models import AICompletionConfigDefault, ModelConfig
from ldai.tracker import FeedbackKind, TokenUsage
from ldclient import Context, LDClient
from ldclient.config import Config

DEFAULT = AICompletionConfigDefault(enabled=False, model=ModelConfig("fallback"))
logging.disable(logging.CRITICAL)


class Session:
    def init(self, command):
        base, events = command["baseUrl"], command["eventsUrl"]
        config = Config(command["sdkKey"], base_uri=base, stream_uri=base, events_uri=events)
        self.client = LDClient(config, start_wait=command["timeoutMs"] / 1000)
        self.ai = LDAIClient(self.client)
        return {"initialized": self.client.is_initialized()}

    def fetch(self, command):
        context = Context.from_dict(command["context"])
        return self.ai.completion_config(command["config"], context, DEFAULT, command.get("variables"))

    def config(self, command):
        found = self.fetch(command)
        # What a tracker of this configuration says of it.
        track = json.loads(decoded(found.create_tracker().resumption_token))
        return {
            "enabled": found.enabled,
            "model": found.model and {k: v for k, v in found.model.to_dict().items() if v is not None},
            "provider": found.provider and found.provider.to_dict()["name"],
            "messages": found.messages and [message.to_dict() for message in found.messages],
            "variationKey": track.get("variationKey", ""),
            "version": track["version"],
        }

    def wait_for(self, command):
        until = time.monotonic() + command["timeoutMs"] / 1000
        while True:
            seen = self.config(command)
            met = seen["model"]["name"] == command["model"]
            if met or time.monotonic() > until:
                return {"met": met, "seen": seen}
            time.sleep(0.01)

    def run(self, command):
        tracker = self.fetch(command).create_tracker()
        tracker.track_duration(command["durationMs"])
        tracker.track_tokens(TokenUsage(total=12, input=5, output=7))
        tracker.track_success()
        tracker.track_feedback({"kind": FeedbackKind.Positive})
        self.client.flush()
        return {}


def decoded(token):
    return urlsafe_b64decode(token + "=" * (-len(token) % 4))


SESSION = Session()
for line in sys.stdin:
    try:
        command = json.loads(line)
        reply = {"ok": True, **getattr(SESSION, command["cmd"].replace("-", "_"))(command)}
    except Exception:
        reply = {"ok": False, "error": traceback.format_exc()}
    print(json.dumps(reply), flush=True)
