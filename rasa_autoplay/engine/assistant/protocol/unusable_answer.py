"""Why an answer of the language model is not used."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from rasa_autoplay.errors import AutoplayError

__all__ = ["NOT_USED", "Reason", "UnusableAnswer"]

#: ``form``: not in the form that was asked for. ``steps``: not each asked step once, in order. ``label``: the
#: label's placeholder is missing, repeated or misplaced. ``invented``: says what the golden path does not.
Reason = Literal["cut_off", "form", "steps", "label", "invented"]
#: What health calls the answers that are not used.
NOT_USED: Mapping[str, str] = {
    "cut_off": "not_used_cut_off",
    "form": "not_used_form",
    "steps": "not_used_steps",
    "label": "not_used_label",
    "invented": "not_used_invented",
}


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
