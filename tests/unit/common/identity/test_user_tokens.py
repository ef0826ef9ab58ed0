"""User tokens: which are valid, whatever a stranger sends."""

from __future__ import annotations

import base64
import json
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import given
from hypothesis import strategies as st

from rasa_autoplay.common.identity.user_tokens import Caller, UserTokens, mint_token, signing_method
from rasa_autoplay.errors import IdentityRefused
from rasa_autoplay.settings.secret import Secret

NOW = 1_700_000_000.0
KEY, NEW_KEY = "k" * 40, "n" * 40


def tokens(*keys: str, product_id: str = "demo") -> UserTokens:
    return UserTokens([Secret(key) for key in keys or (KEY,)], product_id, lambda: NOW)


def minted(user_id: str = "u1", key: str = KEY, **options: Any) -> str:
    return mint_token(user_id, key, now=NOW, **options)


def refusal(token: str, *keys: str) -> IdentityRefused:
    with pytest.raises(IdentityRefused) as refused:
        tokens(*keys).caller(token)
    assert all(key not in str(refused.value) for key in (KEY, NEW_KEY, *keys))
    assert refused.value.remedy
    return refused.value


@pytest.fixture(scope="module")
def key_pair() -> tuple[str, str]:
    """Return a private and a public key in PEM form."""
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    form = serialization.Encoding.PEM
    return (
        private.private_bytes(form, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode(),
        private.public_key().public_bytes(form, serialization.PublicFormat.SubjectPublicKeyInfo).decode(),
    )


def test_minted_token_identifies_its_user_until_it_expires() -> None:
    assert tokens().caller(minted("u1", expires_in_s=600)) == Caller("u1", NOW + 600, is_verified=True)


def test_user_id_can_be_any_text() -> None:
    for user_id in ("ü/..%2F", "a" * 500, "42"):
        assert tokens().caller(minted(user_id)).user_id == user_id
    with pytest.raises(ValueError, match="user id"):
        minted("")


def test_accepts_both_keys_during_a_rotation() -> None:
    both = tokens(NEW_KEY, KEY)
    assert both.caller(minted(key=KEY)).user_id == both.caller(minted(key=NEW_KEY)).user_id == "u1"
    assert refusal(minted(key=KEY), NEW_KEY).reason == "invalid"


def test_public_key_verifies_what_its_private_key_signed(key_pair: tuple[str, str]) -> None:
    private, public = key_pair
    assert (signing_method(private), signing_method(public), signing_method(KEY)) == (
        "RS256",
        "RS256",
        "HS256",
    )
    assert tokens(KEY, public).caller(minted(key=private)).user_id == "u1"
    assert refusal(minted(key=private), KEY).reason == "invalid"


def _signed_by_hand(header: dict[str, Any], claims: dict[str, Any], key: bytes) -> str:
    import hashlib
    import hmac

    def part(value: bytes) -> str:
        return base64.urlsafe_b64encode(value).rstrip(b"=").decode()

    body = f"{part(json.dumps(header).encode())}.{part(json.dumps(claims).encode())}"
    return f"{body}.{part(hmac.new(key, body.encode(), hashlib.sha256).digest())}"


def test_rejects_a_public_key_used_as_a_shared_secret(key_pair: tuple[str, str]) -> None:
    # The public key is known to all, and its text could sign HS256 tokens.
    _, public = key_pair
    claims = {"sub": "u1", "exp": NOW + 60}
    token = _signed_by_hand({"alg": "HS256", "typ": "JWT"}, claims, public.encode())
    assert refusal(token, public).reason == "invalid"


@pytest.mark.parametrize("algorithm", ["none", "None", "nOnE", "HS512", "RS256", "", None])
def test_rejects_other_algorithms(algorithm: Any) -> None:
    claims = {"sub": "u1", "exp": NOW + 60}
    token = _signed_by_hand({"alg": algorithm, "typ": "JWT"}, claims, KEY.encode())
    unsigned = token.rpartition(".")[0] + "."
    assert refusal(token).reason == refusal(unsigned).reason == "invalid"


def test_reports_an_expired_token_as_expired() -> None:
    tokens().caller(minted(expires_in_s=-9))
    assert refusal(minted(expires_in_s=-10)).reason == "expired"


def test_token_can_be_limited_to_one_product() -> None:
    tokens().caller(minted(product_id="demo"))
    other = refusal(minted(product_id="other"))
    assert (other.reason, other.kind) == ("wrong_product", "forbidden")


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": NOW + 60},
        {"sub": "u1"},
        {"sub": "", "exp": NOW + 60},
        {"sub": 42.0, "exp": NOW + 60},
        {"sub": True, "exp": NOW + 60},
        {"sub": ["u1"], "exp": NOW + 60},
        {"sub": "u1", "exp": "soon"},
        {"sub": "u1", "exp": True},
        {"sub": "u1", "exp": None},
        {"sub": "u1", "exp": float("inf")},
    ],
)
def test_requires_sub_and_exp(claims: dict[str, Any]) -> None:
    token = _signed_by_hand({"alg": "HS256", "typ": "JWT"}, claims, KEY.encode())
    assert refusal(token).reason == "invalid"


def test_missing_token_error_explains_how_to_send_one() -> None:
    missing = refusal("")
    assert (missing.reason, missing.kind) == ("no_token", "unauthorized")
    assert "Authorization: Bearer" in missing.remedy


def test_rejects_an_overlong_token_at_once() -> None:
    assert refusal(minted() + "A" * 10_000_000).reason == "invalid"


@given(st.text(max_size=200))
def test_rejects_made_up_tokens(token: str) -> None:
    assert refusal(token).reason in ("invalid", "no_token")


@given(st.integers(min_value=0), st.characters(categories=["L", "N"]))
def test_rejects_a_token_changed_anywhere(place: int, other: str) -> None:
    token = minted()
    place %= len(token)
    changed = token[:place] + other + token[place + 1 :]
    try:
        assert tokens().caller(changed).user_id == "u1"
    except IdentityRefused:
        return
    # The last character of a base64 text has unused bits.
    assert jwt.decode(changed, options={"verify_signature": False}) == jwt.decode(
        token, options={"verify_signature": False}
    )
