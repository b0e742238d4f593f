"""The official Terraform provider against a real server: apply, plan again without a difference,
change, the same again, import, destroy.

Neither the provider nor OpenTofu come from a package registry that the suite could install them
from, so the test takes what it is given and is skipped without:

    WIGWAG_TERRAFORM            OpenTofu or Terraform (else `tofu` or `terraform` on the PATH)
    WIGWAG_TERRAFORM_PROVIDER   the provider's executable, version 3
"""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from harness import coverage
from harness.recorder import Recorder
from harness.server import Wigwag

HERE = Path(__file__).parent
TERRAFORM = os.environ.get("WIGWAG_TERRAFORM") or shutil.which("tofu") or shutil.which("terraform")
PROVIDER = os.environ.get("WIGWAG_TERRAFORM_PROVIDER")

pytestmark = [
    pytest.mark.xdist_group("terraform"),
    pytest.mark.skipif(not TERRAFORM, reason="no OpenTofu or Terraform: set WIGWAG_TERRAFORM"),
    pytest.mark.skipif(not PROVIDER, reason="no provider: set WIGWAG_TERRAFORM_PROVIDER"),
]

# What each file of a stage needs besides flags.
FILES = {
    "main.tf": ["createTriggerWorkflow", "putFlagDefaultsByProject"],
    "segments.tf": ["postSegment", "patchSegment"],
    "roles.tf": ["postCustomRole", "patchCustomRole"],
    "tokens.tf": ["postCustomRole", "postToken"],
    "kinds.tf": ["putContextKind", "getContextKindsByProjectKey"],
}


class Workspace:
    """A folder with a configuration, a state, and the provider at hand."""

    def __init__(self, folder, server, front):
        self.folder = folder
        folder.mkdir(parents=True)
        plugins = folder.parent / "plugins"
        plugins.mkdir(exist_ok=True)
        executable = plugins / "terraform-provider-launchdarkly"
        if not executable.exists():
            executable.symlink_to(Path(PROVIDER).resolve())
        settings = folder.parent / "settings.tfrc"
        settings.write_text(
            "provider_installation {\n"
            f'  dev_overrides {{ "launchdarkly/launchdarkly" = "{plugins}" }}\n'
            "  direct {}\n}\n"
        )
        self.env = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder.parent),
            "TF_CLI_CONFIG_FILE": str(settings),
            "TF_IN_AUTOMATION": "1",
            "CHECKPOINT_DISABLE": "1",
            # The provider speaks nothing but TLS.
            "LAUNCHDARKLY_API_HOST": front.url,
            "SSL_CERT_FILE": str(front.certificate),
            "LAUNCHDARKLY_ACCESS_TOKEN": server.token,
        }

    def use(self, stage, but=()):
        for name, needs in FILES.items():
            (self.folder / name).unlink(missing_ok=True)
            if name not in but and all(coverage.built(op) for op in needs):
                shutil.copy(HERE / stage / name, self.folder / name)

    def run(self, *arguments, expect=(0,)):
        command = [TERRAFORM, *arguments, "-no-color"]
        done = subprocess.run(command, cwd=self.folder, env=self.env, capture_output=True, text=True, timeout=300)
        assert done.returncode in expect, f"{' '.join(arguments)}:\n{done.stdout}\n{done.stderr}"
        return done

    def apply(self):
        return self.run("apply", "-auto-approve", "-input=false")

    def assert_settled(self):
        """A plan right after finds nothing to do: what was written reads back the same."""
        plan = self.run("plan", "-detailed-exitcode", "-input=false", expect=(0, 2))
        assert plan.returncode == 0, plan.stdout

    def state(self):
        shown = json.loads(self.run("show", "-json").stdout)
        resources = shown.get("values", {}).get("root_module", {}).get("resources", [])
        return {r["address"]: r["values"] for r in resources}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    server = Wigwag(tmp_path_factory.mktemp("terraform-server")).first_start()
    yield server
    server.close()


@pytest.fixture(scope="module")
def front(server, tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    front = Recorder(server.url, tls_folder=folder)
    yield front
    front.close()
    # For whoever wants to know what was said.
    with open(folder / "exchanges.jsonl", "w") as kept:
        for one in front.exchanges:
            kept.write(json.dumps([one.method, one.path, one.status, one.request]) + "\n")


@pytest.fixture(scope="module")
def work(server, front, tmp_path_factory):
    return Workspace(tmp_path_factory.mktemp("terraform") / "work", server, front)


def import_id(address, values):
    """What the provider calls it."""
    kind = address.split(".")[0].removeprefix("launchdarkly_")
    of = lambda *names: "/".join(str(values[name]) for name in names)  # noqa: E731
    match kind:
        case "project" | "custom_role":
            return of("key")
        case "flag_templates":
            return of("project_key")
        case "environment" | "feature_flag" | "context_kind":
            return of("project_key", "key")
        case "feature_flag_environment":
            project, flag = values["flag_id"].split("/")
            return f"{project}/{values['env_key']}/{flag}"
        case "segment":
            return of("project_key", "env_key", "key")
        case "flag_trigger":
            return of("project_key", "env_key", "flag_key", "id")
    raise KeyError(kind)


def differences(imported, own, at):
    """Where an import read something else than what was applied. Optional settings it leaves unread are null."""
    if imported is None or at.endswith(".trigger_url"):
        return []
    if isinstance(imported, dict):
        return [d for name in imported for d in differences(imported[name], own[name], f"{at}.{name}")]
    return [] if imported == own else [f"{at}: {imported} is not {own}"]


def test_first_apply(work):
    work.use("first")
    work.apply()
    work.assert_settled()


def test_triggers_can_be_called(work, server):
    """The URL in the state is the whole one, and works."""
    url = work.state()["launchdarkly_flag_trigger.kill"]["trigger_url"]
    path = url.removeprefix(server.url)
    assert path != url and not url.endswith("***")
    status, _, _ = server.rest().exchange("POST", path, {})
    assert status == 200
    flag = server.rest().get("/api/v2/flags/shop/checkout")
    assert flag["environments"]["production"]["on"] is False
    # What was changed behind its back is what it plans to change back.
    plan = work.run("plan", "-detailed-exitcode", "-input=false", expect=(2,))
    assert "1 to change" in plan.stdout, plan.stdout
    work.apply()
    work.assert_settled()


def test_changes(work):
    work.use("second")
    work.apply()
    work.assert_settled()


def test_imports(work, server, front):
    """Everything imported into an empty state is as it was."""
    fresh = Workspace(work.folder.parent / "imported", server, front)
    # Nobody can read the value of a token again: the provider does not import them.
    fresh.use("second", but=["tokens.tf"])
    work.run("apply", "-refresh-only", "-auto-approve", "-input=false")
    state = {name: v for name, v in work.state().items() if not name.startswith("launchdarkly_access_token.")}
    assert len(state) > 10
    for address, values in state.items():
        fresh.run("import", "-input=false", address, import_id(address, values))
    imported = fresh.state()
    assert imported.keys() == state.keys()
    for address in state:
        assert differences(imported[address], state[address], address) == []
    # What was not read back is set again, and nothing else.
    changed = fresh.apply().stdout
    assert "Resources: 0 added" in changed and "0 destroyed" in changed, changed
    fresh.assert_settled()


def test_destroy(work, server):
    work.run("destroy", "-auto-approve", "-input=false")
    assert work.state() == {}
    projects = [p["key"] for p in server.rest().get("/api/v2/projects")["items"]]
    assert projects == ["default"]
