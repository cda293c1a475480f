"""The path of the program's resources: inside an installed wheel, or beside the package in a checkout."""

from pathlib import Path

_PACKAGE = Path(__file__).parent


def resource_path(name: str) -> Path:
    """Return the path of a file in ``resources/``, such as ``icons/play.svg``.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    """
    for root in (_PACKAGE / "resources", _PACKAGE.parent / "resources"):
        if (root / name).is_file():
            return root / name
    raise FileNotFoundError(f"resource {name} is missing from the installation of tinynet_gui")
