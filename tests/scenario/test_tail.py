"""An operator's terminal shows the story as it happens, with private data masked there too."""

from __future__ import annotations

import asyncio
import os
import sys
import time

from support.connector import Connector
from support.pair import Pair
from support.processes import ROOT
from support.stories import PROJECTS, action, save
from support.user import User
from support.workshop import ADMIN_KEY


async def test_tail_shows_actions_decisions_and_offers(pair: Pair, connector: Connector) -> None:
    user = User(pair)
    terminal = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "rasa_autoplay.tools.cli", "tail", pair.origin, "--user", user.id),
        cwd=ROOT,
        env={**os.environ, "AUTOPLAY_ADMIN_KEY": ADMIN_KEY},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert terminal.stdout is not None
    assert terminal.stderr is not None
    try:
        begun = await asyncio.wait_for(terminal.stderr.readline(), 30)
        assert begun.decode() == f"Watching {pair.origin}.\n"
        now = time.time() - 0.5
        async with user.feed() as feed:
            first = action(
                "Click Save changes of anna.berg@example.com", at=now - 20, url=f"{PROJECTS}/:id/edit"
            )
            connector.send(user.batch(first), user.batch(save(at=now - 10)), user.batch(save(at=now)))
            toast = await feed.toast()
            await user.acknowledge(toast, "accepted")
            told = await _until(terminal.stdout, "is accepted")
    finally:
        terminal.terminate()
        await terminal.communicate()
    words = [line.split()[1] for line in told]
    assert words[:5] == ["action", "action", "action", "fired", "offered"]
    assert all(user.id in line for line in told)
    assert "Click Save changes of [e-mail] on " in told[0]


async def _until(stream: asyncio.StreamReader, text: str) -> list[str]:
    lines: list[str] = []
    while not lines or text not in lines[-1]:
        lines.append((await asyncio.wait_for(stream.readline(), 30)).decode())
        assert lines[-1], lines
    return lines
