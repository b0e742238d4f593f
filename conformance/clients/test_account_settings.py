"""What an account has besides: webhooks, Relay Proxies, OAuth clients, announcements, allowed addresses,
audit log subscriptions, keys of SDKs."""

import pytest

from api import refused

FLAGS = [{"effect": "allow", "resources": ["proj/*:env/*:flag/*"], "actions": ["*"]}]
VIEW = [{"effect": "allow", "resources": ["proj/*:env/*"], "actions": ["*"]}]


def test_webhooks(api):
    body = {"name": "Hook", "url": "https://example.com/hook", "secret": "s3cret", "sign": True, "on": False}
    made = api.postWebhook(body={**body, "statements": FLAGS, "tags": ["ops"]})
    assert (made["name"], made["url"], made["on"], made["tags"]) == ("Hook", body["url"], False, ["ops"])
    assert api.getWebhook(made["_id"])["_id"] == made["_id"]
    patched = api.patchWebhook(made["_id"], body=[{"op": "replace", "path": "/on", "value": True}])
    assert patched["on"] is True
    assert made["_id"] in [hook["_id"] for hook in api.getAllWebhooks()["items"]]
    assert api.deleteWebhook(made["_id"]) is None
    with refused(404, "not_found"):
        api.getWebhook(made["_id"])


def test_relay_proxy_configurations(api):
    made = api.postRelayAutoConfig(body={"name": "Edge", "policy": VIEW})
    assert made["fullKey"].startswith("rel-") and made["fullKey"].endswith(made["displayKey"][-4:])
    got = api.getRelayProxyConfig(made["_id"])
    assert not got.get("fullKey") and got["displayKey"] == made["displayKey"]
    patch = {"patch": [{"op": "replace", "path": "/name", "value": "Edges"}]}
    assert api.patchRelayAutoConfig(made["_id"], body=patch)["name"] == "Edges"
    again = api.resetRelayAutoConfig(made["_id"])
    assert again["fullKey"] != made["fullKey"]
    assert made["_id"] in [c["_id"] for c in api.getRelayProxyConfigs()["items"]]
    assert api.deleteRelayAutoConfig(made["_id"]) is None
    with refused(404, "not_found"):
        api.getRelayProxyConfig(made["_id"])


def test_oauth_clients(api):
    body = {"name": "App", "redirectUri": "https://example.com/callback", "description": "of ours"}
    made = api.createOAuth2Client(body=body)
    assert made["_clientSecret"] and made["redirectUri"] == body["redirectUri"]
    got = api.getOAuthClientById(made["_clientId"])
    assert not got.get("_clientSecret") and got["name"] == "App"
    patch = [{"op": "replace", "path": "/name", "value": "Renamed"}]
    assert api.patchOAuthClient(made["_clientId"], body=patch)["name"] == "Renamed"
    assert made["_clientId"] in [c["_clientId"] for c in api.getOAuthClients()["items"]]
    assert api.deleteOAuthClient(made["_clientId"]) is None
    with refused(404, "not_found"):
        api.getOAuthClientById(made["_clientId"])


def test_announcements(api):
    body = {"title": "Freeze", "message": "No changes", "severity": "warning", "isDismissible": True, "startTime": 1}
    made = api.createAnnouncementPublic(body=body)
    assert made["_status"] == "active" and made["severity"] == "warning"
    patch = [{"op": "replace", "path": "/title", "value": "Frozen"}]
    assert api.updateAnnouncementPublic(made["_id"], body=patch)["title"] == "Frozen"
    active = api.getAnnouncementsPublic(status="active")["items"]
    assert made["_id"] in [a["_id"] for a in active]
    assert api.deleteAnnouncementPublic(made["_id"]) is None


def test_allowed_addresses(api):
    made = api.createIpAllowlistEntry(body={"ipAddress": "192.0.2.0/24", "description": "office"})
    # One client gives a UUID and takes a text.
    id = str(made["_id"])
    assert made["ipAddress"] == "192.0.2.0/24"
    listed = api.getIpAllowlist()
    assert listed["apiTokenAllowlistEnabled"] is False and made["_id"] in [e["_id"] for e in listed["entries"]]
    assert api.patchIpAllowlistEntry(id, body={"description": "home"})["description"] == "home"
    with refused((400, 409)):
        # It would lock out whoever asks for it.
        api.patchIpAllowlistConfig(body={"apiTokenAllowlistEnabled": True})
    with refused(400, "invalid_request"):
        api.createIpAllowlistEntry(body={"ipAddress": "nowhere"})
    assert api.deleteIpAllowlistEntry(id) is None


def test_subscriptions(api):
    body = {"name": "Datadog", "config": {"apiKey": "d" * 32, "hostURL": "https://api.datadoghq.com"}, "on": False}
    made = api.createSubscription("datadog", body={**body, "statements": FLAGS})
    assert made["kind"] == "datadog" and made["on"] is False
    assert made["config"]["apiKey"] != "d" * 32, "a secret is not told again"
    assert api.getSubscriptionByID("datadog", made["_id"])["name"] == "Datadog"
    patch = [{"op": "replace", "path": "/name", "value": "Dog"}]
    assert api.updateSubscription("datadog", made["_id"], body=patch)["name"] == "Dog"
    assert made["_id"] in [s["_id"] for s in api.getSubscriptions("datadog")["items"]]
    assert api.deleteSubscription("datadog", made["_id"]) is None
    with refused(404, "not_found"):
        api.getSubscriptions("no-such-integration")


def test_sdk_keys(api, project):
    body = {"kind": "sdk", "key": "second", "name": "Second", "description": "for the batch jobs"}
    made = api.postSdkKey(project, "dev", body=body)
    assert made["value"].startswith("sdk-") and made["isDefault"] is False
    assert api.poll_until(made["value"], lambda status, _: status == 200)
    assert api.getSdkKeyByKey(project, "dev", "second")["value"] == made["value"]
    listed = [key["key"] for key in api.getSdkKeys(project, "dev")["items"]]
    assert "second" in listed and len(listed) >= 2
    assert "second" in [key["key"] for key in api.getProjectSdkKeys(project)["items"]]
    patched = api.patchSdkKeyByKey(project, "dev", "second", body={"name": "Renamed"}, version=made["_version"])
    assert patched["name"] == "Renamed"
    assert api.deleteSdkKeyByKey(project, "dev", "second") is None
    api.poll_until(made["value"], lambda status, _: status == 401)


@pytest.mark.parametrize("bad", [{"key": "not a key"}, {"kind": "web"}], ids=str)
def test_bad_sdk_keys(api, project, bad):
    body = {"kind": "sdk", "key": "k", "name": "K", **bad}
    path = f"/api/v2/projects/{project}/environments/dev/sdk-keys"
    headers = {"LD-API-Version": "beta"}
    status, _, answer = api.server.rest().exchange("POST", path, body, headers=headers)
    assert status in (400, 501) and answer["message"]
