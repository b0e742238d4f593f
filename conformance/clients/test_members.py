from api import refused


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
    assert members["totalCount"] == 1
    assert [m["_id"] for m in members["items"]] == [me["_id"]]
    assert members["items"][0]["email"] == me["email"]


def test_list_filters(api):
    me = api.getMember("me")

    def found(filter):
        return [m["_id"] for m in api.getMembers(filter=filter)["items"]]

    mine = [me["_id"]]
    assert found("query:OWNER") == mine and found("query:nobody") == []
    assert found(f"email:{me['email']}") == mine and found("email:nobody@wigwag.test") == []
    assert found(f"id:{me['_id']}|000000000000000000000000") == mine
    # The owner counts as an administrator.
    assert found("role:admin") == mine and found("role:reader") == []
    assert found("noteam:true") == mine and found("noteam:false") == []
    with refused(400, "invalid_request"):
        found("nonsense:yes")


def test_list_pages(api):
    page = api.getMembers(limit=1, offset=1)
    assert page["items"] == [] and page["totalCount"] == 1
    assert "next" not in page["_links"]


def test_unknown(api):
    with refused(404, "not_found"):
        api.getMember("000000000000000000000000")
