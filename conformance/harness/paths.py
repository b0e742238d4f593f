"""Where things are: the repository, the built drivers, the binary under test."""

import os
from pathlib import Path

CONFORMANCE = Path(__file__).resolve().parent.parent
REPOSITORY = CONFORMANCE.parent
# Everything that is built, and not fetched by a package manager into its own folder, goes here.
BUILT = REPOSITORY / "target" / "conformance"


def wigwag_binary() -> Path:
    """The binary under test: `$WIGWAG_BIN`, else the debug build."""
    path = Path(os.environ.get("WIGWAG_BIN") or REPOSITORY / "target" / "debug" / "wigwag").resolve()
    if not os.access(path, os.X_OK):
        raise FileNotFoundError(f"no Wigwag binary at {path}: build it, or name one with --wigwag PATH")
    return path
