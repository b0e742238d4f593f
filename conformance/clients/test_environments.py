import re
import time

from api import keys, next_offset, refused

UUID = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"


def environment(api, **more):
    key = more.pop("key", None) or api.unique("env")
    return {"key": key, "name": f"Environment {key}", "color": "123abc", **more}


def test_create_then_get(api, project):
    body = environment(
        api,
        defaultTtl=5,
        secureMode=True,
        defaultTrackEvents=True,
        confirmChanges=True,
        requireComments=False,
        tags=["a", "b"],
    )
    made = api.postEnvironment(project, body=body)
    for member in ["key", "name", "defaultTtl", "secureMode", "defaultTrackEvents", "confirmChanges"]:
        assert made[member] == body[member]
    assert made["requireComments"] is False and made["color"].lower() == "123abc"
    assert sorted(made["tags"]) == ["a", "b"]
    assert re.fullmatch(f"sdk-{UUID}", made["apiKey"])
    assert re.fullmatch(f"mob-{UUID}", made["mobileKey"])
    assert re.fullmatch("[0-9a-f]{24}", made["_id"])
    assert made["_links"]["self"]["href"] == f"/api/v2/projects/{project}/environments/{body['key']}"
    assert api.getEnvironment(project, body["key"]) == made
    # At once: an SDK takes a 401 for final.
    assert api.poll(made["apiKey"])[0] == 200


def test_defaults(api, project):
    made = api.postEnvironment(project, body=environment(api))
    assert made["defaultTtl"] == 0 and made["tags"] == []
    for member in ["secureMode", "defaultTrackEvents", "requireComments", "confirmChanges"]:
        assert made[member] is False
    assert made.get("critical", False) is False


def test_flags_get_a_configuration(api, project):
    """A new environment has each flag in its default state, or as in the environment it is made from."""
    flag = api.new_flag(project)["key"]
    api.instruct(project, flag, {"kind": "turnFlagOn"}, environmentKey="dev")
    plain = api.postEnvironment(project, body=environment(api))["key"]
    copy = api.postEnvironment(project, body=environment(api, source={"key": "dev"}))["key"]
    environments = api.getFeatureFlag(project, flag)["environments"]
    assert environments["dev"]["on"] is True
    assert environments[plain]["on"] is False
    assert environments[copy]["on"] is True


def test_list_filters_sorts_pages(api, project):
    api.postEnvironment(project, body=environment(api, key="aa", name="Staging two", tags=["stage"]))
    api.postEnvironment(project, body=environment(api, key="zz", name="Staging one", tags=["stage", "late"]))
    everything = api.getEnvironmentsByProject(project)
    assert sorted(keys(everything)) == ["aa", "dev", "prod", "zz"] and everything["totalCount"] == 4
    assert sorted(keys(api.getEnvironmentsByProject(project, filter="query:staging"))) == ["aa", "zz"]
    assert keys(api.getEnvironmentsByProject(project, filter="tags:stage+late")) == ["zz"]
    by_name = ["dev", "prod", "zz", "aa"]
    assert keys(api.getEnvironmentsByProject(project, sort="name")) == by_name
    assert keys(api.getEnvironmentsByProject(project, sort="-name")) == by_name[::-1]
    page = api.getEnvironmentsByProject(project, sort="name", limit=3)
    assert keys(page) == by_name[:3] and page["totalCount"] == 4 and next_offset(page) == 3
    assert keys(api.getEnvironmentsByProject(project, sort="name", limit=3, offset=3)) == by_name[3:]


def test_patch(api, project):
    patch = [
        {"op": "replace", "path": "/name", "value": "Renamed"},
        {"op": "replace", "path": "/color", "value": "abcdef"},
        {"op": "add", "path": "/tags/-", "value": "x"},
        {"op": "replace", "path": "/defaultTtl", "value": 10},
        {"op": "replace", "path": "/requireComments", "value": True},
    ]
    patched = api.patchEnvironment(project, "dev", body=patch)
    assert patched["name"] == "Renamed" and patched["color"].lower() == "abcdef"
    assert patched["tags"] == ["x"] and patched["defaultTtl"] == 10 and patched["requireComments"] is True
    assert api.getEnvironment(project, "dev") == patched


