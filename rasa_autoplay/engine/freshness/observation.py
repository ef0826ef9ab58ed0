"""What one session shows of the steps of a golden path. It names no control, only the controls' keys."""

from __future__ import annotations

import msgspec

__all__ = ["MissingReport", "PathObservation", "StepObservation"]


class StepObservation(msgspec.Struct, frozen=True, array_like=True):
    """What a session shows of one step.

    Args:
        digest: of the step's definition.
        done_at: when the user last did it, epoch seconds; 0 if not in this session.
        is_between: whether the user did steps before and after it, so that it is missed if it was not done.
        is_named: whether the control that did it has the step's name; None if it was not done, or if the step
            names no control.
        control: key of the control that did it last; empty if it was not done.
        others: keys of the controls that the user operated where the step belongs and that match no step.
        kin: key of the one among them that has the step's name or element; empty for none.
        has_ids: whether the session's source sends element ids; without them, only names can be compared.
    """

    digest: str
    done_at: float = 0.0
    is_between: bool = False
    is_named: bool | None = None
    control: str = ""
    others: tuple[str, ...] = ()
    kin: str = ""
    has_ids: bool = True


class PathObservation(msgspec.Struct, frozen=True):
    """What a session shows of one golden path.

    Args:
        user_id: the user.
        session_id: the session.
        path_id: the golden path.
        at: when the session did the last of its steps, epoch seconds.
        steps: by step id.
    """

    user_id: str
    session_id: str
    path_id: str
    at: float
    steps: dict[str, StepObservation]


class MissingReport(msgspec.Struct, frozen=True):
    """A browser could not find the element of a step.

    Args:
        user_id: the user.
        path_id: the golden path.
        step_id: the step.
        digest: of the step's definition.
        at: epoch seconds.
        page: canonical URL of the page.
    """

    user_id: str
    path_id: str
    step_id: str
    digest: str
    at: float
    page: str
