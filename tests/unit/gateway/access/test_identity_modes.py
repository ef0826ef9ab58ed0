"""The three identity modes."""

from __future__ import annotations

import pytest

from rasa_autoplay.common.identity.user_tokens import Caller, UserTokens, mint_token
from rasa_autoplay.errors import IdentityRefused
from rasa_autoplay.gateway.access.identity_modes import (
    Identity,
    ReportedIdentity,
    RequiredIdentity,
    UncheckedIdentity,
)
from rasa_autoplay.settings.secret import Secret

NOW = 1_700_000_000.0
KEY = "k" * 40
TOKENS = UserTokens([Secret(KEY)], "demo", lambda: NOW)
#: The token, the user named in the request, and the reason for a rejection.
BAD = [
    ("", "u1", "no_token"),
    ("", "", "no_token"),
    ("forged", "u1", "invalid"),
    (mint_token("u1", KEY, expires_in_s=-60, now=NOW), "u1", "expired"),
    (mint_token("u2", KEY, now=NOW), "u1", "wrong_user"),
]
GOOD = mint_token("u1", KEY, now=NOW)


@pytest.mark.parametrize(("token", "user_id", "reason"), BAD)
def test_required_mode_rejects_and_counts(token: str, user_id: str, reason: str) -> None:
    identity = RequiredIdentity(TOKENS)
    for _ in range(2):
        with pytest.raises(IdentityRefused) as refused:
            identity.caller(token, user_id)
        assert refused.value.kind == ("forbidden" if reason == "wrong_user" else "unauthorized")
    assert identity.health() == {"mode": "required", "accepted": 0, "refused": {reason: 2}}


@pytest.mark.parametrize("user_id", ["u1", ""])
def test_required_mode_accepts_the_token(user_id: str) -> None:
    identity = RequiredIdentity(TOKENS)
    assert identity.caller(GOOD, user_id) == Caller("u1", NOW + 3600, is_verified=True)
    assert identity.health() == {"mode": "required", "accepted": 1, "refused": {}}


@pytest.mark.parametrize(("token", "user_id", "reason"), BAD)
def test_report_mode_counts_and_rejects_no_one(token: str, user_id: str, reason: str) -> None:
    identity = ReportedIdentity(TOKENS)
    assert identity.caller(token, user_id) == Caller(user_id)
    assert identity.health() == {"mode": "report_only", "accepted": 0, "would_be_refused": {reason: 1}}
    assert identity.caller(GOOD, "") == Caller("u1", is_verified=True)


def test_none_mode_accepts_every_user_id_and_logs_it() -> None:
    identity = UncheckedIdentity()
    assert identity.caller("forged", "u1") == Caller("u1")
    assert "identity: required" in identity.health()["remedy"]


@pytest.mark.parametrize(
    ("identity", "is_refused"),
    [(RequiredIdentity(TOKENS), True), (ReportedIdentity(TOKENS), False), (UncheckedIdentity(), False)],
)
def test_checks_the_owner_according_to_the_mode(identity: Identity, *, is_refused: bool) -> None:
    for owner in ("u1", ""):
        identity.check_owner(Caller("u1"), owner)
    if is_refused:
        with pytest.raises(IdentityRefused):
            identity.check_owner(Caller("u1"), "u2")
    else:
        identity.check_owner(Caller("u1"), "u2")
    assert identity.health().get("would_be_refused", {"wrong_user": 1}) == {"wrong_user": 1}
