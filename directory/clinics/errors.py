"""What cannot be done to a clinic."""

from directory.core.errors import DirectoryError


class ClinicError(DirectoryError):
    """A clinic cannot be saved as described."""
