"""The proposals of a project, for the command that shows them and takes steps."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rasa_autoplay.engine.proposals.base import FiguresQuery, StoredFigures
    from rasa_autoplay.engine.proposals.promotion import Promotion

__all__ = ["open_promotion"]


@asynccontextmanager
async def open_promotion(config: Path | None) -> AsyncIterator[Promotion]:
    """Open the proposals of a project, with its database.

    Args:
        config: ``autoplay.yml``; None for the engine's.

    Raises:
        ConfigError: the file is wrong.
    """
    from rasa_autoplay.engine.changes.sql.store import SqlChangeLog
    from rasa_autoplay.engine.proposals.promotion import Promotion
    from rasa_autoplay.engine.proposals.sql.reader import ProposalReader
    from rasa_autoplay.settings.engine import EngineSettings, find_engine_file
    from rasa_autoplay.settings.yaml_file import YamlFile
    from rasa_autoplay.storage.database import resolve_sqlite_url

    file = YamlFile(config) if config else find_engine_file()
    settings = file.read(EngineSettings)
    url = resolve_sqlite_url(file.path.parent, settings.database.url)
    reader, log = ProposalReader(url, settings.product_id), SqlChangeLog(url)
    figures = _NoDatabase() if _is_missing(url) else reader
    try:
        yield Promotion(file.path, settings.product_id, figures, log.append, time.time)
    finally:
        await reader.close()
        await log.close()


def _is_missing(url: str) -> bool:
    return url.startswith("sqlite:///") and not Path(url.removeprefix("sqlite:///")).exists()


class _NoDatabase:
    """Reads nothing, because the engine has not created the database yet, and a reader must not."""

    problem = "there is no database yet"

    async def read(self, queries: Sequence[FiguresQuery], now: float) -> Mapping[str, StoredFigures] | None:
        """Return no figures: nothing has been decided yet."""
        from rasa_autoplay.engine.proposals.base import StoredFigures

        return {query.trigger_id: StoredFigures() for query in queries}
