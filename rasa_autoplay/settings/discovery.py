"""``discover`` in ``autoplay.yml``: proposals of triggers, and whether the engine promotes them by itself."""

from __future__ import annotations

from typing import Literal

from rasa_autoplay.settings.models import Field, Settings

__all__ = ["DiscoverySettings"]


class DiscoverySettings(Settings):
    """Proposals of triggers, which rasa-autoplay discover finds in recordings.

    Args:
        proposals: the folder of the proposals, relative to this file.
        promote: who takes a proposal from draft to live. never: a person, with rasa-autoplay propose or in
            the studio. auto: the engine, by the rule in docs/discover.md; it writes into this file.
    """

    proposals: str = Field(default="proposals", min_length=1)
    promote: Literal["never", "auto"] = "never"
