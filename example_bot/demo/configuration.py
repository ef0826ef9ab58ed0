"""The demo's own ``autoplay.yml``."""

from __future__ import annotations

import functools
import shutil
from pathlib import Path

from example_bot.demo.options import ROOT
from rasa_autoplay.engine.offers.offer_status import Arm
from rasa_autoplay.engine.rollout.allocation import allocate
from rasa_autoplay.settings.engine import EngineSettings
from rasa_autoplay.settings.yaml_file import YamlFile

__all__ = ["CONFIG", "STORY_TRIGGER", "copy_configuration", "gets_the_toast"]

#: The file; the project's own has less to show in the studio.
CONFIG = ROOT / "example_bot" / "demo" / "autoplay.yml"
#: The trigger of the story.
STORY_TRIGGER = "bulk_edit_opportunity"


def gets_the_toast(user_id: str) -> bool:
    """Whether a user is among those who get the toast of the story; the others are compared with them."""
    settings = _settings()
    rollout = next(trigger.rollout for trigger in settings.triggers if trigger.id == STORY_TRIGGER)
    return allocate(rollout, settings.holdout, STORY_TRIGGER, user_id).arm is Arm.SHOWN


def copy_configuration(folder: Path) -> Path:
    """Copy the file and its golden paths to a folder, with a database of its own; return the copy."""
    shutil.copytree(CONFIG.parent / "golden_paths", folder / "golden_paths")
    text = CONFIG.read_text(encoding="utf-8")
    copy = folder / CONFIG.name
    copy.write_text(text.replace("sqlite:///../../autoplay.db", "sqlite:///autoplay.db"), encoding="utf-8")
    return copy


@functools.lru_cache(maxsize=1)
def _settings() -> EngineSettings:
    return YamlFile(CONFIG).read(EngineSettings)
