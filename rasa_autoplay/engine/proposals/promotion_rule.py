"""The rule that takes a proposal from draft to live, and back: a pure function of figures.

It may be asked as often as anybody likes. What it says about offers that users got rests on evidence that
holds at every look: a confidence sequence for what they change, and e-processes for how users took them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from rasa_autoplay.engine.proposals.figures import Figures, GhostFigures
from rasa_autoplay.engine.proposals.harm_evidence import is_above
from rasa_autoplay.engine.proposals.stage import Stage
from rasa_autoplay.engine.proposals.thresholds import THRESHOLDS, Thresholds
from rasa_autoplay.engine.proposals.trial_rule import judge_trial
from rasa_autoplay.engine.proposals.verdict import Step, Verdict

__all__ = ["judge"]

_BACKTEST = "the back-test"


def judge(figures: Figures, bounds: Thresholds = THRESHOLDS) -> Verdict:
    """Say which step to take with a proposal, and why; or what is missing.

    Args:
        figures: everything that is known about it.
        bounds: the bounds.
    """
    if figures.is_switched_off:
        return _stay(figures, "A person has switched the trigger off in autoplay.yml.")
    return _JUDGES[figures.stage](figures, bounds)


def _judge_draft(figures: Figures, bounds: Thresholds) -> Verdict:
    found = figures.backtest
    if figures.problems:
        return _stay(figures, *figures.problems)
    if figures.setbacks:
        return _stay(figures, "It was taken back before. The rule does not try it again; a person can.")
    if found is None:
        return _stay(figures, "No back-test: the recordings have no held-out days. A person can decide.")
    if not found.is_recommended:
        return _stay(figures, "The evidence does not recommend it.", *found.reasons)
    against = [
        *_too_many_fires(found.fires_per_user_day, bounds, _BACKTEST),
        *_found_anyway(found.found_share or 0.0, bounds, _BACKTEST),
    ]
    if against:
        return _stay(figures, *against)
    return Verdict(Step.UP, Stage.GHOST, (f"The back-test has {found.fires} fires, and little noise.",))


def _judge_ghost(figures: Figures, bounds: Thresholds) -> Verdict:
    ghost = figures.ghost or GhostFigures(0.0)
    if figures.setbacks:
        return _stay(figures, "It was taken back from users before. The rule does not show it again.")
    missing = list(_missing_of_ghost(ghost, bounds))
    if missing and ghost.days >= bounds.most_ghost_days:
        return Verdict(Step.DOWN, Stage.DRAFT, (f"It fires too rarely to judge it: {missing[0]}",))
    if missing:
        return Verdict(Step.STAY, Stage.GHOST, missing=tuple(missing))
    against = [
        *_too_many_fires(ghost.fires_per_user_day, bounds, "ghost"),
        *_found_anyway(ghost.found_share, bounds, "ghost"),
        *_overlaps(ghost, bounds),
    ]
    if against:
        return Verdict(Step.DOWN, Stage.DRAFT, tuple(against))
    why = f"{ghost.fires} fires for {ghost.users} users in {ghost.days:.0f} days, and little noise."
    return Verdict(Step.UP, Stage.TRIAL, (why,))


def _judge_live(figures: Figures, bounds: Thresholds) -> Verdict:
    harm = figures.harm
    if harm is not None and is_above(harm.silenced, harm.seen, bounds.most_silenced_share):
        why = f"Users silenced {harm.silenced} of {harm.seen} offers: more than the bound."
        return Verdict(Step.DOWN, Stage.GHOST, (why,))
    if harm is not None and is_above(harm.refused, harm.seen, bounds.most_refused_share):
        why = f"Users refused {harm.refused} of {harm.seen} offers: more than the bound."
        return Verdict(Step.DOWN, Stage.GHOST, (why,))
    return _stay(figures, "It is live, and harm is not above its bound.")


def _missing_of_ghost(ghost: GhostFigures, bounds: Thresholds) -> Iterator[str]:
    if ghost.days < bounds.ghost_days:
        yield f"It needs about {bounds.ghost_days - ghost.days:.1f} more days as ghost."
    if ghost.fires < bounds.ghost_fires:
        yield f"It needs {_more(bounds.ghost_fires - ghost.fires, 'fire')}."
    if ghost.users < bounds.ghost_users:
        yield f"It needs {_more(bounds.ghost_users - ghost.users, 'user')}."


def _more(number: int, what: str) -> str:
    return f"{number} more {what}{'s' if number != 1 else ''}"


def _too_many_fires(number: float, bounds: Thresholds, where: str) -> Iterator[str]:
    if number > bounds.most_fires_per_user_day:
        most = bounds.most_fires_per_user_day
        yield f"It fires {number:.1f} times a day for such a user ({where}); at most {most:g} times are fine."


def _found_anyway(share: float, bounds: Thresholds, where: str) -> Iterator[str]:
    if share > bounds.most_found_share:
        yield (
            f"{share:.0%} of the users find the fast way themselves within 2 minutes ({where}); at most "
            f"{bounds.most_found_share:.0%} are fine."
        )


def _overlaps(ghost: GhostFigures, bounds: Thresholds) -> Iterator[str]:
    if ghost.overlapping_share > bounds.most_overlapping_share:
        yield f"{ghost.overlapping_share:.0%} of its fires coincide with those of another trigger."


def _stay(figures: Figures, *reasons: str) -> Verdict:
    return Verdict(Step.STAY, figures.stage, reasons)


_JUDGES: Mapping[Stage, Callable[[Figures, Thresholds], Verdict]] = {
    Stage.DRAFT: _judge_draft,
    Stage.GHOST: _judge_ghost,
    Stage.TRIAL: judge_trial,
    Stage.LIVE: _judge_live,
}
