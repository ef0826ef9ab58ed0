"""The vendor's stream breaks, sends nonsense or falls silent while sixty users work: no toast is lost."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from support.background import eventually
from support.connector import Connector
from support.deployment import deployed
from support.run import asynchronous
from support.stories import batch, save

TOKEN = "stream-token-word"
USERS = 60
#: Seconds for all stories together.
STORY_S = 4.0
JUNK = ("{not json", "[1,2,3]", "null", '{"type":"prophecy"}', "[" * 5_000, '"x' + "x" * 2_000_000 + '"', "")


async def drops(connector: Connector) -> None:
    """Every connection is short; unsent frames are held for the next one."""
    while True:
        await asyncio.sleep(0.5)
        connector.hang_up()


async def junk(connector: Connector) -> None:
    """Send nonsense between the good frames."""
    while True:
        await asyncio.sleep(0.05)
        for text in JUNK:
            connector.send_text(text)


async def stalls(connector: Connector) -> None:
    """Send nothing for a while, then everything at once."""
    try:
        while True:
            connector.pause()
            await asyncio.sleep(1.5)
            connector.resume()
            await asyncio.sleep(0.3)
    finally:
        connector.resume()


FAULTS: list[Callable[[Connector], Awaitable[None]]] = [drops, junk, stalls]


async def tell(connector: Connector, place: int, user: str) -> None:
    """Send three saves, each in its own frame."""
    await asyncio.sleep(STORY_S / 2 * place / USERS)
    begun = time.time() - 40
    for number in range(3):
        saved = save(at=begun + 10 * number)
        connector.send(batch(saved, session_id=f"ps-{user}", user_id=user, forwarded_at=time.time()))
        await asyncio.sleep(STORY_S / 6)


@pytest.mark.parametrize("fault", FAULTS)
@asynchronous
async def test_loses_none_of_sixty_toasts(
    tmp_path: Path, fault: Callable[[Connector], Awaitable[None]]
) -> None:
    connector = Connector(TOKEN)
    await connector.start()
    try:
        async with deployed(tmp_path, stream={"url": connector.url, "token": TOKEN}) as made:
            await connector.connected()
            users = [f"user-{number}" for number in range(USERS)]
            streams = {user: await made.listen(user) for user in users}
            at_fault = asyncio.ensure_future(fault(connector))
            await asyncio.gather(*(tell(connector, place, user) for place, user in enumerate(users)))
            at_fault.cancel()
            await asyncio.gather(at_fault, return_exceptions=True)
            await eventually(
                lambda: all(stream.toasts for stream in streams.values()), what="everybody's toast"
            )
            await made.check_still_serves()
            assert [user for user, stream in streams.items() if len(stream.toasts) != 1] == []
            if fault is drops:
                assert connector.requests > 2, "it was cut more than once"
    finally:
        await connector.close()
