"""Account usage and applications: what the client makes of every answer."""

import time

from api import refused
from test_contexts import ANN, identify

SERIES = [
    "getAIRunsUsage",
    "getContextsClientsideUsage",
    "getContextsServersideUsage",
    "getContextsTotalUsage",
    "getDataExportEventsUsage",
    "getExperimentationEventsUsage",
    "getExperimentationKeysUsage",
    "getMAUClientsideUsage",
    "getMAUTotalUsage",
    "getMauUsage",
    "getMauUsageByCategory",
    "getObservabilityErrorsUsage",
    "getObservabilityLogsUsage",
    "getObservabilityMetricsUsage",
    "getObservabilitySessionsUsage",
    "getObservabilityTracesUsage",
    "getServiceConnectionsUsage",
    "getVegaAIUsage",
    "getWarehouseExportUsage",
]


def counters(flag):
    counter = {"value": True, "variation": 0, "version": 1, "count": 3}
    features = {flag: {"default": False, "contextKinds": ["user"], "counters": [counter]}}
    now = int(time.time() * 1000)
    return {"kind": "summary", "startDate": now - 10, "endDate": now, "features": features}


def bought():
    return {"kind": "custom", "key": "bought", "creationDate": int(time.time() * 1000), "contextKeys": {"user": "ann"}}


def last(answer):
    return {name: value for name, value in answer["series"][-1].items() if name != "time"}


def test_series(api, project):
    flag = api.new_flag(project)["key"]
    api.send_events(project, identify(ANN), counters(flag), bought())
    answer = api.eventually(lambda: api.getEvaluationsUsage(project, "dev", flag), lambda found: found["series"])
    assert last(answer) == {"0": 3}
    with refused(404):
        api.getEvaluationsUsage(project, "dev", "none")
    for op in SERIES:
        answer = getattr(api, op)()
        assert {"metadata", "series"} <= answer.keys(), op
    assert last(api.getContextsTotalUsage(projectKey=project)) == {"0": 1}
    assert last(api.getEventsUsage("received"))["0"] >= 3
    assert api.getEventsUsage("published")["series"] == []
    for source in ["client", "server"]:
        api.getStreamUsage(source)
        api.getStreamUsageBySdkVersion(source)
        assert "sdkVersions" in api.getStreamUsageSdkversion(source)
    assert api.getMauSdksByType()["sdks"]
    api.getSdkAllVersions()
    api.getSdkVersionsDetails()
    ranking = api.getDataExportProjectRanking(**{"from": 1, "to": 2})
    assert ranking["items"] == [] and ranking["page"]["totalCount"] == 0


def test_applications(api, project):
    tags = {"X-LaunchDarkly-Tags": "application-id/shop application-version/1.2"}
    api.send_events(project, identify(ANN), headers=tags)
    ask = lambda: api.getApplications(filter='key equals "shop"')  # noqa: E731
    (shop,) = api.eventually(ask, lambda found: found["items"])["items"]
    assert (shop["kind"], shop["autoAdded"]) == ("server", True)
    api.patchApplication("shop", body=[{"op": "add", "path": "/description", "value": "Sells"}])
    assert api.getApplication("shop", expand="flags")["description"] == "Sells"
    (version,) = api.getApplicationVersions("shop")["items"]
    assert (version["key"], version["supported"]) == ("1.2", True)
    patch = [{"op": "replace", "path": "/supported", "value": False}]
    assert api.patchApplicationVersion("shop", "1.2", body=patch)["supported"] is False
    api.deleteApplicationVersion("shop", "1.2")
    assert api.getApplicationVersions("shop")["items"] == []
    api.deleteApplication("shop")
    with refused(404):
        api.getApplication("shop")
