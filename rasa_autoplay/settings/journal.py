"""The section ``journal`` of the channel: where accepted events wait for the engine."""

from __future__ import annotations

from pathlib import Path

from rasa_autoplay.settings.models import Field, Settings

__all__ = ["DEFAULT_JOURNAL_FOLDER", "JournalSettings"]

DEFAULT_JOURNAL_FOLDER = "autoplay-journal"


class JournalSettings(Settings):
    """Where accepted events are stored until the engine or Redis has received them.

    Args:
        folder: created if missing, readable by its owner only. The default is autoplay-journal in the Rasa
            server's working directory.
        max_bytes: total size of the folder's files.
    """

    folder: str = ""
    max_bytes: int = Field(default=64 * 1024 * 1024, ge=1024 * 1024)

    @property
    def path(self) -> Path:
        """The journal's folder."""
        return Path(self.folder or DEFAULT_JOURNAL_FOLDER)
