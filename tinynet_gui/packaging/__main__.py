"""``python -m tinynet_gui.packaging [PLACE]``: make the folder in a place, by default ``dist``, and its archive."""

import sys
from collections.abc import Sequence
from pathlib import Path

from tinynet_gui.packaging.folder import make_archive, make_folder, size_of


def main(arguments: Sequence[str]) -> int:
    """Make both, and print their sizes; return the exit status."""
    try:
        folder = make_folder(Path(*arguments[:1] or ["dist"]).resolve())
    except ModuleNotFoundError as error:
        print(f"{error.name} is missing; install it with pip install 'tinynet-gui[package]'", file=sys.stderr)
        return 1
    archive = make_archive(folder)
    print(f"{folder}: {size_of(folder) / 1e6:.0f} MB\n{archive}: {archive.stat().st_size / 1e6:.0f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
