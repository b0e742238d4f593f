"""What there is to implement (contract/operations.tsv), and what the server claims to: docs/coverage.md,
which a test of ours keeps true."""

import csv
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


@functools.cache
def _entries():
    with open(REPOSITORY / "contract" / "operations.tsv", newline="") as table:
        return {row["id"]: row for row in csv.DictReader(table, delimiter="\t")}


def entry(operation):
    """Its row of the contract: `method`, `path`, `beta`, `status`…"""
    return _entries()[operation]
