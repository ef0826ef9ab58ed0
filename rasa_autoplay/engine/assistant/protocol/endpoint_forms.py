"""Remembers which form of answer an endpoint can give."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rasa_autoplay.engine.assistant.protocol.answer_form import FORMS, AnswerForm

__all__ = ["EndpointForms"]

#: After this time (seconds) the most reliable form is tried again, because endpoints learn new things.
_VALID_S = 3600.0


class EndpointForms:
    """The best form that an endpoint is known to give.

    Args:
        clock: a monotonic clock, in seconds.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._best = FORMS[0]
        self._until = 0.0

    @property
    def best(self) -> AnswerForm:
        """The form to ask for."""
        return self._best if self._clock() < self._until else FORMS[0]

    def from_best(self) -> Sequence[AnswerForm]:
        """Return the forms to try, in order: the best one, and those that need less of the endpoint."""
        return FORMS[FORMS.index(self.best) :]

    def remember(self, form: AnswerForm) -> None:
        """Record that this form works, after a better one did not."""
        self._best, self._until = form, self._clock() + _VALID_S
