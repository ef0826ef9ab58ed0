"""What was found, in the order in which it was looked at."""

from __future__ import annotations

from rasa_autoplay.settings.complaints import ErrorCollector

__all__ = ["Findings"]


class Findings(ErrorCollector):
    """Complaints, which stop the bot or make it useless, and warnings, which it can live with."""

    def __init__(self) -> None:
        super().__init__()
        #: One warning each.
        self.warnings: list[str] = []

    def warn(self, text: str) -> None:
        """Note what is odd, but may be meant."""
        self.warnings.append(text)
