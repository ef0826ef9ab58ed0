"""Signs the short values that prove a sign-in to the studio."""

from __future__ import annotations

import base64
import binascii
import functools
import hashlib
import hmac
from typing import Generic, TypeVar

import msgspec

from rasa_autoplay.settings.secret import Secret

__all__ = ["SignedValues"]

#: scrypt takes about 50 ms and 16 MB, once for each server, so that no cookie helps to guess a short key.
_COST = 2**14
_MAX_LENGTH = 1024
_encoder = msgspec.json.Encoder()

_ValueT = TypeVar("_ValueT", bound=msgspec.Struct)


class SignedValues(Generic[_ValueT]):
    """Encodes values as text that only a holder of the admin key can make.

    Every Rasa server with the same admin key reads the same values. A new key makes all old values invalid.

    Args:
        key: the admin key.
        kind: the values' type; a value of one type is invalid as every other one.
    """

    def __init__(self, key: Secret, kind: type[_ValueT]) -> None:
        self._key = key
        self._salt = f"rasa_autoplay {kind.__name__}".encode()
        self._decoder = msgspec.json.Decoder(kind)

    def encode(self, value: _ValueT) -> str:
        """Return the value with its signature, in letters that cookies and URLs can carry."""
        payload = _as_text(_encoder.encode(value))
        return f"{payload}.{_as_text(self._signature(payload))}"

    def decode(self, text: str) -> _ValueT | None:
        """Return the value; None if this key did not sign it."""
        payload, _, signature = text.partition(".")
        if len(text) > _MAX_LENGTH or not text.isascii():
            return None
        if not hmac.compare_digest(_as_text(self._signature(payload)), signature):
            return None
        try:
            return self._decoder.decode(_as_bytes(payload))
        except (msgspec.DecodeError, binascii.Error):
            return None

    @functools.cached_property
    def _signing_key(self) -> bytes:
        key = self._key.reveal().encode("utf-8", "surrogatepass")
        return hashlib.scrypt(key, salt=self._salt, n=_COST, r=8, p=1)

    def _signature(self, payload: str) -> bytes:
        return hmac.digest(self._signing_key, payload.encode(), "sha256")


def _as_text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _as_bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
