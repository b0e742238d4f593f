from api import refused
from harness.rest import SEMANTIC_PATCH


def test_me(api):
    me = api.getMember("me")
    assert me["email"] == api.server.owner_email
    assert me["role"] == "owner"
    assert me["_verified"] is True and me["_pendingInvite"] is False
    assert me["customRoles"] == [] and me["creationDate"] > 0
    assert me["_links"]["self"]["href"] == f"/api/v2/members/{me['_id']}"


def test_get_by_id(api):
    me = api.getMember("me")
    got = api.getMember(me["_id"])
    for member in ["_id", "email", "role", "creationDate", "mfa"]:
        assert got[member] == me[member]


def test_list(api):
    me, members = api.getMember("me"), api.getMembers()
    assert members["totalCount"] >= 1
    mine = [m for m in members["items"] if m["_id"] == me["_id"]]
    assert [m["email"] for m in mine] == [me["email"]]


def test_list_filters(api):
    me = api.getMember("me")

    def found(filter):
        return [m["_id"] for m in api.getMembers(filter=filter)["items"]]

    mine = [me["_id"]]
    assert found("query:OWNER") == mine and found("query:nobody") == []
    assert found(f"email:{me['email']}") == mine and found("email:nobody@wigwag.test") == []
    assert found(f"id:{me['_id']}|000000000000000000000000") == mine
    # The owner counts as an administrator.
    assert mine[0] in found("role:admin") and mine[0] not in found("role:reader")
    assert mine[0] in found("noteam:true") and mine[0] not in found("noteam:false")
    with refused(400, "invalid_request"):
        found("nonsense:yes")


def test_list_pages(api):
    total = api.getMembers()["totalCount"]
    page = api.getMembers(limit=1, offset=total)
    assert page["items"] == [] and page["totalCount"] == total
    assert "next" not in page["_links"]


def test_unknown(api):
    with refused(404, "not_found"):
        api.getMember("000000000000000000000000")


def new_members(api, *bodies):
    return api.postMembers(body=[{"email": f"{api.unique('member')}@wigwag.test", **body} for body in bodies])["items"]


def test_invite_change_and_remove(api):
    role = api.postCustomRole(body={"key": api.unique("role"), "name": "R", "policy": []})
    (made,) = new_members(api, {"firstName": "Ada", "role": "reader", "customRoles": [role["key"]]})
    assert made["firstName"] == "Ada" and made["role"] == "reader" and made["_pendingInvite"] is True
    assert made["customRoles"] == [role["_id"]]
    patch = [
        {"op": "replace", "path": "/role", "value": "writer"},
        {"op": "replace", "path": "/customRoles", "value": []},
    ]
    patched = api.patchMember(made["_id"], body=patch)
    assert patched["role"] == "writer" and patched["customRoles"] == []
    assert api.deleteMember(made["_id"]) is None
    with refused(404, "not_found"):
        api.getMember(made["_id"])


def test_all_or_none_are_invited(api):
    before = api.getMembers()["totalCount"]
    good = f"{api.unique('member')}@wigwag.test"
    for bad in [[{"email": good}, {"email": "no address"}], [{"email": good}, {"email": good}]]:
        with refused((400, 409)):
            api.postMembers(body=[{"role": "reader", **body} for body in bad])
    assert api.getMembers()["totalCount"] == before


def test_in_bulk(api):
    ids = [m["_id"] for m in new_members(api, {"role": "reader"}, {"role": "reader"})]
    body = {"instructions": [{"kind": "replaceMembersRoles", "value": "writer", "memberIDs": ids}]}
    done = api.patchMembers(body=body, headers={"Content-Type": SEMANTIC_PATCH})
    assert sorted(done["members"]) == sorted(ids)
    assert {api.getMember(id)["role"] for id in ids} == {"writer"}


def test_the_owner_stays(api):
    me = api.getMember("me")["_id"]
    with refused((400, 403, 409)):
        api.deleteMember(me)
