"""Checks the strength of keys: a key that can be guessed is rejected at start."""

from __future__ import annotations

from rasa_autoplay.settings.remedy_lines import yaml_example
from rasa_autoplay.settings.secret import Secret

__all__ = [
    "LINK_SECRET_EXAMPLE",
    "MAKE_ONE",
    "MIN_JWT_KEY_BYTES",
    "MIN_RSA_BITS",
    "MIN_SECRET_LENGTH",
    "check_jwt_key",
    "check_length",
]

#: Minimum length of admin_key and link.secret in characters: 64 bits even if they are hexadecimal digits.
MIN_SECRET_LENGTH = 16
#: RFC 7518, section 3.2: an HS256 key is at least as long as the hash. One token is enough to guess keys
#: offline.
MIN_JWT_KEY_BYTES = 32
#: RFC 7518, section 3.3.
MIN_RSA_BITS = 2048
LINK_SECRET_EXAMPLE = yaml_example("link.secret", "${AUTOPLAY_LINK_SECRET}")
MAKE_ONE = "make one with: openssl rand -hex 32"


def check_length(secret: Secret) -> None:
    """Reject a short secret; an empty one means that no secret is set.

    Raises:
        ValueError: it is too short.
    """
    if 0 < len(secret.reveal()) < MIN_SECRET_LENGTH:
        raise ValueError(f"must have at least {MIN_SECRET_LENGTH} characters: {MAKE_ONE}")


def check_jwt_key(key: Secret) -> None:
    """Reject a key with which tokens could be forged or could not be verified.

    Args:
        key: a shared secret (HS256), or a public key in PEM form (RS256).

    Raises:
        ValueError: it is too short, or it is not a public RSA key.
    """
    text = key.reveal()
    if text.lstrip().startswith("-----BEGIN"):
        _check_pem(text)
    elif len(text.encode()) < MIN_JWT_KEY_BYTES:
        raise ValueError(f"a shared key must have at least {MIN_JWT_KEY_BYTES} bytes: {MAKE_ONE}")


def _check_pem(text: str) -> None:
    if "PRIVATE KEY" in text:
        raise ValueError("write the public key: the private key stays on the server that signs the tokens")
    # Imported here, because it is slow and only RSA keys need it.
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        key = load_pem_public_key(text.encode())
    except Exception:  # cryptography raises many kinds of errors for damaged keys
        key = None
    if not isinstance(key, RSAPublicKey):
        raise ValueError(
            "RS256 needs a public RSA key in PEM form (-----BEGIN PUBLIC KEY-----), and this is not one"
        )
    if key.key_size < MIN_RSA_BITS:
        raise ValueError(f"an RSA key must have at least {MIN_RSA_BITS} bits; this one has {key.key_size}")
