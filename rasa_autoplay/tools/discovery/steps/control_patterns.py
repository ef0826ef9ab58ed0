"""Writes controls as patterns of ``autoplay.yml``."""

from __future__ import annotations

import re
from typing import Any

from rasa_autoplay.tools.discovery.findings.trigger_settings import pattern_of
from rasa_autoplay.tools.discovery.steps.controls import Control

__all__ = ["pattern_of_control"]


def pattern_of_control(control: Control) -> dict[str, Any]:
    """Return the patterns that match the acts on a control and no others."""
    pattern = pattern_of(control.act)
    if control.act.element_id or control.begins:
        # Users click into a field and change it: both are acts on the control.
        pattern.pop("type", None)
    if control.begins:
        pattern["title"] = {"regex": f"^{re.escape(control.begins.strip())}"}
    if control.is_menu:
        pattern.pop("page", None)
    return pattern