def test_a_bad_patch_changes_nothing(api, project):
    before = api.getEnvironment(project, "dev")
    good = {"op": "replace", "path": "/name", "value": "Never"}
    for bad in [
        {"op": "replace", "path": "/color", "value": "not a colour"},
        {"op": "replace", "path": "/secureMode", "value": "yes"},
        {"op": "remove", "path": "/no/such/member"},
    ]:
        with refused(400):
            api.patchEnvironment(project, "dev", body=[good, bad])
    assert api.getEnvironment(project, "dev") == before


def test_reset_sdk_key(api, project):
    before = api.getEnvironment(project, "dev")
    after = api.resetEnvironmentSDKKey(project, "dev")
    assert re.fullmatch(f"sdk-{UUID}", after["apiKey"]) and after["apiKey"] != before["apiKey"]
    assert after["mobileKey"] == before["mobileKey"] and after["_id"] == before["_id"]
    assert api.getEnvironment(project, "dev")["apiKey"] == after["apiKey"]
    assert api.poll(after["apiKey"])[0] == 200
    api.poll_until(before["apiKey"], lambda status, _: status == 401)


def test_reset_sdk_key_with_grace(api, project):
    in_an_hour = int(time.time() * 1000) + 3_600_000
    # More than once: a new key that is good only a moment later shows now and then.
    for _ in range(20):
        before = api.getEnvironment(project, "dev")
        after = api.resetEnvironmentSDKKey(project, "dev", expiry=in_an_hour)
        assert after["apiKey"] != before["apiKey"]
        assert api.poll(after["apiKey"])[0] == 200
        assert api.poll(before["apiKey"])[0] == 200


def test_reset_mobile_key(api, project):
    before = api.getEnvironment(project, "dev")
    after = api.resetEnvironmentMobileKey(project, "dev")
    assert re.fullmatch(f"mob-{UUID}", after["mobileKey"]) and after["mobileKey"] != before["mobileKey"]
    assert after["apiKey"] == before["apiKey"]
    assert api.getEnvironment(project, "dev")["mobileKey"] == after["mobileKey"]


def test_delete(api, project):
    sdk_key = api.getEnvironment(project, "dev")["apiKey"]
    flag = api.new_flag(project)["key"]
    assert api.deleteEnvironment(project, "dev") is None
    with refused(404, "not_found"):
        api.getEnvironment(project, "dev")
    assert list(api.getFeatureFlag(project, flag)["environments"]) == ["prod"]
    api.poll_until(sdk_key, lambda status, _: status == 401)
    # A project keeps at least one.
    with refused((400, 409)):
        api.deleteEnvironment(project, "prod")


def test_duplicate_key(api, project):
    with refused(409, "conflict"):
        api.postEnvironment(project, body=environment(api, key="dev"))


def test_bad_values(api, project):
    for bad in [{"key": "no spaces"}, {"color": "reddish"}, {"defaultTtl": 61}, {"defaultTtl": -1}]:
        with refused(400, "invalid_request"):
            api.postEnvironment(project, body=environment(api, **bad))
    assert len(api.getFeatureFlag(project, api.new_flag(project)["key"])["environments"]) == 2


def test_unknown(api, project):
    with refused(404, "not_found"):
        api.getEnvironment(project, "no-such-environment")
    with refused(404, "not_found"):
        api.getEnvironment("no-such-project", "dev")
    with refused(404, "not_found"):
        api.postEnvironment("no-such-project", body=environment(api))
    with refused(404, "not_found"):
        api.resetEnvironmentSDKKey(project, "no-such-environment")
