"""One session's card: a strip for an overview, and a list with the details."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby

from rasa_autoplay.events.models import SlimAction
from rasa_autoplay.tools.simulation.html.entries import KINDS, Entry, Timeline
from rasa_autoplay.tools.simulation.html.formatting import (
    clock,
    day_and_clock,
    escape,
    offset,
    path_of,
    plural,
    roughly,
)

__all__ = ["session_card"]

#: A run of ordinary actions longer than ``_RUN`` shows its first ``_HEAD`` and last ``_TAIL`` actions.
_RUN, _HEAD, _TAIL = 8, 3, 2
#: The hues of the pages, used in turn.
_HUES = (212, 152, 32, 282, 186, 340, 96, 248)


def session_card(timeline: Timeline, is_open: bool) -> str:
    """Build the card of a session, open or folded."""
    story = timeline.story
    user = escape(story.user_id or "anonymous")
    triggers = " ".join(sorted({escape(entry.trigger_id) for entry in timeline.entries}))
    kinds = " ".join(sorted({entry.kind for entry in timeline.entries}))
    hues = _hues(timeline)
    return (
        f'<article class="session" data-user="{user}" data-triggers="{triggers}" data-kinds="{kinds}">'
        f"<details{' open' if is_open else ''}><summary>{_headline(timeline, user)}{_strip(timeline, hues)}"
        f'</summary><ol class="line">{"".join(_lines(timeline, hues))}</ol></details></article>'
    )


def _headline(timeline: Timeline, user: str) -> str:
    counts = Counter(entry.kind for entry in timeline.entries)
    names = {**KINDS, "fire": "offer", "near": "near miss", "newly": "new", "lost": "dropped"}
    badges = "".join(
        f'<span class="badge {kind}">{_counted(counts[kind], names[kind], kind)}</span>'
        for kind in KINDS
        if counts[kind]
    )
    lasted = roughly(timeline.story.times[-1] - timeline.began_at)
    return (
        f'<span class="who">{user}</span> <span class="when">{day_and_clock(timeline.began_at)} · {lasted} · '
        f"{plural(len(timeline.actions), 'action')} · <code>{escape(timeline.story.session_id)}</code></span>"
        f'<span class="badges">{badges}</span>'
    )


def _counted(count: int, name: str, kind: str) -> str:
    return plural(count, name) if kind in ("fire", "near") else f"{count:,} {name}"


def _hues(timeline: Timeline) -> dict[str, int]:
    pages = dict.fromkeys(action.canonical_url for action in timeline.actions)
    return {page: _HUES[number % len(_HUES)] for number, page in enumerate(pages)}


def _strip(timeline: Timeline, hues: dict[str, int]) -> str:
    """Build the strip: bands for pages, ticks for actions, marks for entries. The list has it as text."""
    span = timeline.ended_at - timeline.began_at

    def at(time: float) -> str:
        return f"{100 * (time - timeline.began_at) / span:.2f}%"

    parts = []
    stays = list(_stays(timeline))
    for number, (page, actions) in enumerate(stays):
        begins = actions[0].timestamp_start
        ends = stays[number + 1][1][0].timestamp_start if number + 1 < len(stays) else timeline.ended_at
        width = f"{100 * (ends - begins) / span:.2f}%"
        parts.append(
            f'<i class="band" style="--h:{hues[page]};left:{at(begins)};width:{width}" '
            f'title="{escape(path_of(page))}"></i>'
        )
    parts += [f'<i class="tick" style="left:{at(time)}"></i>' for time in timeline.story.times]
    parts += [
        f'<i class="mark {entry.kind}" style="left:{at(entry.at)}" '
        f'title="{escape(entry.trigger_id)} {clock(entry.at)}"></i>'
        for entry in timeline.entries
    ]
    return f'<span class="strip" aria-hidden="true">{"".join(parts)}</span>'


def _stays(timeline: Timeline) -> Iterator[tuple[str, list[SlimAction]]]:
    for page, actions in groupby(timeline.actions, key=lambda action: action.canonical_url):
        yield page, list(actions)


def _lines(timeline: Timeline, hues: dict[str, int]) -> Iterator[str]:
    entries = list(timeline.entries)
    page = None
    run: list[SlimAction] = []
    for action in timeline.actions:
        while entries and entries[0].at < action.timestamp_start:
            yield from _run(run, timeline.began_at)
            run = []
            yield _entry(entries.pop(0), timeline.began_at)
        if action.canonical_url != page:
            yield from _run(run, timeline.began_at)
            run = []
            page = action.canonical_url
            yield f'<li class="page" style="--h:{hues[page]}"><b>{escape(path_of(page))}</b></li>'
        run.append(action)
    yield from _run(run, timeline.began_at)
    yield from (_entry(entry, timeline.began_at) for entry in entries)


def _run(actions: Sequence[SlimAction], began_at: float) -> Iterator[str]:
    """Yield a run of actions; the middle of a long run is folded."""
    if len(actions) <= _RUN:
        yield from (_action(action, began_at) for action in actions)
        return
    yield from (_action(action, began_at) for action in actions[:_HEAD])
    folded = actions[_HEAD:-_TAIL]
    inside = "".join(_action(action, began_at) for action in folded)
    head = f"<summary>{len(folded)} more actions</summary>"
    yield f'<li class="fold"><details>{head}<ol>{inside}</ol></details></li>'
    yield from (_action(action, began_at) for action in actions[-_TAIL:])


def _action(action: SlimAction, began_at: float) -> str:
    signal = f' <em class="signal">{escape(action.signal.replace("_", " "))}</em>' if action.signal else ""
    return (
        f'<li class="action {escape(action.type)}">{_time(action.timestamp_start, began_at)}'
        f"<span>{escape(action.title or action.type)}{signal}</span></li>"
    )


def _entry(entry: Entry, began_at: float) -> str:
    note = f'<span class="note">{escape(entry.note)}</span>' if entry.note else ""
    return (
        f'<li class="entry {entry.kind}" data-trigger="{escape(entry.trigger_id)}">'
        f'{_time(entry.at, began_at)}<div class="box"><span class="trigger">{escape(entry.trigger_id)}</span>'
        f'<span class="text">{escape(entry.text)}</span>{note}</div></li>'
    )


def _time(at: float, began_at: float) -> str:
    return f'<time title="{clock(at)} UTC">{offset(at - began_at)}</time>'
