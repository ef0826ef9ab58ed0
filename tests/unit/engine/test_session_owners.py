"""The owner of a chat session: requested from the engine, stored in its database, never guessed."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.run import asynchronous

from rasa_autoplay.engine.session_owners import SessionOwnerStore
from rasa_autoplay.errors import EngineUnreachable, IdentityRefused
from rasa_autoplay.gateway.chat.engine_session_owners import EngineSessionOwners
from rasa_autoplay.link.answers import ChatOwner
from rasa_autoplay.link.requests import ClaimChat, FindChatOwner


class DirectLink:
    """Asks the store itself, unless the engine is unreachable."""

    def __init__(self, store: SessionOwnerStore) -> None:
        self.store = store
        self.is_away = False
        self.asked: list[FindChatOwner | ClaimChat] = []

    async def ask(self, request: FindChatOwner | ClaimChat, timeout_s: float = 5.0) -> ChatOwner:
        self.asked.append(request)
        if self.is_away:
            raise EngineUnreachable("It is away.")
        match request:
            case ClaimChat(session_id=session_id, user_id=user_id):
                return await self.store.claim_chat(session_id, user_id)
            case FindChatOwner(session_id=session_id):
                return await self.store.owner_of_chat(session_id)


def store_in(folder: Path, now: float = 1_000.0) -> SessionOwnerStore:
    return SessionOwnerStore(f"sqlite:///{folder / 'autoplay.db'}", "demo", lambda: now)


def owners_over(link: DirectLink) -> EngineSessionOwners:
    """A Rasa server that has just started."""
    return EngineSessionOwners(link)  # type: ignore[arg-type] # it asks only


@asynchronous
async def test_session_keeps_its_first_user_after_every_restart(tmp_path: Path) -> None:
    for user in ("anna", "mallory", "anna"):
        store = store_in(tmp_path)
        owners = owners_over(DirectLink(store))
        assert await owners.claim("w1", user) == "anna"
        assert await owners.owner_of("w1") == "anna"
        await store.close()
    store = store_in(tmp_path)
    assert await owners_over(DirectLink(store)).owner_of("w1") == "anna", "asked first"
    assert await owners_over(DirectLink(store)).owner_of("w2") == "", "nobody's"
    await store.close()


@asynchronous
async def test_does_not_query_known_owners_again(tmp_path: Path) -> None:
    link = DirectLink(store_in(tmp_path))
    owners = owners_over(link)
    for _ in range(3):
        await owners.claim("w1", "anna")
    assert link.asked == [ClaimChat("anna", "w1")]
    await link.store.close()


@asynchronous
async def test_admits_only_new_sessions_while_owners_are_unknown(tmp_path: Path) -> None:
    link = DirectLink(store_in(tmp_path))
    owners = owners_over(link)
    await owners.claim("w1", "anna")
    link.is_away = True
    assert await owners.claim("w1", "mallory") == "anna", "what is known stays known"
    for asking in (owners.claim("w2", "mallory"), owners.owner_of("w2")):
        with pytest.raises(IdentityRefused) as refusal:
            await asking
        assert refusal.value.kind == "unavailable"
    await owners.claim_new("fresh", "mallory")
    assert await owners.owner_of("fresh") == "mallory"
    await link.store.close()


@asynchronous
async def test_rejects_a_claim_when_the_database_fails(tmp_path: Path) -> None:
    link = DirectLink(store_in(tmp_path / "no" / "such" / "folder"))
    with pytest.raises(IdentityRefused):
        await owners_over(link).claim("w1", "mallory")
    assert link.store.problem
    await link.store.close()


@asynchronous
async def test_exports_and_deletes_a_user_and_drops_old_sessions(tmp_path: Path) -> None:
    old, store = store_in(tmp_path, 100.0), store_in(tmp_path, 1_000.0)
    for where, session, user in ((old, "w0", "anna"), (store, "w1", "anna"), (store, "w2", "ben")):
        await where.claim_chat(session, user)
    assert sorted(await store.export("anna") or ()) == ["w0", "w1"]
    assert await store.forget_before(500.0) == 1
    assert await store.forget("anna") == 1
    assert (await store.export("anna"), await store.export("ben")) == ([], ["w2"])
    await old.close()
    await store.close()
