"""Flag triggers and their URL."""

import re

import pytest

from api import refused
from harness.rest import SEMANTIC_PATCH


def instruct(api, project, flag, id, *instructions):
    body = {"instructions": list(instructions), "comment": "why"}
    return api.patchTriggerWorkflow(project, "dev", flag, id, body=body, headers={"Content-Type": SEMANTIC_PATCH})


def call(api, url, body=None):
    """Whoever has the URL may: no credential."""
    path = url.removeprefix(api.server.url)
    assert path != url
    return api.server.rest().exchange("POST", path, body, headers={"Authorization": ""})


@pytest.fixture
def flag(api, project):
    return api.new_flag(project)["key"]


def new_trigger(api, project, flag, kind="turnFlagOn"):
    body = {"integrationKey": "generic-trigger", "instructions": [{"kind": kind}], "comment": "for alerts"}
    return api.createTriggerWorkflow(project, "dev", flag, body=body)


def is_on(api, project, flag):
    return api.getFeatureFlag(project, flag)["environments"]["dev"]["on"]


def test_create_get_list_delete(api, project, flag):
    made = new_trigger(api, project, flag)
    assert re.fullmatch("[0-9a-f]{24}", made["_id"])
    assert made["enabled"] is True and made["_integrationKey"] == "generic-trigger"
    assert made["instructions"] == [{"kind": "turnFlagOn"}]
    assert made["_maintainerId"] == api.getMember("me")["_id"]
    assert not made["triggerURL"].endswith("***")
    got = api.getTriggerWorkflowById(project, flag, "dev", made["_id"])
    assert got["triggerURL"].endswith("***") and got["_id"] == made["_id"]
    assert [t["_id"] for t in api.getTriggerWorkflows(project, "dev", flag)["items"]] == [made["_id"]]
    api.deleteTriggerWorkflow(project, "dev", flag, made["_id"])
    with refused(404, "not_found"):
        api.getTriggerWorkflowById(project, flag, "dev", made["_id"])


def test_the_url_switches_the_flag(api, project, flag):
    on, off = new_trigger(api, project, flag), new_trigger(api, project, flag, "turnFlagOff")
    status, _, _ = call(api, on["triggerURL"], {"eventName": "An alert", "url": "https://example.com/1"})
    assert status == 200 and is_on(api, project, flag)
    got = api.getTriggerWorkflowById(project, flag, "dev", on["_id"])
    assert got["_triggerCount"] == 1 and got["_lastTriggeredAt"] > got["_creationDate"] - 1
    assert got["_recentTriggerBodies"][0]["jsonBody"]["eventName"] == "An alert"
    assert call(api, off["triggerURL"])[0] == 200 and not is_on(api, project, flag)
    assert call(api, on["triggerURL"][:-1] + "x")[0] == 404


def test_patch(api, project, flag):
    made = new_trigger(api, project, flag)
    assert instruct(api, project, flag, made["_id"], {"kind": "disableTrigger"})["enabled"] is False
    assert call(api, made["triggerURL"])[0] == 403 and not is_on(api, project, flag)
    assert instruct(api, project, flag, made["_id"], {"kind": "enableTrigger"})["enabled"] is True
    cycled = instruct(api, project, flag, made["_id"], {"kind": "cycleTriggerUrl"})
    assert not cycled["triggerURL"].endswith("***")
    assert call(api, made["triggerURL"])[0] == 404 and call(api, cycled["triggerURL"])[0] == 200
    replace = {"kind": "replaceTriggerActionInstructions", "value": [{"kind": "turnFlagOff"}]}
    assert instruct(api, project, flag, made["_id"], replace)["instructions"] == [{"kind": "turnFlagOff"}]
    with refused(400, "invalid_request"):
        instruct(api, project, flag, made["_id"], {"kind": "explode"})


def test_refusals(api, project, flag):
    with refused(400, "invalid_request"):
        body = {"integrationKey": "generic-trigger", "instructions": [{"kind": "addTargets"}]}
        api.createTriggerWorkflow(project, "dev", flag, body=body)
    for path in [("nope", "dev", flag), (project, "nope", flag), (project, "dev", "nope")]:
        with refused(404, "not_found"):
            api.getTriggerWorkflows(*path)
