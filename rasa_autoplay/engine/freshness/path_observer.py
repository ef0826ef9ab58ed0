"""Works out what a session shows of the steps of one golden path."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from rasa_autoplay.engine.freshness.control import Control, control_of
from rasa_autoplay.engine.freshness.observation import PathObservation, StepObservation
from rasa_autoplay.engine.freshness.step_digest import digests_of
from rasa_autoplay.engine.freshness.step_names import StepNames
from rasa_autoplay.engine.knowledge.attempts import StepEvidence
from rasa_autoplay.engine.knowledge.completion import Completion
from rasa_autoplay.engine.knowledge.golden_path import GoldenPath
from rasa_autoplay.engine.knowledge.last_done import last_done_of

__all__ = ["Observed", "PathObserver", "Use"]

#: Before the first step and after the last one, this many controls within this time may stand in for it.
_MOST_AT_ENDS = 6
_NEAR_END_S = 120.0
#: Controls that are kept of one step and session.
_MOST_OTHERS = 8

_Gap = tuple[StepEvidence | None, StepEvidence | None]


class Use(NamedTuple):
    """A control that a user has operated.

    Args:
        at: epoch seconds.
        place: its place among actions of the same moment.
        title: the action's title.
        element_id: DOM id of the element; empty if unknown.
    """

    at: float
    place: int
    title: str
    element_id: str


class Observed(NamedTuple):
    """What a session shows.

    Args:
        observation: what is stored of it.
        controls: the controls that its keys stand for.
    """

    observation: PathObservation
    controls: dict[str, Control]


class PathObserver:
    """Observes sessions along one version of a golden path.

    Args:
        product_id: the product.
        path: the golden path.
    """

    def __init__(self, product_id: str, path: GoldenPath) -> None:
        self._product_id = product_id
        self.path = path
        #: The digests of its steps, by step id.
        self.digests = digests_of(path)
        self._steps = Completion.of(path.steps)
        self._names = {place: StepNames(path.steps[place]) for place in self._steps.provable}

    def observe(
        self, user_id: str, session_id: str, evidence: Sequence[StepEvidence], uses: Sequence[Use]
    ) -> Observed | None:
        """Return what a session shows of the path; None if it did no step.

        Args:
            user_id: the user.
            session_id: the session.
            evidence: about this path, in any order.
            uses: the controls that the user has operated, oldest first.
        """
        done = sorted(action for action in evidence if not action.signal)
        if not done:
            return None
        last = last_done_of(done)
        matched = {(action.at, action.index, action.title) for action in done}
        others = [use for use in uses if (use.at, use.place, use.title) not in matched]
        controls: dict[str, Control] = {}
        steps = {
            self.path.steps[place].id: self._observe_step(place, done, others, last, controls)
            for place in self._steps.provable
        }
        return Observed(
            PathObservation(user_id, session_id, self.path.id, done[-1].at, steps),
            controls,
        )

    def _observe_step(
        self,
        place: int,
        done: Sequence[StepEvidence],
        uses: Sequence[Use],
        last: dict[int, float],
        controls: dict[str, Control],
    ) -> StepObservation:
        step, names = self.path.steps[place], self._names[place]
        own = [action for action in done if place in action.steps]
        gaps = list(self._gaps(place, [action for action in done if place not in action.steps]))
        there = [use for gap in gaps for use in _uses_in(gap, uses)]
        others = dict.fromkeys(self._key(use, controls) for use in there)
        kin = [use for use in there if names.names(use.title) or names.has_element(use.element_id)]
        return StepObservation(
            digest=self.digests[step.id],
            done_at=last.get(place, 0.0),
            is_between=any(self._is_between(place, gap) for gap in gaps),
            is_named=any(names.names(action.title) for action in own) if own and names.has_name else None,
            control=self._key(own[-1], controls) if own else "",
            others=tuple(others)[-_MOST_OTHERS:],
            kin=self._key(kin[-1], controls) if kin and not own else "",
            has_ids=any(each.element_id for each in done) or any(use.element_id for use in uses),
        )

    def _gaps(self, place: int, others: Sequence[StepEvidence]) -> Iterator[_Gap]:
        """Return the places in the session where the step belongs: between which actions."""
        pairs = zip([None, *others], [*others, None], strict=True)
        for before, after in pairs:
            is_after = before is not None and min(before.steps) < place
            is_before = after is not None and max(after.steps) > place
            if is_after and is_before:
                yield before, after
            elif is_after and after is None:
                yield before, None
            elif is_before and before is None:
                yield None, after

    def _is_between(self, place: int, gap: _Gap) -> bool:
        """Whether the user came to the step, and went on after it.

        Users give up in the middle, and sessions begin there. So the first and the last step count only if
        the nearest required step was done.
        """
        before, after = gap
        if before is not None and after is not None:
            return True
        if before is None and after is not None and place == self._steps.provable[0]:
            return next((s for s in self._steps.required if s > place), None) in after.steps
        if after is None and before is not None and place == self._steps.provable[-1]:
            return next((s for s in reversed(self._steps.required) if s < place), None) in before.steps
        return False

    def _key(self, action: Use | StepEvidence, controls: dict[str, Control]) -> str:
        control = control_of(action.title, action.element_id)
        key = control.key(self._product_id)
        controls[key] = control
        return key


def _uses_in(gap: _Gap, uses: Sequence[Use]) -> Sequence[Use]:
    before, after = gap
    start = (before.at, before.index) if before else (-1.0, 0)
    end = (after.at, after.index) if after else (float("inf"), 0)
    within = [use for use in uses if start < (use.at, use.place) < end]
    if before is None and after is not None:
        return [use for use in within if after.at - use.at <= _NEAR_END_S][-_MOST_AT_ENDS:]
    if after is None and before is not None:
        return [use for use in within if use.at - before.at <= _NEAR_END_S][:_MOST_AT_ENDS]
    return within
