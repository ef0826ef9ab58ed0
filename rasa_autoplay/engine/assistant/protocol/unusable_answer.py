"""Why an answer of the language model is not used."""

from __future__ import annotations

from typing import Literal

from rasa_autoplay.errors import AutoplayError

__all__ = ["Reason", "UnusableAnswer"]

#: ``form``: not in the form that was asked for. ``steps``: not each asked step once, in order. ``label``: the
#: label's placeholder is missing, repeated or misplaced. ``invented``: says what the golden path does not.
Reason = Literal["cut_off", "form", "steps", "label", "invented"]


class UnusableAnswer(AutoplayError):
    """The answer cannot be shown, so the steps are sent as they are written.

    Args:
        reason: the kind, for counts.
        what: what is wrong, for logs and for the model's second try.
    """

    def __init__(self, reason: Reason, what: str) -> None:
        super().__init__(what)
        self.reason: Reason = reason
        self.what = what
