"""The error of an invalid public file, with its name and line."""

from directory.core.errors import DirectoryError


class SourceFileError(DirectoryError):
    """The file cannot be loaded. The text is ``file:line: what was found, what was expected``."""

    def __init__(self, file: str, line: int, found: str, expected: str) -> None:
        super().__init__(f"{file}:{line}: found {found}, expected {expected}.")
        self.file = file
        self.line = line
        self.found = found
        self.expected = expected
