"""An engine whose files a test rewrites while it runs; the test controls the time and the frames."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from rasa_autoplay.engine.engine import Engine
from rasa_autoplay.engine.offers.offer import Offer
from rasa_autoplay.engine.sessions.session import Session
from rasa_autoplay.events.models import SlimAction
from rasa_autoplay.link.messages import Batch, Event, FeedInfo, FeedOpened, UpMessage
from rasa_autoplay.settings.yaml_file import YamlFile
from support.engine_parts import T0, Clock, Publisher, batch

__all__ = ["RULE", "RewrittenEngine", "engine_file", "golden_path", "rewritten"]

#: A trigger that fires at the second press of "Save changes".
RULE = """\
  - id: saves
    when: {count: {title: Save changes, at_least: 2}}
    body: "%s"
"""


def engine_file(*triggers: str, more: str = "") -> str:
    """Return an ``autoplay.yml`` with these triggers and golden paths."""
    return (
        "product_id: demo\nsession: {interaction_timeout: 10s, cooldown: 20s}\n"
        "courtesy: {min_interval: 0}\ngolden_paths: paths\n"
        f"{more}triggers:\n{''.join(triggers)}"
    )


def golden_path(*step_ids: str, path_id: str = "bulk") -> str:
    """Return a golden path whose steps are done by a click on the element of the same id."""
    steps = "".join(
        f"  - {{id: {step}, title: {step}, element: '#{step}', text: Press {step}., "
        f"done_when: {{element_id: {step}}}}}\n"
        for step in step_ids
    )
    return f"id: {path_id}\ntitle: Bulk edit\npage: /projects\nsteps:\n{steps}"


class RewrittenEngine:
    """An engine, a gateway that sends it numbered batches, and its files."""

    def __init__(self, folder: Path, content: str) -> None:
        self.folder, self.file = folder, folder / "autoplay.yml"
        (folder / "paths").mkdir(exist_ok=True)
        self.file.write_text(content, "utf-8")
        self.clock, self.publisher = Clock(), Publisher()
        self.engine = Engine(YamlFile(self.file), self.publisher, self.clock)
        self._number = 1

    async def rewrite(self, content: str | None = None) -> None:
        """Write ``autoplay.yml``, or only let the engine look at its files."""
        if content is not None:
            self.file.write_text(content, "utf-8")
        for _ in range(2):  # two reads must agree
            await self.engine._reloader.check()

    async def write_path(self, content: str | None, name: str = "bulk") -> None:
        """Write a golden path, or delete it, and let the engine look at its files."""
        file = self.folder / "paths" / f"{name}.yml"
        if content is None:
            file.unlink()
        else:
            file.write_text(content, "utf-8")
        await self.rewrite()

    async def send(self, *messages: UpMessage) -> None:
        """Send messages of a gateway."""
        sent = Batch("d1", "demo", self.engine.engine_id, self._number, list(messages))
        await self.engine.apply_batch(sent)
        self._number += len(messages)
        await self.engine.finish_pending()

    async def act(self, *actions: SlimAction, user: str = "u1", session: str = "s1") -> None:
        """Let a user act, each action in its own batch, at the action's time."""
        for each in actions:
            self.clock.now = max(self.clock.now, each.timestamp_start)
            await self.send(Event(batch(each, user=user, session=session), "capture"))
            await self.engine._memory.finish_pending()
            await self.engine.finish_pending()

    async def listen(self, user: str = "u1") -> None:
        """Open a user's feed."""
        await self.send(FeedOpened(FeedInfo(f"f-{user}", user)))

    async def at(self, seconds: float) -> None:
        """Let time pass until ``seconds`` after T0, and fire what is due."""
        self.clock.now = T0 + seconds
        for key in self.engine._timers.pop_due(self.clock.now):
            await self.engine._handle_timer(key)
        await self.engine.finish_pending()

    async def session(self, session: str = "s1") -> Session:
        """Return a live session as the parts of the version in force see it."""
        found = await self.engine._core.sessions.find(("demo", session))
        assert found is not None
        return found

    def offer(self, user: str = "u1") -> Offer | None:
        """Return the user's open offer."""
        return self.engine._live.open_offers.of_user(user)

    def bodies(self) -> list[str]:
        """Return the texts of all toasts, in order."""
        return [toast["body"] for toast in self.publisher.toasts if "body" in toast]

    @property
    def configuration(self) -> dict[str, Any]:
        """Health's description of the files."""
        found: dict[str, Any] = self.engine.health()["configuration"]
        return found


@asynccontextmanager
async def rewritten(folder: Path, content: str) -> AsyncIterator[RewrittenEngine]:
    """Run an engine on a file that the test rewrites."""
    made = RewrittenEngine(folder, content)
    try:
        yield made
    finally:
        await made.engine.stop()
