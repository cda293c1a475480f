"""Why a file cannot be read or written, in plain words."""

_WORDS: dict[type[Exception], str] = {
    FileNotFoundError: "there is no such file or folder",
    IsADirectoryError: "it is a folder, not a file",
    NotADirectoryError: "a part of its name is no folder",
    PermissionError: "it is not allowed",
}


def file_trouble(error: Exception) -> str:
    """Say what is wrong, of an error of the system without its number."""
    system = error.strerror if isinstance(error, OSError) else None
    return _WORDS.get(type(error)) or system or str(error)
