"""Single sign-on at a real provider: the npm package oidc-provider with its own pages."""

import json
import subprocess

import pytest

from browser import Browser
from harness.paths import CONFORMANCE
from harness.server import Wigwag, free_port

HOME = CONFORMANCE / "sign_in"
CONFIG = """
oidc-issuer = "{issuer}"
oidc-client-id = "wigwag"
oidc-scopes = "openid email profile groups"

[oidc-groups]
"flag admins" = {{ role = "admin", teams = ["ops"] }}
"flag writers" = {{ role = "writer" }}
"""


def ada(*groups):
    name = {"given_name": "Ada", "family_name": "L."}
    return {"email": "ada@example.com", "email_verified": True, "groups": list(groups), **name}


class World:
    """A provider, its people, and a Wigwag that trusts it."""

    def __init__(self, folder):
        self.accounts = folder / "accounts.json"
        self.tell({})
        self.server = Wigwag(folder)
        port = free_port()
        issuer = f"http://127.0.0.1:{port}"
        command = ["node", HOME / "provider.mjs", str(port), f"{self.server.url}/login-return", self.accounts]
        with open(folder / "provider.log", "ab") as log:
            self.provider = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True, cwd=HOME)
        assert self.provider.stdout.readline().strip() == "ready"
        config = folder / "wigwag.toml"
        config.write_text(CONFIG.format(issuer=issuer))
        self.server.arguments = ["--config", config]
        self.server.environment = {"WIGWAG_OIDC_CLIENT_SECRET": "the secret of wigwag, long enough"}
        self.server.start()
        self.rest = self.server.rest()
        self.rest.call("POST", "/api/v2/teams", {"key": "ops", "name": "Operators"})

    def tell(self, accounts):
        self.accounts.write_text(json.dumps(accounts))

    def sign_in(self, who, browser=None):
        """Goes all the way; gives the last page and the browser."""
        browser = browser or Browser()
        page = browser.get(f"{self.server.url}/login")
        assert "/internal/single-sign-on" in page.text
        page = browser.get(f"{self.server.url}/internal/single-sign-on")
        page = browser.submit(page, login=who, password="any")
        if "/interaction/" in page.url:
            page = browser.submit(page)
        return page, browser

    def member(self, email):
        found = self.rest.get("/api/v2/members", filter=f"email:{email}")["items"]
        return found[0] if found else None

    def team(self):
        items = self.rest.get("/api/v2/members", filter="team:ops")["items"]
        return [member["email"] for member in items]

    def close(self):
        self.server.close()
        self.provider.kill()
        self.provider.wait(30)


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    world = World(tmp_path_factory.mktemp("single-sign-on"))
    yield world
    world.close()


def test_members_are_made_and_kept_up_to_date(world):
    world.tell({"ada": ada("flag admins", "others")})
    page, browser = world.sign_in("ada")
    assert page.path == "/account" and "ada@example.com" in page.text, page.text
    member = world.member("ada@example.com")
    assert (member["role"], member["firstName"], member["_pendingInvite"]) == ("admin", "Ada", False)
    assert world.team() == ["ada@example.com"]
    state = json.loads(browser.get(f"{world.server.url}/internal/session").text)
    assert state["session"]["signedInBy"] == "oidc"
    # The session's id came with this sign-in, and what the browser kept meanwhile is gone.
    assert {cookie.name for cookie in browser.cookies if cookie.name.startswith("wigwag")} == {"wigwag_session"}

    world.tell({"ada": {**ada("flag writers"), "email": "ada@elsewhere.example"}})
    page, _ = world.sign_in("ada")
    assert page.path == "/account", page.text
    same = world.member("ada@example.com")
    assert (same["_id"], same["role"]) == (member["_id"], "writer"), "known by the subject, not by the address"
    assert world.team() == []
    entries = world.rest.get("/api/v2/auditlog", limit=20)["items"]
    assert "joined by single sign-on" in [entry["titleVerb"] for entry in entries]


def test_who_is_not_let_in(world):
    owner = world.server.owner_email
    world.tell(
        {
            "bob": {"email": "bob@example.com", "email_verified": True, "groups": ["others"]},
            "eve": {"email": owner, "email_verified": False, "groups": ["flag admins"]},
            "mallory": {"groups": ["flag admins"]},
        }
    )
    for who in ("bob", "eve", "mallory"):
        page, browser = world.sign_in(who)
        assert (page.status, page.path) == (403, "/login-return"), (who, page.text)
        assert json.loads(browser.get(f"{world.server.url}/internal/session").text)["next"] == "password"
    assert world.member("bob@example.com") is None
    assert world.member(owner)["role"] == "owner"


def test_whoever_leaves_the_groups_is_signed_out(world):
    world.tell({"ida": {**ada("flag writers"), "email": "ida@example.com"}})
    page, before = world.sign_in("ida")
    assert page.path == "/account", page.text
    world.tell({"ida": {**ada("others"), "email": "ida@example.com"}})
    page, _ = world.sign_in("ida")
    assert (page.status, page.path) == (403, "/login-return"), page.text
    state = json.loads(before.get(f"{world.server.url}/internal/session").text)
    assert state["next"] == "password", "also where they were still signed in"


def test_an_address_that_the_provider_checked_is_that_member(world):
    owner = world.server.owner_email
    world.tell({"olga": {"email": owner, "email_verified": True, "groups": ["flag writers"]}})
    page, _ = world.sign_in("olga")
    assert page.path == "/account" and owner in page.text
    assert world.member(owner)["role"] == "owner", "groups do not take the account away from its owner"


def test_answers_that_belong_to_no_question(world):
    browser = Browser()
    back = f"{world.server.url}/login-return"
    assert browser.get(f"{back}?code=x&state=y").status == 401
    browser.get(f"{world.server.url}/internal/single-sign-on")
    assert browser.get(f"{back}?code=x&state=y").status == 401, "another state"
    world.tell({"ada": ada("flag writers")})
    page, browser = world.sign_in("ada")
    assert page.path == "/account"
    # What came back once does not work again, here or in another browser.
    for again in (browser, Browser()):
        assert again.get(f"{back}?code=x&state=y").status == 401
