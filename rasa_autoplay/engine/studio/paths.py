"""The golden paths for the studio: their steps, who has mastered them, and what users see of them."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from rasa_autoplay.engine.core.configuration import Configuration
from rasa_autoplay.engine.freshness.suspect_steps import SuspectSteps
from rasa_autoplay.engine.knowledge.completion import Completion
from rasa_autoplay.engine.knowledge.golden_path import GoldenPath
from rasa_autoplay.engine.offers.offer_texts import tour_in_language
from rasa_autoplay.engine.studio.cached_reading import CachedReading
from rasa_autoplay.engine.studio.path_figures import PathFigures
from rasa_autoplay.engine.studio.path_reader import PathReader, PathReport
from rasa_autoplay.link.answers import GoldenPathFound, GoldenPathsFound, JsonObject
from rasa_autoplay.link.base import EngineRefused
from rasa_autoplay.settings.yaml_file import nearest_name

__all__ = ["PathViews"]

Search = Callable[[str, str, int], Awaitable[list[JsonObject]]]

_FRESH_S = 20.0
#: How many search results the preview shows.
_HITS = 3


class PathViews:
    """Describes the golden paths of one version of the files.

    Args:
        configuration: the version.
        reader: reads the figures.
        search: returns the golden paths that match a question, as the chat finds them, best first; its
            arguments are the product, the question and the maximum number.
        suspects: the suspect steps.
        is_reworded: whether a language model rewords the explanation in the chat.
    """

    def __init__(
        self,
        configuration: Configuration,
        reader: PathReader,
        search: Search,
        suspects: SuspectSteps,
        *,
        is_reworded: bool,
    ) -> None:
        self._configuration = configuration
        self._paths = {path.id: path for path in configuration.paths}
        self._reader = reader
        self._search = search
        self._suspects = suspects
        self._is_reworded = is_reworded
        self._report = CachedReading(
            lambda: reader.read(configuration.paths), "figures of the golden paths", _FRESH_S, time.monotonic
        )

    async def list(self) -> GoldenPathsFound:
        """Return ``{paths, at, users, sessions, is_partial}``: all golden paths with their figures.

        Raises:
            EngineRefused: the database is not available, or is still being read.
        """
        report = await self._read()
        cards = [self._card(path, report) for path in self._paths.values()]
        return GoldenPathsFound({"paths": cards, **_about(report)})

    async def detail(self, path_id: str) -> GoldenPathFound:
        """Return one golden path, with ``preview``: its tour, the chat's text, and the hits of a search.

        Raises:
            EngineRefused: there is no such path, or the database is not available, or is still being read.
        """
        path = self._paths.get(path_id)
        if path is None:
            hint = nearest_name(path_id, list(self._paths)) or "."
            raise EngineRefused("not_found", f"there is no golden path {path_id[:64]!r}{hint}")
        report = await self._read()
        tour = self._configuration.tours.resolve(path.id)
        settings = self._configuration.settings
        product_id, own = settings.product_id, (settings.language,)
        hits = await self._search(product_id, path.title, _HITS)
        return GoldenPathFound(
            {
                **self._card(path, report),
                **_about(report),
                "preview": {
                    "tour": None if tour is None else msgspec.to_builtins(tour_in_language(tour, own)),
                    "chat": {
                        "text": self._suspects.as_written(path).in_language(own).how_to(),
                        "is_reworded": self._is_reworded,
                    },
                    "search": {"query": path.title, "hits": hits},
                },
            }
        )

    async def _read(self) -> PathReport:
        report = await self._report.get()
        if report is None:
            raise EngineRefused(
                "unavailable",
                f"the stored sessions cannot be read: {self._reader.problem}",
                "Check database.url in autoplay.yml.",
            )
        return report

    def _card(self, path: GoldenPath, report: PathReport) -> dict[str, Any]:
        figures = report.paths[path.id]
        tried = figures.mastered + figures.began
        return {
            "path_id": path.id,
            "title": path.title,
            "description": path.description,
            "page": path.page,
            "has_tour": self._configuration.tours.resolve(path.id) is not None,
            "users": {"mastered": figures.mastered, "began": figures.began, "never": figures.never},
            "steps": _steps(path, figures, tried),
            "suspects": [suspect.as_json() for suspect in self._suspects.of_path(path)],
            "missed_most": _missed(path, figures),
            "median_s": figures.median_s,
            "timed": figures.timed,
        }


def _about(report: PathReport) -> dict[str, Any]:
    return {
        "at": report.at,
        "users_known": report.users,
        "sessions": report.sessions,
        "is_partial": report.is_partial,
    }


def _steps(path: GoldenPath, figures: PathFigures, tried: int) -> list[dict[str, Any]]:
    tracked = Completion.of(path.steps)
    return [
        {
            "id": step.id,
            "title": path.name_of(place),
            "text": step.text,
            "label": next(iter(step.labels), None),
            "element": next(iter(step.elements), None),
            "elements": step.elements,
            "is_tracked": place in tracked.provable,
            "is_optional": step.optional,
            "is_several": step.several is True,
            "users": found.users,
            "share": found.users / tried if tried and place in tracked.provable else None,
            "last_done_at": found.last_done_at,
        }
        for place, (step, found) in enumerate(zip(path.steps, figures.steps, strict=True))
    ]


def _missed(path: GoldenPath, figures: PathFigures) -> dict[str, Any] | None:
    if not figures.missed_most:
        return None
    place = next(at for at, step in enumerate(path.steps) if step.id == figures.missed_most)
    return {"step_id": figures.missed_most, "title": path.name_of(place), "users": figures.missed_by}
