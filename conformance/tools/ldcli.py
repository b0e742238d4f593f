"""What the suite does with `ldcli`: the commands, and the names of ids that they bring up."""

import json
import re

ID = re.compile(r"[0-9a-f]{24}")


def story(run, keep):
    """Every kind of resource command. `run` gives the decoded answer; `keep` names an id for the recording."""
    flag = ["--project", "default", "--flag", "lamp"]
    test = [*flag, "--environment", "test"]

    me = run("whoami")
    assert me["tokenKind"] == "auth" or me["scopes"] is not None, me

    made = run("projects", "create", data={"key": "cli", "name": "From the terminal"})
    assert made["key"] == "cli"
    assert "cli" in [p["key"] for p in run("projects", "list")["items"]]
    patch = [{"op": "replace", "path": "/name", "value": "Terminal"}]
    assert run("projects", "update", "--project", "cli", data=patch)["name"] == "Terminal"
    body = {"key": "qa", "name": "QA", "color": "00ff00"}
    made = run("environments", "create", "--project", "cli", data=body)
    assert made["apiKey"].startswith("sdk-")
    of = ["--project", "cli", "--environment", "qa"]
    assert run("environments", "get", *of)["apiKey"] == made["apiKey"]
    assert run("environments", "reset-sdk-key", *of)["apiKey"] != made["apiKey"]
    assert len(run("environments", "list", "--project", "cli")["items"]) == 3
    run("environments", "delete", *of)

    body = {"key": "lamp", "name": "Lamp", "tags": ["terminal"]}
    assert run("flags", "create", "--project", "default", data=body)["name"] == "Lamp"
    assert run("flags", "toggle-on", *test)["environments"]["test"]["on"] is True
    assert run("flags", "toggle-off", *test)["environments"]["test"]["on"] is False
    patch = [{"op": "replace", "path": "/description", "value": "On the desk"}]
    assert run("flags", "update", *flag, data={"patch": patch, "comment": "said"})["description"] == "On the desk"
    instructions = {"environmentKey": "test", "instructions": [{"kind": "turnFlagOn"}]}
    assert run("flags", "update", *flag, "--semantic-patch", data=instructions)["environments"]["test"]["on"]
    assert run("flags", "get", *flag, "--env", "test")["key"] == "lamp"
    assert run("flags", "get-status", *test)["name"]
    found = run("flags", "list", "--project", "default", "--limit", "1", "--filter", "tags:terminal")
    assert (found["totalCount"], len(found["items"])) == (1, 1), found
    run("flags", "list-statuses", "--project", "default", "--environment", "test")

    body = {"key": "friends", "name": "Friends"}
    of = ["--project", "default", "--environment", "test"]
    assert run("segments", "create", *of, data=body)["key"] == "friends"
    instructions = {"instructions": [{"kind": "addIncludedTargets", "contextKind": "user", "values": ["ada"]}]}
    one = [*of, "--segment", "friends"]
    assert run("segments", "update", *one, "--semantic-patch", data=instructions)["included"] == ["ada"]
    assert run("segments", "list", *of)["totalCount"] == 1
    run("segments", "delete", *one)

    invited = run("members", "invite", "--emails", "ada@example.com,bob@example.com", "--role", "writer")
    ada = keep("ada", invited["items"][0]["_id"])
    keep("bob", invited["items"][1]["_id"])
    assert run("members", "get", "--id", ada)["role"] == "writer"
    patch = [{"op": "replace", "path": "/role", "value": "reader"}]
    assert run("members", "update", "--id", ada, data=patch)["role"] == "reader"
    assert run("members", "list", "--filter", "query:ada@")["totalCount"] == 1

    body = {"key": "night", "name": "Night shift", "memberIDs": [ada]}
    assert run("teams", "create", data=body)["key"] == "night"
    assert run("members", "list", "--filter", "team:night")["totalCount"] == 1
    instructions = {"instructions": [{"kind": "updateDescription", "value": "On call"}]}
    assert run("teams", "update", "--team", "night", "--semantic-patch", data=instructions)["description"] == "On call"
    assert run("teams", "list")["totalCount"] == 1

    policy = [{"effect": "allow", "actions": ["*"], "resources": ["proj/*:env/*:flag/*"]}]
    made = run("custom-roles", "create", data={"key": "flagger", "name": "Flagger", "policy": policy})
    assert made["policy"] == policy
    patch = [{"op": "replace", "path": "/name", "value": "Flags"}]
    assert run("custom-roles", "update", "--custom-role", "flagger", data={"patch": patch})["name"] == "Flags"
    assert run("custom-roles", "list")["totalCount"] == 1

    made = run("access-tokens", "create", data={"name": "machine", "role": "reader", "serviceToken": True})
    token = keep("token", made["_id"])
    assert made["token"].startswith("api-") and run("access-tokens", "get", "--id", token)["name"] == "machine"
    assert run("access-tokens", "reset", "--id", token)["token"] != made["token"]
    assert run("access-tokens", "list")["totalCount"] >= 2
    run("access-tokens", "delete", "--id", token)

    body = {"url": "https://hooks.example.com/", "sign": True, "on": True, "name": "Hook"}
    hook = keep("hook", run("webhooks", "create", data=body)["_id"])
    patch = [{"op": "replace", "path": "/on", "value": False}]
    assert run("webhooks", "update", "--id", hook, data=patch)["on"] is False
    assert len(run("webhooks", "list")["items"]) == 1
    run("webhooks", "delete", "--id", hook)

    body = {"name": "Relay", "policy": [{"effect": "allow", "actions": ["*"], "resources": ["proj/*:env/*"]}]}
    relay = keep("relay", run("relay-proxy-configs", "create", data=body)["_id"])
    assert run("relay-proxy-configs", "get", "--id", relay)["name"] == "Relay"
    run("relay-proxy-configs", "delete", "--id", relay)

    body = {"title": "Hello", "message": "Tonight", "severity": "info", "isDismissible": True, "startTime": 1900000000000}
    note = keep("note", run("announcements", "create-public", data=body)["_id"])
    assert run("announcements", "list-public")["items"]
    run("announcements", "delete-public", "--announcement-id", note)

    entries = run("audit-log", "list", "--limit", "5")["items"]
    assert len(entries) == 5
    entry = keep("entry", entries[0]["_id"])
    assert run("audit-log", "get", "--id", entry)["_id"] == entry
    assert "terminal" in run("tags", "list")["items"]

    run("flags", "archive", *flag)
    run("flags", "delete", *flag)
    run("members", "delete", "--id", ada)
    run("teams", "delete", "--team", "night")
    run("custom-roles", "delete", "--custom-role", "flagger")
    run("projects", "delete", "--project", "cli")


def recorded(exchange, names):
    """An exchange as a line of the recording, ids by their names."""
    named = lambda text: ID.sub(lambda found: names.get(found[0], found[0]), text)  # noqa: E731
    body = json.loads(named(json.dumps(exchange.request)))
    headers = {name: exchange.sent[name] for name in ("content-type", "ld-api-version") if name in exchange.sent}
    return json.dumps([exchange.method, named(exchange.path), headers, exchange.status, body])
