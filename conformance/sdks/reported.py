"""What comes of an SDK's events: what the REST API tells of contexts, evaluations, senders and applications."""

import time

from flags import ENVIRONMENT, PROJECT

# What every driver says that it is part of.
APPLICATION, APPLICATION_VERSION = "conformance", "1.2"
# The SDKs' names for themselves.
NAMES = {
    "node": "NodeJSClient",
    "python": "PythonClient",
    "go": "GoClient",
    "java": "JavaClient",
    "rust": "RustServerClient",
    "php": "PHPClient",
    "js": "JSClient",
    "react": "JSClient",
    "node-client": "NodeClientSide",
}


def name_of(sdk):
    """The name that an SDK of this suite gives itself: the same in all its generations."""
    return NAMES["js" if sdk.startswith("js") else sdk.removesuffix("-old")]


def eventually(ask, holds, within=60):
    """The answer to `ask` once it is as it should be: events are taken in a moment later."""
    until = time.monotonic() + within
    while not holds(answer := ask()):
        assert time.monotonic() < until, f"after {within} s still {answer}"
        time.sleep(0.05)
    return answer


class Reported:
    def __init__(self, rest):
        self.rest = rest

    def _get(self, path):
        status, _, answer = self.rest.exchange("GET", f"/api/v2/{path}", headers={"LD-API-Version": "beta"})
        # There may be nothing of that name yet.
        assert status in (200, 404), answer
        return answer

    def _counts(self, path, label):
        """Sums of a series by one of its labels."""
        told, counts = self._get(path), {}
        for index, about in enumerate(told["metadata"]):
            counts[about[label]] = sum(point.get(str(index), 0) for point in told["series"])
        return counts

    def context(self, context):
        """A context of one kind as it was reported; none where it was not."""
        path = f"/api/v2/projects/{PROJECT}/environments/{ENVIRONMENT}/contexts/search"
        found = self.rest.call("POST", path, {"filter": f'kindKey anyOf ["{context["kind"]}:{context["key"]}"]'})
        return next((item["context"] for item in found["items"]), None)

    def status(self, flag):
        return self._get(f"flag-statuses/{PROJECT}/{ENVIRONMENT}/{flag}")["name"]

    def evaluations(self, flag):
        """How often each variation was served."""
        return self._counts(f"usage/evaluations/{PROJECT}/{ENVIRONMENT}/{flag}", "variation")

    def evaluated_by(self, flag):
        """Names of SDKs."""
        return self._counts(f"usage/evaluations/{PROJECT}/{ENVIRONMENT}/{flag}?groupBy=sdkName", "sdkName").keys()

    def events(self, key):
        """How many events with that key came."""
        path = "usage/experimentation-events?groupBy=eventKey&aggregationType=incremental"
        return self._counts(f"{path}&projectKey={PROJECT}&environmentKey={ENVIRONMENT}&eventKey={key}", "eventKey").get(key, 0)

    def senders(self, application=APPLICATION):
        """Name and version of each SDK that sent something for the application; for none, where that is empty."""
        seen = self._get("usage/sdk-versions/all")
        return {(sender["name"], sender["version"]) for sender in seen if sender["applicationId"] == application}

    def application_versions(self, application=APPLICATION):
        return [version["key"] for version in self._get(f"applications/{application}/versions").get("items", [])]

    def comes_to(self, sender, flag, evaluations, contexts, event=None, application=APPLICATION):
        """Waits until all that an SDK, named as it names itself, sent of one flag is told of, and compares it."""
        for context in contexts:
            found = eventually(lambda: self.context(context), bool)
            assert found == context, found
        enough = sum(evaluations.values())
        counted = eventually(lambda: self.evaluations(flag), lambda found: sum(found.values()) >= enough)
        assert counted == evaluations, counted
        names = self.evaluated_by(flag)
        assert names == {sender}, names
        assert self.status(flag) == "active", self.status(flag)
        if event:
            times = eventually(lambda: self.events(event), bool)
            assert times == 1, times
        self.lists(sender, application)

    def lists(self, sender, application=APPLICATION):
        """The SDK's version and its application's are told of."""
        mine = {version for name, version in self.senders(application) if name == sender}
        assert mine and all(version[0].isdigit() for version in mine), self.senders(application)
        assert not application or self.application_versions() == [APPLICATION_VERSION], self.application_versions()
