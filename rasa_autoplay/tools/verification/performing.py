"""Uses the elements of a path's steps, and says what analytics capture of that."""

from __future__ import annotations

from typing import Any

from rasa_autoplay.engine.knowledge.golden_path import GoldenPath
from rasa_autoplay.engine.knowledge.step import Step
from rasa_autoplay.events.models import SlimAction
from rasa_autoplay.gateway.sources.pages import Pages
from rasa_autoplay.tools.verification.acting import NotDone, act_of, perform
from rasa_autoplay.tools.verification.options import VerifyOptions
from rasa_autoplay.tools.verification.proof import action_of, is_page_view, proves
from rasa_autoplay.tools.verification.report import StepReport
from rasa_autoplay.tools.verification.session import Session

__all__ = ["Performer"]


class Performer:
    """Performs the steps of one path, except the last one, whose capture it predicts.

    Args:
        session: the browser context.
        path: the golden path.
        options: of the command; ``finish`` performs the last step, too.
        pages: the names of the app's pages.
    """

    def __init__(self, session: Session, path: GoldenPath, options: VerifyOptions, pages: Pages) -> None:
        self._session = session
        self._path = path
        self._options = options
        self._pages = pages
        acted = [place for place, step in enumerate(path.steps) if step.elements or step.labels]
        self._left_out = acted[-1] if acted and not options.finish else -1

    def leaves_out(self, place: int) -> bool:
        """Whether a step is only predicted, because it may change data."""
        return place == self._left_out

    def act(
        self, place: int, step: Step, facts: dict[str, Any], report: StepReport
    ) -> list[SlimAction] | None:
        """Use an element, or predict what that would be captured as.

        Args:
            place: of the step, from 0.
            step: the step.
            facts: what the page's last answer says of the element.
            report: gets a note if the element cannot be used.

        Returns:
            What was captured; None if the element could not be used.
        """
        if self.leaves_out(place):
            return self.predicted(facts)
        first = facts["first"]
        handle = self._session.view.handle(first["index"])
        before = len(self._session.events)
        act = act_of(first["tag"], first["type"], first["role"])
        try:
            if handle is None:
                raise NotDone("it went away")
            perform(act, handle, self._options.timeout_s, by_force=bool(facts["coveredBy"]))
        except NotDone as problem:
            report.notes.append(f"not performed: {problem}")
            return None
        self._session.settle()

        def captured() -> list[SlimAction]:
            return self._actions(self._session.events[before:])

        if step.proofs and all(map(is_page_view, step.proofs)):
            self._session.until(lambda: proves(self._path, step, captured()), self._options.page_timeout_s)
        return captured()

    def predicted(self, facts: dict[str, Any]) -> list[SlimAction]:
        """Return what using an element would be captured as, apart from the pages that follow."""
        first = facts.get("first")
        if not first:
            return []
        act = act_of(first["tag"], first["type"], first["role"])
        return self._actions(self._session.view.ask("captured", act, first["index"]) or [])

    def _actions(self, events: list[dict[str, Any]]) -> list[SlimAction]:
        return [action for event in events if (action := action_of(event, self._pages))]
