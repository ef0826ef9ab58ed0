"""Explains a past moment: replays the recording up to it, then asks the engine's own explainer."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from rasa_autoplay.engine.core.configuration import Configuration
from rasa_autoplay.engine.decisions.decision_log import Decision
from rasa_autoplay.engine.decisions.trigger_explainer import Explainer
from rasa_autoplay.engine.recording.row import RecordingRow, RowKind
from rasa_autoplay.engine.replay.recorded_replay import RecordedReplay, ReplayMaterial
from rasa_autoplay.engine.rollout.exploration import exploration_of

__all__ = ["compare_decisions", "explain_moment", "notes_of"]

#: A decision that the replay made this shortly before the moment may have come later then, in seconds.
_LAG_S = 1.0


async def explain_moment(
    material: ReplayMaterial, configuration: Configuration, user_id: str, session_id: str, at: float
) -> dict[str, Any]:
    """Explain every trigger for a session as of a time.

    Args:
        material: the recording of the user's sessions up to that time.
        configuration: the files in force now.
        user_id: the user.
        session_id: the session.
        at: epoch seconds.

    Returns:
        An explanation as :meth:`Explainer.explain` returns it, with ``replay``: see :func:`notes_of`.
    """
    began = time.perf_counter()
    replay = RecordedReplay(material, configuration)
    await replay.begin()
    await replay.run_until(at)
    core, settings = replay.replay.core, configuration.settings
    explainer = Explainer(
        settings.product_id,
        replay.configuration.triggers,
        core.sessions,
        replay.replay.ledger,
        core.gate_contexts,
        replay.replay.clock,
        core.asker,
        replay.follower,
        settings.holdout,
        exploration_of(settings),
    )
    explanation = await explainer.explain(user_id, session_id)
    for offer in explanation["offers"]:
        offer["offer_id"] = replay.users.recorded_ids.get(offer["offer_id"], offer["offer_id"])
    explanation["replay"] = {
        **compare_decisions(replay.recorded, replay.decisions, at),
        **notes_of(material.rows, configuration, session_id, sorted(replay.async_triggers.found)),
        "took_ms": round((time.perf_counter() - began) * 1000, 1),
    }
    return explanation


def compare_decisions(
    recorded: Sequence[Decision], replayed: Sequence[Decision], at: float
) -> dict[str, Any]:
    """Compare the replay's decisions with those that were recorded.

    Returns:
        ``{agrees, decisions}``, with ``first_difference`` (``{at, recorded, replayed}``, each a text) if they
        do not agree.
    """
    then = [one for one in recorded if one.at <= at]
    now = [one for one in replayed if one.at <= at]
    for one, other in zip(then, now, strict=False):
        if _essence(one) != _essence(other):
            return _difference(len(then), one, other)
    if len(then) > len(now):
        return _difference(len(then), then[len(now)], None)
    if len(now) > len(then) and now[len(then)].at < at - _LAG_S:
        return _difference(len(then), None, now[len(then)])
    return {"agrees": True, "decisions": len(then)}


def _essence(decision: Decision) -> tuple[str, str, str, str]:
    return decision.session_id, decision.trigger_id, decision.outcome, decision.gate


def _difference(count: int, recorded: Decision | None, replayed: Decision | None) -> dict[str, Any]:
    at = min(one.at for one in (recorded, replayed) if one is not None)
    difference = {"at": at, "recorded": _text(recorded), "replayed": _text(replayed)}
    return {"agrees": False, "decisions": count, "first_difference": difference}


def _text(decision: Decision | None) -> str:
    if decision is None:
        return "nothing"
    gate = f" by {decision.gate}" if decision.gate else ""
    return f"{decision.trigger_id}: {decision.outcome}{gate}"


def notes_of(
    rows: Sequence[RecordingRow], configuration: Configuration, session_id: str, async_triggers: Sequence[str]
) -> dict[str, Any]:
    """Say what a replay cannot know.

    Args:
        rows: the rows that were replayed.
        configuration: the files in force now.
        session_id: the session that is explained.
        async_triggers: ids of the triggers that a replay does not run.

    Returns:
        ``{files_changed, is_complete, async_triggers, notes}``; a note is a sentence for people.
    """
    own = [row for row in rows if row.session_id == session_id]
    began = next((row.decoded() for row in own if row.kind == RowKind.SESSION), {})
    is_complete = bool(own) and own[0].kind == RowKind.SESSION and began.get("event") == "began"
    files_changed = bool(is_complete and began.get("files") not in ("", configuration.fingerprint))
    notes = []
    if files_changed:
        notes.append(
            "autoplay.yml or a golden path has changed since then. "
            "This is what the files in force now would do."
        )
    if not is_complete:
        notes.append(
            "The beginning of this session is not recorded any more, so the answer may differ from what "
            "was decided then."
        )
    llm = configuration.settings.llm
    if llm is not None and llm.judge:
        notes.append("The language model is not asked again: its recorded vetoes count.")
    if async_triggers:
        names = ", ".join(async_triggers)
        notes.append(f"Asynchronous triggers are not run again, their recorded fires count: {names}.")
    return {
        "files_changed": files_changed,
        "is_complete": is_complete,
        "async_triggers": list(async_triggers),
        "notes": notes,
    }
