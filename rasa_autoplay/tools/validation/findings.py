"""Collects the errors and warnings of a validation, in the order of the checks."""

from __future__ import annotations

from rasa_autoplay.settings.error_collector import ErrorCollector

__all__ = ["Findings"]


class Findings(ErrorCollector):
    """Errors, which stop the bot or make it useless, and warnings, which do not."""

    def __init__(self) -> None:
        super().__init__()
        #: The warnings, one per entry.
        self.warnings: list[str] = []

    def warn(self, text: str) -> None:
        """Add a warning about something that may be intended."""
        self.warnings.append(text)
