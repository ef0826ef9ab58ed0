"""What the rule says about a proposal, in sentences for people."""

from __future__ import annotations

from collections.abc import Iterator

from rasa_autoplay.engine.proposals.figures import Figures
from rasa_autoplay.engine.proposals.promotion import ProposalStatus
from rasa_autoplay.engine.proposals.verdict import Step, Verdict

__all__ = ["figures_in_words", "next_step", "verdict_in_words"]

_UNREADABLE = "The database cannot be read, so the rule cannot decide."


def next_step(status: ProposalStatus) -> str:
    """Return what is next, and what is missing, in one line."""
    if status.record is None:
        return _UNREADABLE
    verdict = status.record.verdict
    if status.is_rejected:
        return verdict.reasons[0]
    if verdict.step is not Step.STAY:
        return f"to {verdict.to.in_words}: {' '.join(verdict.reasons)}"
    return " ".join([*verdict.missing, *verdict.reasons])


def verdict_in_words(status: ProposalStatus) -> list[str]:
    """Return what the rule says, in lines."""
    if status.record is None:
        return [_UNREADABLE]
    verdict = status.record.verdict
    said = {
        Step.UP: f"The rule says: promote it to {verdict.to.in_words}.",
        Step.DOWN: f"The rule says: take it back to {verdict.to.in_words}.",
        Step.STAY: _stays(status, verdict),
    }
    return [said[verdict.step], *(f"- {text}" for text in (*verdict.reasons, *verdict.missing))]


def _stays(status: ProposalStatus, verdict: Verdict) -> str:
    following = status.placed.stage.following
    if not verdict.missing or following is None:
        return f"The rule says: leave it at {status.placed.stage.in_words}."
    return f"The rule says: wait. Missing for {following.in_words}:"


def figures_in_words(figures: Figures) -> Iterator[str]:
    """Yield the figures on which the rule decides, one line for each group."""
    backtest, ghost, trial, harm = figures.backtest, figures.ghost, figures.trial, figures.harm
    if backtest is not None:
        noise = (
            "" if backtest.found_share is None else f"; {backtest.found_share:.0%} found the fast way alone"
        )
        fires = f"{backtest.fires:,} fires, {backtest.fires_per_user_day:.2f} for each user and day"
        yield f"back-test: {fires}{noise}"
    if ghost is not None and not ghost.fires:
        yield f"ghost: {ghost.days:.1f} days, no fires yet"
    elif ghost is not None:
        yield (
            f"ghost: {ghost.days:.1f} days, {ghost.fires:,} fires for {ghost.users:,} users, "
            f"{ghost.fires_per_user_day:.1f} for such a user and day; {ghost.found_share:.0%} found the fast "
            f"way alone; {ghost.overlapping_share:.0%} coincide with another trigger"
        )
    if trial is not None:
        treated, control = trial.treated.users, trial.users - trial.treated.users
        yield (
            f"5 %: {trial.days:.1f} days, {treated:,} users with the offer and {control:,} without; "
            f"{trial.running:,} more have time left for the goal"
        )
    if harm is not None:
        yield (
            f"harm: {harm.seen:,} offers seen, {harm.refused:,} refused, {harm.never:,} times \"Don't show "
            f'again", {harm.muted:,} mutes'
        )
