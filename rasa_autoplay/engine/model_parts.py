"""The parts of the engine that use a language model; they exist only if ``autoplay.yml`` has ``llm``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rasa_autoplay.engine.assistant.embeddings import Embeddings
from rasa_autoplay.engine.assistant.language_model import LanguageModel
from rasa_autoplay.engine.assistant.narrator import Narrator
from rasa_autoplay.engine.assistant.offer_reviewer import ModelJudge
from rasa_autoplay.engine.assistant.summarizer import Summarizer
from rasa_autoplay.engine.knowledge.golden_path import GoldenPath
from rasa_autoplay.engine.knowledge.search import document_of
from rasa_autoplay.engine.memory.base import MemoryStore, SessionRecord
from rasa_autoplay.engine.sessions.base import SessionStore
from rasa_autoplay.settings.engine import EngineSettings

__all__ = ["ModelParts"]

#: Stored beside ``autoplay.yml``; it can be deleted at any time.
_EMBEDDINGS_FILE = "autoplay-embeddings.db"


class ModelParts:
    """The model and the parts that use it; each is None if it is not configured.

    Args:
        settings: ``autoplay.yml``.
        paths: all golden paths.
        memory: stores the narrator's notes.
        folder: the folder of ``autoplay.yml``.
        former: the parts of the version before. If ``llm`` is the same, its model stays.
    """

    def __init__(
        self,
        settings: EngineSettings,
        paths: Sequence[GoldenPath],
        memory: MemoryStore,
        folder: Path,
        former: ModelParts | None = None,
    ) -> None:
        llm = self._llm = settings.llm
        self._summary_every = llm.summary_every if llm else None
        self.model: LanguageModel | None = LanguageModel(llm) if llm else None
        if former is not None and former._llm == llm:
            self.model = former.model
        self.judge = ModelJudge(self.model, llm.judge_timeout) if self.model and llm and llm.judge else None
        self.narrator = (
            Narrator(self.model, paths, memory) if self.model and llm and llm.session_notes else None
        )
        self.embeddings: Embeddings | None = None
        if llm and llm.embedding_model and paths:
            documents = {path.id: document_of(path) for path in paths}
            self.embeddings = Embeddings(llm, documents, str(folder / _EMBEDDINGS_FILE))

    def summarizer_for(self, sessions: SessionStore) -> Summarizer | None:
        """Return a summarizer for these sessions; None if it is not configured."""
        if self.model is None or not self._summary_every:
            return None
        return Summarizer(self.model, self._summary_every, sessions)

    def narrate(self, records: Sequence[SessionRecord]) -> None:
        """Have the narrator describe sessions that have ended and are stored."""
        if self.narrator is not None:
            self.narrator.enqueue(records)

    async def start(self) -> None:
        """Connect to the model, and start to embed the golden paths."""
        if self.model is not None:
            await self.model.prepare()
        if self.embeddings is not None:
            self.embeddings.start()

    async def stop(self, successor: ModelParts | None = None) -> None:
        """Finish pending work, then close the model, unless these parts' successor uses it."""
        if self.narrator is not None:
            await self.narrator.stop()
        if self.embeddings is not None:
            await self.embeddings.stop()
        if self.model is not None and (successor is None or successor.model is not self.model):
            await self.model.close()

    def health(self) -> dict[str, Any]:
        """Return state and counts, without secrets."""
        return {
            **({"llm": self.model.health()} if self.model else {}),
            **({"embeddings": self.embeddings.health()} if self.embeddings else {}),
            **(self.narrator.counts if self.narrator else {}),
        }
