"""The error hierarchy: each error carries its subject and reads as a sentence."""


class DirectoryError(Exception):
    """The base of all known errors. The text is written for people."""


class NotFoundError(DirectoryError):
    """The requested object does not exist, or the caller may not see it."""


class SettingsError(DirectoryError):
    """A setting is missing or wrong; the text names it and says what to do."""


class RefusedError(DirectoryError):
    """The action is not allowed in the current state."""


class TooManyError(DirectoryError):
    """A limit has been reached; the text says when to try again."""
