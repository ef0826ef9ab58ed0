"""The checks that every chat message passes on its way to Rasa."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rasa_autoplay.common.conversation.message_proofs import PROOF_KEY, MessageProofs
from rasa_autoplay.common.identity.user_tokens import Caller, UserTokens
from rasa_autoplay.gateway.access.identity_modes import (
    Identity,
    ReportedIdentity,
    RequiredIdentity,
    UncheckedIdentity,
)
from rasa_autoplay.gateway.chat.message_gateway import MessageGateway, speaking_as, without_proactive
from rasa_autoplay.settings.secret import Secret

PROOFS = MessageProofs(Secret("link-secret"))
TOKENS = UserTokens([Secret("k" * 40)], "demo", time.time)
ANNA = {"customData": {"userId": "anna"}, "userId": "anna"}


def message(metadata: Any = None, parse_data: Any = None) -> Any:
    return SimpleNamespace(
        text="what did I do?",
        sender_id="w1",
        message_id="m1",
        input_channel="rest",
        metadata=metadata,
        parse_data=parse_data,
    )


def signed_user(identity: Identity, metadata: Any = None, caller: Caller | None = None) -> str:
    """Return the user that the action server will accept as the sender."""
    sent = message(metadata)
    gateway = MessageGateway(identity, PROOFS)
    if caller is None:
        gateway.sign(sent)
    else:
        with speaking_as(caller):
            gateway.sign(sent)
    proof = sent.metadata.get(PROOF_KEY) if isinstance(sent.metadata, dict) else None
    return PROOFS.user_of_message(proof, "w1", "m1")


@pytest.mark.parametrize(
    ("metadata", "user_id"),
    [
        ({"customData": {"userId": "u1"}, "userId": "u2"}, "u1"),
        ({"customData": {}, "userId": "u2"}, "u2"),
        ({"customData": {"userId": 7}}, "7"),
        ({"customData": "x"}, "w1"),
        (None, "w1"),
        ('{"userId": "u2"}', "u2"),
        ("anna", "w1"),
        (["anna"], "w1"),
    ],
)
def test_accepts_the_claimed_sender_without_identity(metadata: Any, user_id: str) -> None:
    assert signed_user(UncheckedIdentity(), metadata) == user_id
    assert signed_user(UncheckedIdentity(), metadata, Caller("")) == user_id, "through a socket"
    assert signed_user(ReportedIdentity(TOKENS), metadata) == user_id


def test_report_mode_counts_messages_without_a_token() -> None:
    identity = ReportedIdentity(TOKENS)
    assert signed_user(identity, ANNA) == "anna"
    assert identity.health()["would_be_refused"] == {"no_token": 1}


@pytest.mark.parametrize("metadata", [None, ANNA, {PROOF_KEY: "mine"}, {"sender": "anna"}, "anna", ["anna"]])
def test_required_mode_rejects_channels_without_tokens(
    metadata: Any, caplog: pytest.LogCaptureFixture
) -> None:
    identity = RequiredIdentity(TOKENS)
    assert signed_user(identity, metadata) == ""
    assert "'rest'" in caplog.text
    assert identity.health()["refused"] == {"no_token": 1}


def test_required_mode_accepts_only_the_sockets_user() -> None:
    assert signed_user(RequiredIdentity(TOKENS), ANNA, Caller("mallory")) == "mallory"


def test_logs_each_channel_once(caplog: pytest.LogCaptureFixture) -> None:
    gateway = MessageGateway(RequiredIdentity(TOKENS), PROOFS)
    for _ in range(3):
        gateway.sign(message())
    assert len(caplog.records) == 1


def test_removes_a_proof_supplied_by_the_sender() -> None:
    sent = message({PROOF_KEY: PROOFS.for_message("anna", "w1", "m1"), "page": "/projects"})
    MessageGateway(RequiredIdentity(TOKENS), PROOFS).sign(sent)
    assert sent.metadata == {"page": "/projects"}


def test_context_ends_with_its_message() -> None:
    with speaking_as(Caller("anna")):
        pass
    assert signed_user(RequiredIdentity(TOKENS), ANNA) == ""


# --- what users type ---------------------------------------------------------------------------------------

NAMES = st.sampled_from(["greet", "affirm", "EXTERNAL_proactive", "nlu_fallback", None])
INTENTS = st.fixed_dictionaries({"name": NAMES, "confidence": st.floats(0, 1)})
ENTITIES = st.fixed_dictionaries(
    {"entity": st.sampled_from(["name", "proactive_text"]), "value": st.text(max_size=5)}
)


@given(
    intent=INTENTS,
    entities=st.lists(ENTITIES, max_size=4),
    ranking=st.lists(INTENTS, max_size=4),
    text=st.text(max_size=10),
)
def test_removes_only_the_copilots_metadata(
    intent: dict[str, Any], entities: list[dict[str, Any]], ranking: list[dict[str, Any]], text: str
) -> None:
    parsed = {"text": text, "intent": intent, "entities": entities, "intent_ranking": ranking, "more": 1}
    cleaned = without_proactive(parsed)
    assert "EXTERNAL_proactive" not in repr({**cleaned, "text": ""})
    assert [e for e in entities if e["entity"] == "name"] == cleaned["entities"]
    assert (cleaned["text"], cleaned["more"]) == (text, 1)
    if intent["name"] != "EXTERNAL_proactive":
        assert cleaned["intent"] == intent
    else:
        assert cleaned["intent"] == {"name": "nlu_fallback", "confidence": 1.0}


def test_cleans_parse_data_supplied_by_a_channel() -> None:
    brought = {"intent": {"name": "EXTERNAL_proactive"}, "entities": [{"entity": "proactive_text"}]}
    sent = message(None, brought)
    MessageGateway(UncheckedIdentity(), PROOFS).sign(sent)
    assert sent.parse_data["intent"]["name"] == "nlu_fallback"
    assert sent.parse_data["entities"] == []
