"""The one tree of errors: each carries what it is about and reads as a sentence."""


class DirectoryError(Exception):
    """Something went wrong that we can name. Its text is written for people."""


class NotFoundError(DirectoryError):
    """What was asked for does not exist, or the one who asks may not see it."""


class SettingsError(DirectoryError):
    """A setting is missing or wrong; the text names it and says what to do."""


class RefusedError(DirectoryError):
    """The step is not allowed in the present state."""


class TooManyError(DirectoryError):
    """A limit has been reached; the text says when to try again."""
