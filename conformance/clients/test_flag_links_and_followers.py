"""Flag links and followers of flags."""

import pytest

from api import refused


@pytest.fixture
def flag(api, project):
    return api.new_flag(project)["key"]


def test_links(api, project, flag):
    body = {
        "key": "ticket",
        "deepLink": "https://example.com/t/1",
        "title": "A ticket",
        "description": "why",
        "timestamp": 1655342199935,
        "integrationKey": "tracker",
        "metadata": {"a": "1"},
    }
    made = api.createFlagLink(project, flag, body=body)
    assert (made["_key"], made["_deepLink"], made["title"]) == ("ticket", body["deepLink"], "A ticket")
    assert made["_timestamp"]["milliseconds"] == 1655342199935
    assert made["_member"]["_id"] == api.getMember("me")["_id"]
    assert [link["_id"] for link in api.getFlagLinks(project, flag)["items"]] == [made["_id"]]
    patch = [{"op": "replace", "path": "/title", "value": "Another"}]
    assert api.updateFlagLink(project, flag, made["_id"], body=patch)["title"] == "Another"
    with refused(409, "conflict"):
        api.createFlagLink(project, flag, body=body)
    api.deleteFlagLink(project, flag, "ticket")
    assert api.getFlagLinks(project, flag)["items"] == []
    with refused(404, "not_found"):
        api.deleteFlagLink(project, flag, made["_id"])


def test_followers(api, project, flag):
    me = api.getMember("me")["_id"]
    assert api.getFlagFollowers(project, flag, "dev")["items"] == []
    api.putFlagFollower(project, flag, "dev", me)
    assert [m["_id"] for m in api.getFlagFollowers(project, flag, "dev")["items"]] == [me]
    all_of = api.getFollowersByProjEnv(project, "dev")["items"]
    assert [(f["flagKey"], [m["_id"] for m in f["followers"]]) for f in all_of] == [(flag, [me])]
    api.deleteFlagFollower(project, flag, "dev", me)
    assert api.getFollowersByProjEnv(project, "dev")["items"] == []
    with refused(404, "not_found"):
        api.putFlagFollower(project, flag, "dev", "ffffffffffffffffffffffff")
