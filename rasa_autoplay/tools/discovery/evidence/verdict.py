"""What a back-test says about a proposal, by stated rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rasa_autoplay.tools.discovery.evidence.back_test import MIN_FIRES, MIN_USERS
from rasa_autoplay.tools.discovery.evidence.figures import BackTest, Verdict, VerdictKind
from rasa_autoplay.tools.discovery.evidence.intervals import Share
from rasa_autoplay.tools.discovery.evidence.wording import amount, percent

__all__ = ["verdict_of"]

#: A trigger that is noise for more than this share of its fires is not recommended.
_MOST_NOISE = 0.5
#: Nor is one after whose fires fewer users than this went on the slow way.
_LEAST_WELCOME = 0.2


def verdict_of(test: BackTest | None, trigger: Mapping[str, Any], words: Mapping[str, str]) -> Verdict:
    """Judge a proposal.

    Args:
        test: the back-test; None if nothing was held out.
        trigger: the proposed trigger as plain data.
        words: what users did after a fire, in words.
    """
    if test is None:
        return Verdict(
            VerdictKind.NOT_TESTED,
            "The recordings have too few days and users, so nothing was left for a test.",
            "Run discover again with recordings of a week or more.",
        )
    if test.went_on is None:
        return Verdict(
            VerdictKind.NOT_TESTED,
            f"In the test, the trigger fired {amount(test.fires, 'time')} for {amount(test.users, 'user')}. "
            f"That is too little for a share: it takes {MIN_FIRES} fires for "
            f"{MIN_USERS} users.",
            "Run discover again with recordings of more days.",
        )
    if test.found is not None and test.found.share > _MOST_NOISE:
        return Verdict(
            VerdictKind.NOT_RECOMMENDED,
            f"After {percent(test.found.share)} of the fires, the user {words['found']}, within two minutes. "
            "For them, the offer would have been noise.",
            _later(trigger),
        )
    if test.went_on.share < _LEAST_WELCOME:
        return Verdict(
            VerdictKind.NOT_RECOMMENDED,
            f"After only {percent(test.went_on.share)} of the fires, the user {words['went_on']}.",
            "Most users did something else then. Make the condition narrower, and simulate it.",
        )
    return _of_intervals(test, test.went_on, trigger, words)


def _of_intervals(
    test: BackTest, went_on: Share, trigger: Mapping[str, Any], words: Mapping[str, str]
) -> Verdict:
    welcome = f"After {percent(went_on.share)} of the fires, the user {words['went_on']}"
    if test.found is None:
        return Verdict(
            VerdictKind.RECOMMENDED,
            f"{welcome}. No act shows whether a user found a faster way alone, so noise is not measured.",
        )
    noise = f"after {percent(test.found.share)}, the user {words['found']}"
    if went_on.low > test.found.high:
        return Verdict(VerdictKind.RECOMMENDED, f"{welcome}; {noise}.")
    return Verdict(
        VerdictKind.UNCERTAIN,
        f"{welcome}; {noise}. The intervals overlap, so the difference may be chance.",
        f"Run discover again with recordings of more days. {_later(trigger)}",
    )


def _later(trigger: Mapping[str, Any]) -> str:
    """Suggest how the trigger could fire later, when fewer users get on by themselves."""
    least = _least(trigger.get("when"))
    if least is not None:
        return f"Raise at_least from {least} to {least + 1} in trigger.yml, and simulate it."
    return "Let the trigger wait longer, for example with idle: 20s, and simulate it."


def _least(condition: object) -> int | None:
    """Return the largest ``at_least`` of counted actions."""
    if isinstance(condition, list):
        found = [each for each in map(_least, condition) if each is not None]
        return max(found, default=None)
    if not isinstance(condition, Mapping):
        return None
    own = [
        value["at_least"]
        for key, value in condition.items()
        if key in ("count", "repeat", "failure")
        and isinstance(value, Mapping)
        and isinstance(value.get("at_least"), int)
    ]
    inner = [each for key in ("all", "any") if (each := _least(condition.get(key))) is not None]
    return max([*own, *inner], default=None)
