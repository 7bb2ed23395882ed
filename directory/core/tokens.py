"""Secrets for links and emails: generated here, stored only as digests."""

import hashlib
import hmac
import secrets

from flask import current_app

# No 0/O, 1/I/L or U: a reference is read out over the phone.
_REFERENCE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_token() -> str:
    """Return 256 random bits as URL-safe text."""
    return secrets.token_urlsafe(32)


def new_public_id() -> str:
    """Return 22 random characters that name a row in links and commands; not a secret.

    It never begins with a dash, which a command would take for an option.
    """
    while (public_id := secrets.token_urlsafe(16)).startswith("-"):
        pass
    return public_id


def token_digest(token: str) -> str:
    """Return the digest to store in place of a token: SHA-256 in hex, 64 characters."""
    return hashlib.sha256(token.encode()).hexdigest()


def new_code() -> str:
    """Return six random digits for a person to type."""
    return f"{secrets.randbelow(1_000_000):06d}"


def keyed_digest(secret_key: str, *parts: str) -> str:
    """Return an HMAC-SHA-256 in hex: for values too short to be hashed alone."""
    message = "\x1f".join(parts).encode()
    return hmac.new(secret_key.encode(), message, hashlib.sha256).hexdigest()


def same_digest(one: str, other: str) -> bool:
    """Compare two digests in constant time."""
    return hmac.compare_digest(one, other)


def new_reference() -> str:
    """Return a short public reference such as ``H7KM-2QXR``; 39 bits, not a secret."""
    letters = [secrets.choice(_REFERENCE_ALPHABET) for _ in range(8)]
    return "".join(letters[:4]) + "-" + "".join(letters[4:])


def secret_key() -> str:
    """Return the secret of the running application, for `keyed_digest`."""
    return str(current_app.config["SECRET_KEY"])
