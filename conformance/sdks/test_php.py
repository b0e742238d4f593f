"""The official PHP SDK. It is in no package registry that the suite could install it from, so that its tests take what
they are given, and are skipped without:

    LD_PHP_SDK     the folder of a PHP project that has the SDK and Guzzle in its `vendor`

It asks for each flag when it is evaluated, so that there is no stream to come back to.
"""

import os
import shutil
import uuid

import pytest

import flags
from client_site import FREE
from harness.driver import Driver
from harness.server import Wigwag
from lane import settled_data
from one_sdk import OneSdk
from reported import name_of

pytestmark = [
    pytest.mark.xdist_group("php"),
    pytest.mark.skipif(not shutil.which("php"), reason="no php on this machine"),
    pytest.mark.skipif(not os.environ.get("LD_PHP_SDK"), reason="no PHP SDK: set LD_PHP_SDK"),
]


@pytest.fixture(scope="module")
def cases(tmp_path_factory):
    folder = tmp_path_factory.mktemp("php-cases")
    server = Wigwag(folder).first_start()
    rest = server.rest()
    make = flags.build(rest)
    key = rest.environment(flags.PROJECT, flags.ENVIRONMENT)["apiKey"]
    settled_data(make, key)
    driver = Driver("php", folder / "driver.err")
    driver("init", sdkKey=key, baseUrl=server.url)
    yield rest, driver
    driver.close()
    server.close()


@pytest.fixture(scope="module")
def php(tmp_path_factory):
    lane = OneSdk("php", tmp_path_factory.mktemp("php"))
    assert lane.connect()["initialized"]
    yield lane
    lane.close()


def as_php_has_it(value):
    """Empty objects are empty lists."""
    if isinstance(value, dict):
        return {name: as_php_has_it(member) for name, member in value.items()} or []
    return value


@pytest.mark.parametrize("case", flags.CASES, ids=lambda c: c.id)
def test_evaluates_with_reason(cases, case):
    rest, driver = cases
    seen = driver("evaluate", flag=case.flag, context=case.context, default=case.default)
    expected = case.expected(rest)
    assert seen == {**expected, "value": as_php_has_it(expected["value"])}


def test_sees_changes(php):
    php.make.on("switch")
    php.sees("switch", True)
    php.befriend("ada")
    php.sees("friend", "yes")
    php.sees("friend", "no", context=FREE)


def test_what_it_reports_is_told(php):
    """It sends every evaluation as an event of its own, and leaves summing up to the server."""
    ann, bob = flags.user("reported-ann", plan="gold"), flags.user("reported-bob", name="Bob")
    php.report("told", ann, bob)
    php.reported().comes_to(name_of("php"), "reported", {0: 2, 1: 1}, contexts=[ann, bob], event="told")


def test_a_bad_key_is_refused(php):
    php.connect("bad", key=f"sdk-{uuid.uuid4()}")
    assert php.evaluate("switch", "bad", default="mine")["value"] == "mine"
    # The good client beside it goes on.
    assert php.evaluate("switch")["value"] is True


def test_goes_on_after_the_server_was_killed(php):
    php.server.kill()
    assert php.evaluate("switch", default="mine")["value"] == "mine", "it keeps nothing"
    php.server.start()
    php.sees("switch", True)
    php.make.change("switch", {"kind": "turnFlagOff"})
    php.sees("switch", False)
