"""What the keys of controls stand for, as far as this engine has seen them itself."""

from __future__ import annotations

from collections.abc import Mapping

from rasa_autoplay.common.bounded_dict import BoundedDict
from rasa_autoplay.engine.freshness.control import Control
from rasa_autoplay.engine.freshness.drop_test import FEWEST_USERS

__all__ = ["ControlTexts"]

_MOST_KEPT = 20_000


class _Known:
    """A control, and who operated exactly this one; only the first few users are remembered.

    Once two controls of the kind differ in their names or ids, those are kept without their numbers.
    """

    def __init__(self, control: Control) -> None:
        self._control = control
        self._users: set[str] = set()

    def learn(self, user_id: str, control: Control) -> None:
        own, kind = self._control, control.kind
        self._control = Control(
            own.name if own.name == control.name else kind.name,
            own.element_id if own.element_id == control.element_id else kind.element_id,
        )
        if len(self._users) < FEWEST_USERS:
            self._users.add(user_id)

    def forget_user(self, user_id: str) -> None:
        self._users.discard(user_id)

    @property
    def text(self) -> Control:
        """The control, without numbers that fewer users share."""
        return self._control if len(self._users) >= FEWEST_USERS else self._control.kind


class ControlTexts:
    """Remembers controls by their keys, in memory only.

    A control that few users operated may carry personal data, such as the name of a customer.
    """

    def __init__(self) -> None:
        self._known: BoundedDict[str, _Known] = BoundedDict(_MOST_KEPT)

    def learn(self, user_id: str, controls: Mapping[str, Control]) -> None:
        """Remember the controls that a user has operated, by key."""
        for key, control in controls.items():
            known = self._known.get(key)
            if known is None:
                known = self._known[key] = _Known(control)
            known.learn(user_id, control)

    def forget_user(self, user_id: str) -> None:
        """Forget that a user operated any control."""
        for known in self._known.values():
            known.forget_user(user_id)

    def shared(self, users: Mapping[str, int]) -> dict[str, Control]:
        """Return the controls that several users share, as far as this engine knows them.

        Args:
            users: how many users operated the control, by key, as far as all engines know.
        """
        return {
            key: known.text
            for key, count in users.items()
            if count >= FEWEST_USERS and (known := self._known.get(key)) is not None
        }
