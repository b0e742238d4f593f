import pytest

from lane import FDV2_SDKS, SDKS, Lane

MODES = ["streaming", "polling", "fdv2-streaming", "fdv2-polling"]


def _lanes():
    # Polling lanes mostly wait, so they are dealt out first.
    for mode in reversed(MODES):
        for sdk in FDV2_SDKS if mode.startswith("fdv2") else SDKS:
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
    """A test marked `streaming_only` exists in the streaming lanes only, one marked `fdv2_only` in those of FDv2."""

    def unfit_for(item):
        lane = item.callspec.id if hasattr(item, "callspec") else ""
        wants = item.get_closest_marker
        return (wants("streaming_only") and "polling" in lane) or (wants("fdv2_only") and "fdv2" not in lane)

    unfit = [item for item in items if unfit_for(item)]
    config.hook.pytest_deselected(items=unfit)
    items[:] = [item for item in items if item not in unfit]
