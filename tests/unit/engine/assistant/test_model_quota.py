"""One user cannot exhaust the language model for the others, or for the team that pays for it."""

from __future__ import annotations

from rasa_autoplay.engine.assistant.language_model import LanguageModel
from rasa_autoplay.settings.llm import LlmSettings


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def answers(model: LanguageModel, user_id: str, times: int) -> int:
    """Return how many of a user's questions the model may answer."""
    return sum(model.for_user(user_id) is model for _ in range(times))


def test_each_user_has_a_quota() -> None:
    clock = Clock()
    model = LanguageModel(LlmSettings(model="m", user_per_minute=5), clock)
    assert answers(model, "mallory", 300) == 5
    assert answers(model, "anna", 3) == 3, "others have their own"
    assert model.health()["over_quota"] == 295
    clock.now += 30.0
    assert answers(model, "mallory", 300) == 2, "half a minute later"


def test_unknown_users_share_one_quota() -> None:
    model = LanguageModel(LlmSettings(model="m", user_per_minute=5), Clock())
    assert answers(model, "", 300) == 5
