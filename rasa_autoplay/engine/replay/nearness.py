"""The heat map of a recorded session: how near each trigger was to firing, over time."""

from __future__ import annotations

from bisect import bisect_left
from typing import Any

from rasa_autoplay.engine.core.configuration import Configuration
from rasa_autoplay.engine.decisions.decision_log import Decision
from rasa_autoplay.engine.replay.past_explanation import compare_decisions, notes_of
from rasa_autoplay.engine.replay.recorded_replay import RecordedReplay, ReplayMaterial
from rasa_autoplay.engine.sessions.session import Session
from rasa_autoplay.engine.triggers.configured.trigger import ConfiguredTrigger
from rasa_autoplay.engine.triggers.context import context_of
from rasa_autoplay.engine.triggers.firing_reasons import RuleExplanation

__all__ = ["nearness_of"]


class _Row:
    """One trigger's row.

    Args:
        trigger: the trigger.
        columns: how many columns there are.
    """

    def __init__(self, trigger: ConfiguredTrigger, columns: int) -> None:
        self.trigger = trigger
        self.cells: list[float | None] = [None] * columns
        self.peak: dict[str, Any] | None = None

    def add(self, column: int, at: float, explanation: RuleExplanation) -> None:
        """Record how near the trigger is; a column has its nearest moment."""
        nearness = round(explanation.nearness, 3)
        known = self.cells[column]
        if known is None or nearness > known:
            self.cells[column] = nearness
        if self.peak is None or nearness > self.peak["nearness"]:
            self.peak = {"at": at, "nearness": nearness, "text": explanation.to_text()}


async def nearness_of(
    material: ReplayMaterial, configuration: Configuration, session_id: str, columns: int
) -> dict[str, Any]:
    """Replay a session, and record at the end of each column how near the triggers are.

    A session with few actions is also examined at each of them.

    Args:
        material: the recording of the user's sessions.
        configuration: the files in force now.
        session_id: the session.
        columns: into how many equal parts the session is divided.

    Returns:
        ``{from, until, times, triggers, replay}``. ``times`` are the ends of the columns, in epoch seconds. A
        trigger is ``{trigger_id, nearness, peak}``: ``nearness`` has a number from 0 to 1 (fires) for each
        column, or null where it is unknown; ``peak`` is its nearest moment, ``{at, nearness, text}``, or
        null. ``replay`` is as in an explanation of a moment.
    """
    own = [row for row in material.rows if row.session_id == session_id]
    begin, end = own[0].at, max(own[-1].at, own[0].at + 1.0)
    times = [begin + (end - begin) * (number + 1) / columns for number in range(columns)]
    replay = RecordedReplay(material, configuration)
    rows = [_Row(trigger, columns) for trigger in configuration.evaluated_triggers]
    is_short = len(own) <= columns
    await replay.begin()
    for column, time in enumerate(times):
        while (due := replay.next_at) is not None and due <= time:
            await replay.step()
            if due >= begin and is_short:
                await _sample(replay, rows, session_id, bisect_left(times, due))
        await replay.run_until(time)
        await _sample(replay, rows, session_id, column)
    _mark_fires(rows, replay.decisions, session_id, times)
    return {
        "from": begin,
        "until": end,
        "times": times,
        "triggers": [{"trigger_id": row.trigger.id, "nearness": row.cells, "peak": row.peak} for row in rows],
        "replay": {
            **compare_decisions(replay.recorded, replay.decisions, end),
            **notes_of(material.rows, configuration, session_id, sorted(replay.async_triggers.found)),
        },
    }


async def _sample(replay: RecordedReplay, rows: list[_Row], session_id: str, column: int) -> None:
    session = await replay.session(session_id)
    if session is None or not session.user_id:
        return
    now = replay.replay.clock()
    for row in rows:
        explain = row.trigger.own_explanation
        if explain is not None:
            row.add(column, now, explain(_context(replay, session, row.trigger.id, now)))
            replay.give_way()


def _context(replay: RecordedReplay, session: Session, trigger_id: str, now: float) -> Any:
    return context_of(session, session.triggers.evidence_after(trigger_id), now, replay.follower)


def _mark_fires(rows: list[_Row], decisions: list[Decision], session_id: str, times: list[float]) -> None:
    """A trigger that fired uses its evidence up at once, so that no sample shows it."""
    by_id = {row.trigger.id: row for row in rows}
    for one in decisions:
        row = by_id.get(one.trigger_id)
        if (
            one.outcome == "fired"
            and one.session_id == session_id
            and row is not None
            and one.at <= times[-1]
        ):
            row.cells[bisect_left(times, one.at)] = 1.0
            row.peak = (
                row.peak
                if row.peak and row.peak["nearness"] == 1.0
                else {
                    "at": one.at,
                    "nearness": 1.0,
                    "text": "it fires",
                }
            )
