"""Teams and their members."""

import pytest

from api import refused
from harness.rest import SEMANTIC_PATCH


def new_team(api, **more):
    key = api.unique("team")
    return api.postTeam(body={"key": key, "name": f"Team {key}", **more})


def new_members(api, count=1):
    bodies = [{"email": f"{api.unique('member')}@wigwag.test", "role": "reader"} for _ in range(count)]
    return [m["_id"] for m in api.postMembers(body=bodies)["items"]]


def instruct(api, team, *instructions, **more):
    body = {"instructions": list(instructions), "comment": "why"}
    return api.patchTeam(team, body=body, headers={"Content-Type": SEMANTIC_PATCH}, **more)


def test_create_get_list_delete(api):
    made = new_team(api, description="who look after lamps", roleAttributes={"projects": ["a", "b"]})
    got = api.getTeam(made["key"], expand="members,roles,maintainers,projects,roleAttributes")
    assert (got["key"], got["description"]) == (made["key"], "who look after lamps")
    assert got["members"]["totalCount"] == 0 and got["roleAttributes"] == {"projects": ["a", "b"]}
    found = api.getTeams(filter=f"query:{made['key']}")
    assert [team["key"] for team in found["items"]] == [made["key"]] and found["totalCount"] == 1
    assert api.deleteTeam(made["key"]) is None
    with refused(404, "not_found"):
        api.getTeam(made["key"])


def test_members_roles_and_maintainers(api):
    role = api.postCustomRole(body={"key": api.unique("role"), "name": "R", "policy": []})["key"]
    team, (one, two) = new_team(api)["key"], new_members(api, 2)
    instruct(api, team, {"kind": "addMembers", "values": [one, two]}, {"kind": "addCustomRoles", "values": [role]})
    assert api.getTeam(team, expand="members")["members"]["totalCount"] == 2
    assert [r["key"] for r in api.getTeamRoles(team)["items"]] == [role]
    grant = {"kind": "addPermissionGrants", "actionSet": "maintainTeam", "memberIDs": [two]}
    instruct(api, team, grant, {"kind": "removeMembers", "values": [one]})
    assert [m["_id"] for m in api.getTeamMaintainers(team)["items"]] == [two]
    assert [t["key"] for t in api.getMember(two)["teams"]] == [team]
    assert not api.getMember(one).get("teams")
    with refused(400, "invalid_request"):
        instruct(api, team, {"kind": "explode"})


def test_a_member_joins_teams(api):
    teams, (member,) = sorted([new_team(api)["key"], new_team(api)["key"]]), new_members(api)
    joined = api.postMemberTeams(member, body={"teamKeys": teams})
    assert sorted(t["key"] for t in joined["teams"]) == teams
    with refused((400, 404)):
        api.postMemberTeams(member, body={"teamKeys": ["no-such-team"]})


def test_bulk(api):
    team, members = new_team(api)["key"], new_members(api, 2)
    body = {"instructions": [{"kind": "addMembersToTeams", "memberIDs": members, "teamKeys": [team]}]}
    done = api.patchTeams(body=body, headers={"Content-Type": SEMANTIC_PATCH})
    assert sorted(done["memberIDs"]) == sorted(members) and done["teamKeys"] == [team]
    assert api.getTeam(team, expand="members")["members"]["totalCount"] == 2


@pytest.mark.parametrize("body", [{"key": "not a key"}, {"memberIDs": ["nobody"]}, {"customRoleKeys": ["none"]}], ids=str)
def test_bad_values(api, body):
    with refused((400, 404)):
        new_team(api, **body)


def test_key_in_use(api):
    made = new_team(api)
    with refused(409, "conflict"):
        new_team(api, key=made["key"])
