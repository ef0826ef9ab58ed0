"""A gateway and an engine on real servers: they record drafts, and offer their tours."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

from support.background import BackgroundLoop, eventually
from support.deployment import ADMIN_KEY, BASE, Deployment, deployed

from rasa_autoplay.engine.knowledge.golden_path import GoldenPath, load_golden_paths
from rasa_autoplay.engine.knowledge.path_results import path_results_of
from rasa_autoplay.engine.knowledge.path_tracker import EvidenceByPath, PathTracker
from rasa_autoplay.tools.simulation.recordings import read_recordings

__all__ = ["Copilot"]

_WITHIN_S = 60.0
_OPERATOR = {"Authorization": f"Bearer {ADMIN_KEY}"}
_SETTINGS = """\
product_id: demo
courtesy: {min_interval: 0}
golden_paths: golden_paths
recording: {keep: 7d}
studio: {write: true}
triggers:
"""
_OFFER = """\
  - id: arrived
    body: Shall I show you how?
    when: {count: {type: pageview, at_least: 1, within: 120s}}
    golden_path: PATH
"""


class Copilot:
    """A running gateway with its engine.

    Args:
        background: the loop that they run on.
        deployment: the servers.
        folder: holds ``autoplay.yml`` and the golden paths.
    """

    def __init__(self, background: BackgroundLoop, deployment: Deployment, folder: Path) -> None:
        self._background = background
        self._deployment = deployment
        self._folder = folder
        self.base = f"{deployment.origin}{BASE}"

    @staticmethod
    def deployed(
        folder: Path, origins: Sequence[str], channel: dict[str, Any]
    ) -> AbstractAsyncContextManager[Deployment]:
        """Return servers to be started; pages at these origins may use them."""
        (folder / "golden_paths").mkdir(parents=True)
        (folder / "golden_paths" / "other.yml").write_text(
            'id: other\ntitle: Other\nsteps:\n  - {id: a, title: A, text: A, done_when: {title: "Click A"}}\n'
        )
        settings = {"identity": "none", "allowed_origins": list(origins), **channel}
        return deployed(folder, rules=f"{_SETTINGS.rstrip()} []\n", **settings)

    def _ask(self, method: str, path: str, body: Any = None) -> Any:
        asking = self._deployment.request(method, path, body, _OPERATOR)
        status, answer = self._background.run(asking, _WITHIN_S)
        assert status == 200, answer
        return answer

    def link(self, page: str) -> str:
        """Return a link that opens a page with the recorder."""
        return str(self._ask("POST", "/recorder/links", {"page": page})["link"])

    def stored_drafts(self) -> list[Any]:
        """Return the drafts that the recorder has sent to the studio, whole."""
        listed = self._ask("GET", "/path-drafts")["drafts"]
        return [self._ask("GET", f"/path-drafts/{each['draft_id']}") for each in listed]

    def offer(self, draft: str) -> GoldenPath:
        """Put a draft into the golden paths, offer it to everybody, and return it."""
        paths = self._folder / "golden_paths"
        for file in paths.glob("*.yml"):
            file.unlink()
        (paths / "draft.yml").write_text(draft, "utf-8")
        (path,) = load_golden_paths(paths)
        settings = self._folder / "autoplay.yml"
        _, _, own = settings.read_text("utf-8").partition("\nsession:")
        before = self._fingerprint()
        settings.write_text(f"{_SETTINGS}{_OFFER.replace('PATH', path.id)}session:{own}", "utf-8")

        async def is_in_force() -> bool:
            health = await self._deployment.health()
            return bool(health["engine"]["configuration"]["fingerprint"] != before)

        self._background.run(
            eventually(is_in_force, within_s=_WITHIN_S, what="the draft is in force"), _WITHIN_S + 5
        )
        return path

    def _fingerprint(self) -> str:
        health = self._background.run(self._deployment.health(), _WITHIN_S)
        return str(health["engine"]["configuration"]["fingerprint"])

    def done_steps(self, path: GoldenPath, user: str, folder: Path) -> list[str]:
        """Return the steps that the matcher sees in what the gateway decoded of a user's traffic."""
        file = folder / f"{user}.json"
        file.write_text(json.dumps(self._timeline(user)))
        tracker, evidence = PathTracker([path]), EvidenceByPath()
        for _, payload, _ in read_recordings([file], "demo").moments:
            for action in payload.actions:
                tracker.record(action, evidence)
        result = next(iter(path_results_of(tracker, evidence)), None)
        return [step.step_id for step in result.steps if step.done] if result else []

    @staticmethod
    def provable(path: GoldenPath) -> list[str]:
        """Return the steps that analytics can capture: it sees no change of a field in a shadow root."""
        return [step.id for step in path.steps if any(way.done_when for way in step.ways)]

    def _timeline(self, user: str) -> Any:
        (session, *_) = self._ask("GET", f"/recordings/demo/{user}")["sessions"]
        return self._ask("GET", f"/recordings/demo/{user}?session={session['session_id']}")
