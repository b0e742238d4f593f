from api import VERSIONS, refused


def test_root_lists_the_resources(api):
    links = api.getRoot()["links"]
    assert len(links) > 3
    assert links["projects"]["href"] == "/api/v2/projects"
    assert all(link["href"].startswith("/api/v2") for link in links.values())


def test_caller_identity(api):
    identity, me = api.getCallerIdentity(), api.getMember("me")
    assert identity["authKind"] == "token"
    assert identity["memberId"] == me["_id"]
    assert identity["tokenId"] in [t["_id"] for t in api.getTokens()["items"]]
    assert not identity.get("serviceToken")


def test_openapi_description(api):
    description = api.getOpenapiSpec()
    # The Python client declares no answer, and gives none.
    if description is not None:
        assert description["openapi"].startswith("3.")
        assert "patch" in description["paths"]["/api/v2/flags/{projectKey}/{featureFlagKey}"]


def test_public_ip_list(api):
    ips = api.getIps()
    assert isinstance(ips["addresses"], list) and isinstance(ips["outboundAddresses"], list)


def test_versions(api):
    versions = api.getVersions()
    assert versions["validVersions"] == VERSIONS
    assert versions["latestVersion"] == VERSIONS[-1]
    assert versions["currentVersion"] == api.version


def test_the_header_chooses_the_version(api):
    for version in VERSIONS:
        headers = {"LD-API-Version": str(version)}
        assert api.getVersions(headers=headers)["currentVersion"] == version


def test_unknown_token_is_refused(api):
    with refused(401, "unauthorized"):
        api.getProjects(token="api-00000000-0000-4000-8000-000000000000")
    with refused(401):
        api.getCallerIdentity(token="nonsense")
