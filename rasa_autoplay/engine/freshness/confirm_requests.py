"""Confirms suspect steps for the studio, with the code of ``rasa-autoplay confirm``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rasa_autoplay.engine.changes.pause_control import LONGEST_TEXT
from rasa_autoplay.engine.freshness.confirm_control import ConfirmControl
from rasa_autoplay.engine.knowledge.golden_path import GoldenPath
from rasa_autoplay.errors import AutoplayError
from rasa_autoplay.link.answers import StepConfirmed
from rasa_autoplay.link.base import EngineRefused
from rasa_autoplay.settings.yaml_file import nearest_name

__all__ = ["WHAT_FOLLOWS", "ConfirmRequests", "step_of"]

#: What a confirmation means, for people.
WHAT_FOLLOWS = (
    "The step counts as right from now on: its tour is offered again, and the chat uses its label. It "
    "becomes suspect again if later sessions show another change, or if browsers still miss its element."
)


def step_of(paths: Sequence[GoldenPath], path_id: str, step_id: str) -> GoldenPath:
    """Return the golden path with that step.

    Raises:
        AutoplayError: there is no such path, or it has no such step.
    """
    by_id: Mapping[str, GoldenPath] = {path.id: path for path in paths}
    path = by_id.get(path_id)
    if path is None:
        raise AutoplayError(
            f"There is no golden path {path_id[:64]!r}{nearest_name(path_id, list(by_id)) or '.'}",
            remedy=f"Golden paths: {', '.join(by_id) or 'none'}.",
        )
    if not path.has_step(step_id):
        steps = [step.id for step in path.steps]
        raise AutoplayError(
            f"The golden path {path_id!r} has no step {step_id[:64]!r}{nearest_name(step_id, steps) or '.'}",
            remedy=f"Steps: {', '.join(steps)}.",
        )
    return path


class ConfirmRequests:
    """Confirms steps of one version of the golden paths.

    Args:
        control: stores confirmations.
        paths: all golden paths.
    """

    def __init__(self, control: ConfirmControl, paths: Sequence[GoldenPath]) -> None:
        self._control = control
        self._paths = paths

    async def confirm(self, path_id: str, step_id: str, who: str, why: str) -> StepConfirmed:
        """Confirm that a step is right as it is.

        Args:
            path_id: the golden path.
            step_id: one of its steps.
            who: the person who confirms.
            why: the reason; may be empty.

        Raises:
            EngineRefused: a text is missing or too long, there is no such step, or the database is not
                available.
        """
        if not who.strip():
            raise EngineRefused("invalid", "'by' is empty", "Say who confirms it, for your colleagues.")
        if max(len(who), len(why)) > LONGEST_TEXT:
            raise EngineRefused("invalid", f"a text is longer than {LONGEST_TEXT} characters")
        try:
            path = step_of(self._paths, path_id, step_id)
        except AutoplayError as problem:
            raise EngineRefused("not_found", problem.message, problem.remedy) from None
        try:
            suspect = await self._control.confirm(path, step_id, who, why)
        except AutoplayError as problem:
            raise EngineRefused("unavailable", problem.message, problem.remedy) from None
        if suspect is None:
            return StepConfirmed(False, "The step is not suspect, so nothing has changed.")
        return StepConfirmed(True, WHAT_FOLLOWS)
