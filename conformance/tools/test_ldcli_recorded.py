"""What `ldcli` sends, played from a recording, for machines that do not have it.

`ldcli.jsonl` holds the requests of a run of `test_ldcli.py`: method, path, the headers that matter, status, body.
Each must be answered as it was then, in the form that ldcli reads. The sign-in is played by hand.
"""

import json
from pathlib import Path

import pytest

from browser import Browser
from harness.server import Wigwag

RECORDED = Path(__file__).with_name("ldcli.jsonl")
# Whose ids an answer brings up, in the order of its items.
BRINGS = {
    "POST /api/v2/members": ["ada", "bob"],
    "POST /api/v2/tokens": ["token"],
    "POST /api/v2/webhooks": ["hook"],
    "POST /api/v2/account/relay-auto-configs": ["relay"],
    "POST /api/v2/announcements": ["note"],
    "GET /api/v2/auditlog": ["entry"],
}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    server = Wigwag(tmp_path_factory.mktemp("ldcli-recorded")).first_start()
    yield server
    server.close()


def log_in(server, answer):
    """As `ldcli login` does, whose requests carry no token; gives status and body of the last poll."""
    rest = server.rest()
    none = {"Authorization": ""}
    asked = {"clientId": "e6506150369268abae3ed46152687201", "deviceName": "lathe"}
    status, _, told = rest.exchange("POST", "/internal/device-authorization", asked, headers=none)
    assert status == 200, told
    assert told.keys() >= {"deviceCode", "expiresIn", "userCode"}

    def poll():
        body = {"deviceCode": told["deviceCode"]}
        status, _, said = rest.exchange("POST", "/internal/device-authorization/token", body, headers=none)
        return status, said

    status, said = poll()
    assert (status, said["code"]) == (400, "authorization_pending")
    browser = Browser()
    page = browser.get(f"{server.url}/login")
    browser.submit(page, email=server.owner_email, password=server.owner_password)
    page = browser.get(f"{server.url}/{told['verificationUri']}")
    assert told["userCode"] in page.text
    browser.submit(page, do=answer)
    return poll()


@pytest.mark.xdist_group("ldcli-recorded")
def test_login(server):
    status, said = log_in(server, "deny")
    assert (status, said["code"]) == (400, "access_denied")
    status, said = log_in(server, "approve")
    assert status == 200 and server.rest(said["accessToken"]).get("/api/v2/caller-identity")["memberId"]


@pytest.mark.xdist_group("ldcli-recorded")
def test_what_it_sends_is_answered(server):
    rest, ids, played = server.rest(), {}, 0
    for line in RECORDED.read_text().splitlines():
        for name, value in ids.items():
            line = line.replace(f"{{{name}}}", value)
        method, path, headers, status, body = json.loads(line)
        got, _, answer = rest.exchange(method, path, body, headers.pop("content-type", None), headers)
        assert got == status, f"{method} {path} answered {got}, not {status}: {answer}"
        found = answer.get("items", [answer]) if answer else []
        for name, item in zip(BRINGS.get(f"{method} {path.split('?')[0]}", []), found):
            ids[name] = item["_id"]
        if answer and "items" in answer:
            assert "_links" in answer or method == "POST", f"{method} {path}: {answer}"
        played += 1
    assert played > 50 and len(ids) == 7
