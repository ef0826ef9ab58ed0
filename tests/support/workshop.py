"""Creates projects, and knows where each log of a run is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from support.background import BackgroundLoop
from support.pair import Pair
from support.project import ADMIN_KEY, Project

__all__ = ["ADMIN_KEY", "API_KEY", "LINK_SECRET", "SECRETS", "STREAM_TOKEN", "Workshop"]

#: Distinctive, so that tests can search for them in every log.
STREAM_TOKEN = "stream-token-0f8c1d7e"
LINK_SECRET = "link-secret-77ab20c4"
API_KEY = "sk-api-key-5e1f90bb"
SECRETS = (STREAM_TOKEN, LINK_SECRET, API_KEY, ADMIN_KEY)


class Workshop:
    """Creates projects, and knows every pair of servers that was made of them.

    Args:
        folder: an empty folder.
        model: the trained model.
    """

    def __init__(self, folder: Path, model: Path) -> None:
        self._folder = folder
        self._model = model
        self.pairs: list[Pair] = []

    def project(self, name: str, kind: type[Project] = Project) -> Project:
        """Return a fresh copy of the repository's Rasa project.

        Args:
            name: its folder's name.
            kind: the project's class, which starts the servers.
        """
        folder = self._folder / name
        folder.mkdir()
        return kind(folder, self._model)

    @contextmanager
    def running(
        self, project: Project, background: BackgroundLoop, kind: type[Pair] = Pair
    ) -> Iterator[Pair]:
        """Run the servers of a project while the context lasts."""
        pair = kind(project)
        self.pairs.append(pair)
        try:
            background.run(pair.start(), 250)
            yield pair
        finally:
            background.run(pair.close(), 150)

    def logs(self) -> dict[str, str]:
        """Return every log of the run by its place."""
        return {
            f"{path.parent.name}/{path.name}": path.read_text(encoding="utf-8", errors="replace")
            for path in sorted(self._folder.glob("*/*.log"))
        }
