"""Counts what one proposal has done, from the tables of offers, receipts and users' choices."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from rasa_autoplay.engine.courtesy.user_choices import path_topic, trigger_topic
from rasa_autoplay.engine.offers.offer_status import Arm, OfferStatus
from rasa_autoplay.engine.offers.sql.schema import offers
from rasa_autoplay.engine.proposals.base import FiguresQuery
from rasa_autoplay.engine.proposals.figures import GhostFigures, HarmFigures, TrialFigures
from rasa_autoplay.engine.results.comparison import compare, failure_strata, goal_strata
from rasa_autoplay.engine.results.first_decisions import Against, Asked, count_first_decisions
from rasa_autoplay.engine.results.sql.decision_rows import decisions_under_chance
from rasa_autoplay.engine.tips.sql.store import choices

__all__ = ["FOUND_WITHIN_S", "OVERLAP_S", "ghost_figures", "harm_figures", "trial_figures"]

#: A user who reaches the goal within this time without help needed none, in seconds.
FOUND_WITHIN_S = 120.0
#: Decisions about the same user within this time coincide, in seconds.
OVERLAP_S = 600.0
#: A mute belongs to an offer that the user got within this time before, in seconds.
_MUTED_WITHIN_S = 86_400.0
_DAY_S = 86_400.0
_REFUSALS = [status.value for status in (OfferStatus.DISMISSED, OfferStatus.SNOOZED, OfferStatus.NEVER)]
_EVERYTHING = "everything"
_ROW = offers.c


def ghost_figures(
    connection: Any, product_id: str, query: FiguresQuery, reached: Mapping[str, float], now: float
) -> GhostFigures:
    """Count the decisions of a trigger as ghost.

    Args:
        connection: a connection in a transaction.
        product_id: the product.
        query: the proposal.
        reached: when the goal was reached, by offer id, epoch seconds.
        now: epoch seconds.
    """
    rows = connection.execute(
        sa.select(_ROW.offer_id, _ROW.user_id, _ROW.created_at, _overlaps(product_id))
        .where(
            _ROW.product_id == product_id,
            _ROW.trigger_id == query.trigger_id,
            _ROW.arm == Arm.GHOST.value,
            _ROW.created_at >= (query.ghost_since or 0.0),
            _ROW.created_at <= now,
        )
        .execution_options(stream_results=True)
    )
    fires = found = over = overlapping = 0
    users: set[str] = set()
    user_days: set[tuple[str, int]] = set()
    since = query.ghost_since
    for offer_id, user_id, at, overlaps in rows:
        fires += 1
        overlapping += bool(overlaps)
        users.add(user_id)
        user_days.add((user_id, int(at // _DAY_S)))
        is_over = at + FOUND_WITHIN_S <= now
        over += is_over
        found += is_over and reached.get(offer_id, now) - at <= FOUND_WITHIN_S
        since = at if since is None else min(since, at) if query.ghost_since is None else since
    return GhostFigures(_days(since, now), fires, len(users), len(user_days), found, over, overlapping)


def trial_figures(
    connection: Any,
    product_id: str,
    query: FiguresQuery,
    reached: Mapping[str, float],
    failed: Mapping[str, float],
    now: float,
) -> TrialFigures:
    """Compare the users with the offer with those without it, as `rasa-autoplay results` does.

    Args:
        connection: a connection in a transaction.
        product_id: the product.
        query: the proposal.
        reached: when the goal was reached, by offer id, epoch seconds.
        failed: the same for failures soon after a decision.
        now: epoch seconds.
    """
    asked = Asked(
        now, reached, failed, {query.trigger_id: query.within_s}, query.within_s, query.trial_since or 0.0
    )
    rows = decisions_under_chance(connection, product_id, query.trigger_id)
    counted = {
        key: tally
        for key, tally in count_first_decisions(rows, asked).items()
        if key.against is Against.CONTROL and key.trigger_id == query.trigger_id
    }
    if not counted:
        return TrialFigures(query.number, _days(query.trial_since, now))
    found = compare(Against.CONTROL, counted)
    since = query.trial_since if query.trial_since is not None else found.since
    return TrialFigures(
        query.number,
        _days(since, now),
        tuple(goal_strata(counted)),
        tuple(failure_strata(counted)),
        found.running,
        found.sample_ratio.is_alarming,
    )


def harm_figures(connection: Any, product_id: str, query: FiguresQuery, now: float) -> HarmFigures:
    """Count how users took the offers of a trigger since the trial began.

    Args:
        connection: a connection in a transaction.
        product_id: the product.
        query: the proposal.
        now: epoch seconds.
    """
    is_shown = (
        _ROW.product_id == product_id,
        _ROW.trigger_id == query.trigger_id,
        _ROW.arm == Arm.SHOWN.value,
        _ROW.created_at >= (query.trial_since or 0.0),
        _ROW.created_at <= now,
    )
    is_never = _ROW.status == OfferStatus.NEVER.value
    counts = connection.execute(
        sa.select(
            _number_of(_ROW.seen_at > 0), _number_of(_ROW.status.in_(_REFUSALS)), _number_of(is_never)
        ).where(*is_shown)
    ).one()
    if not sa.inspect(connection).has_table(choices.name):
        return HarmFigures(*(int(each or 0) for each in counts))
    muted = (
        sa.select(sa.func.count(sa.distinct(_ROW.user_id)))
        .select_from(offers.join(choices, _is_of_same_user()))
        .where(
            *is_shown,
            sa.not_(is_never),
            choices.c.subject.in_([_EVERYTHING, trigger_topic(query.trigger_id), path_topic(query.path_id)]),
            choices.c.muted_at >= _ROW.created_at,
            choices.c.muted_at <= _ROW.created_at + _MUTED_WITHIN_S,
        )
    )
    seen, refused, never = (int(each or 0) for each in counts)
    return HarmFigures(seen, refused, never, int(connection.execute(muted).scalar() or 0))


def _overlaps(product_id: str) -> Any:
    other = offers.alias("other")
    same_time = other.c.created_at.between(_ROW.created_at - OVERLAP_S, _ROW.created_at + OVERLAP_S)
    return sa.exists().where(
        other.c.product_id == product_id,
        other.c.user_id == _ROW.user_id,
        same_time,
        other.c.trigger_id != _ROW.trigger_id,
        other.c.arm.in_([Arm.SHOWN.value, Arm.CONTROL.value]),
    )


def _is_of_same_user() -> Any:
    return sa.and_(choices.c.product_id == _ROW.product_id, choices.c.user_id == _ROW.user_id)


def _number_of(condition: Any) -> Any:
    return sa.func.sum(sa.case((condition, 1), else_=0))


def _days(since: float | None, now: float) -> float:
    return 0.0 if since is None else max(now - since, 0.0) / _DAY_S
