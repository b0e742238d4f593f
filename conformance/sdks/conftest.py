import pytest

from lane import SDKS, Lane

MODES = ["streaming", "polling"]


def _lanes():
    # Polling lanes mostly wait, so they are dealt out first.
    for mode in reversed(MODES):
        for sdk in SDKS:
            name = f"{sdk}-{mode}"
            # All tests of a lane run in one process, lanes beside each other (--dist loadgroup).
            yield pytest.param((sdk, mode), id=name, marks=pytest.mark.xdist_group(name))


@pytest.fixture(scope="session", params=_lanes())
def lane(request, tmp_path_factory):
    sdk, mode = request.param
    lane = Lane(sdk, mode, tmp_path_factory.mktemp(f"{sdk}-{mode}"))
    yield lane
    lane.close()


def pytest_collection_modifyitems(config, items):
    """A test marked `streaming_only` exists in the streaming lanes only."""
    unfit = [i for i in items if i.get_closest_marker("streaming_only") and "polling" in i.callspec.id]
    config.hook.pytest_deselected(items=unfit)
    items[:] = [item for item in items if item not in unfit]
