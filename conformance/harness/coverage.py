"""What the server claims to implement: docs/coverage.md, which a test of ours keeps true."""

import functools
import re

from .paths import REPOSITORY

ROW = re.compile(r"^\| (\w+) \| [A-Z]+ \| `[^`]+` \| (.*) \|$", re.M)


@functools.cache
def _states():
    states = dict(ROW.findall((REPOSITORY / "docs" / "coverage.md").read_text()))
    assert len(states) > 400, "docs/coverage.md has another form"
    return states


def built(operation):
    """Whether the operation answers anything but 501."""
    return _states()[operation] != "not built"
