"""The whole page: header, table of triggers, comparison with another version, and sessions."""

from __future__ import annotations

from importlib import resources

from rasa_autoplay.tools.simulation.comparison import Comparison
from rasa_autoplay.tools.simulation.figures import TriggerFigures, figures_of
from rasa_autoplay.tools.simulation.html.entries import KINDS, Timeline, timelines_of
from rasa_autoplay.tools.simulation.html.formatting import day_and_clock, escape, plural
from rasa_autoplay.tools.simulation.html.session import session_card
from rasa_autoplay.tools.simulation.recordings import Recordings
from rasa_autoplay.tools.simulation.results import Outcome
from rasa_autoplay.tools.simulation.table import notes_on

__all__ = ["as_html"]

#: A page with more sessions than this is slow to draw and too long to read.
_MAX_SHOWN = 200
_UNFOLDED = 2

# The page may load nothing, whatever a recording contains.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; base-uri 'none'"


def as_html(recordings: Recordings, outcome: Outcome, comparison: Comparison | None) -> str:
    """Build the page."""
    timelines = timelines_of(outcome, comparison)
    shown = _most_relevant(timelines)
    body = [
        _header(outcome),
        _triggers(figures_of(outcome)),
        _changes(comparison) if comparison else "",
        _filters(outcome, shown),
        _sessions(shown, len(timelines)),
        _notes(notes_on(recordings, outcome)),
    ]
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f"<title>Simulation of {escape(outcome.config)}</title><style>{_own('style.css')}</style></head>"
        f"<body><main>{''.join(body)}</main><script>{_own('filter.js')}</script></body></html>\n"
    )


def _own(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text("utf-8")


def _most_relevant(timelines: list[Timeline]) -> list[Timeline]:
    """Choose the sessions to show, preferring those in which the copilot was active."""
    by_weight = sorted(timelines, key=lambda timeline: (-_weight(timeline), timeline.began_at))
    return sorted(by_weight[:_MAX_SHOWN], key=lambda timeline: timeline.began_at)


def _weight(timeline: Timeline) -> int:
    kinds = {entry.kind for entry in timeline.entries}
    return max((len(KINDS) - place for place, kind in enumerate(KINDS) if kind in kinds), default=0)


def _header(outcome: Outcome) -> str:
    stories = outcome.sessions.values()
    users = len({story.user_id for story in stories if story.user_id})
    facts = (
        (f"{outcome.counts['actions']:,}", "actions"),
        (f"{len(stories):,}", "sessions"),
        (f"{users:,}", "users"),
        (f"{len(outcome.fires):,}", "offers"),
    )
    began, ended = min(s.times[0] for s in stories), max(s.times[-1] for s in stories)
    tiles = "".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for value, name in facts)
    return (
        '<header><p class="kicker">Simulation</p><h1>What the copilot would have offered</h1>'
        f'<p class="lead"><code>{escape(outcome.config)}</code>, replayed over the actions of users of '
        f"<b>{escape(outcome.product_id)}</b> from {day_and_clock(began)} to {day_and_clock(ended)} UTC."
        f'</p><dl class="facts">{tiles}</dl>'
        f'<p class="assumed">{escape(outcome.assumptions.to_text())}</p></header>'
    )


def _triggers(figures: list[TriggerFigures]) -> str:
    most = max((each.fires for each in figures), default=0) or 1
    rows = "".join(_trigger(each, most) for each in figures)
    return (
        '<section><h2>Triggers</h2><div class="scroll" tabindex="0" role="region" aria-label="Triggers">'
        "<table><thead><tr><th>Trigger</th><th>Offers</th>"
        '<th class="n">Users</th><th class="n">Per user and day</th><th class="n">Most a day</th>'
        '<th>Suppressed by</th><th class="n">Deferred</th><th class="n">Near misses</th></tr></thead>'
        f"<tbody>{rows}</tbody></table></div></section>"
    )


def _trigger(figures: TriggerFigures, most: int) -> str:
    gates = "".join(
        f'<span class="chip">{escape(gate)} <b>{count:,}</b></span>'
        for gate, count in figures.suppressed.items()
    )
    width = 100 * figures.fires / most
    return (
        f'<tr><th scope="row"><code>{escape(figures.trigger_id)}</code></th>'
        f'<td><span class="bar"><i style="width:{width:.1f}%"></i></span><b>{figures.fires:,}</b></td>'
        f'<td class="n">{figures.users:,}</td><td class="n">{figures.per_user_and_day:.2f}</td>'
        f'<td class="n">{figures.most_per_user_and_day:,}</td><td>{gates or "–"}</td>'
        f'<td class="n">{figures.deferred:,}</td><td class="n">{figures.near_misses:,}</td></tr>'
    )


def _changes(comparison: Comparison) -> str:
    facts = (
        ("newly", len(comparison.newly), "new offers"),
        ("lost", len(comparison.no_longer), "offers no longer made"),
        ("moved", len(comparison.moved), "offers at another time"),
    )
    tiles = "".join(f'<div class="{kind}"><dd>{n:,}</dd><dt>{text}</dt></div>' for kind, n, text in facts)
    return (
        f"<section><h2>With <code>{escape(comparison.config)}</code> instead</h2>"
        f'<dl class="facts changes">{tiles}</dl></section>'
    )


def _filters(outcome: Outcome, shown: list[Timeline]) -> str:
    triggers = "".join(f"<option>{escape(trigger)}</option>" for trigger in outcome.trigger_ids)
    users = "".join(
        f'<option value="{escape(user)}"></option>'
        for user in sorted({timeline.story.user_id for timeline in shown if timeline.story.user_id})
    )
    present = {entry.kind for timeline in shown for entry in timeline.entries}
    kinds = "".join(
        f'<label class="kind {kind}"><input type="checkbox" name="kind" value="{kind}"> {name}</label>'
        for kind, name in KINDS.items()
        if kind in present
    )
    return (
        '<section><h2 id="sessions">Sessions</h2><form id="filter" hidden aria-labelledby="sessions">'
        f'<label>Trigger <select name="trigger"><option value="">all</option>{triggers}</select></label>'
        f'<label>User <input name="user" type="search" list="users" placeholder="all" autocomplete="off">'
        f'</label><datalist id="users">{users}</datalist>'
        f"<fieldset><legend>Only with</legend>{kinds}</fieldset>"
        '<output id="count"></output></form>'
    )


def _sessions(shown: list[Timeline], total: int) -> str:
    cards = "".join(session_card(timeline, number < _UNFOLDED) for number, timeline in enumerate(shown))
    left_out = ""
    if len(shown) < total:
        left_out = f'<p class="assumed">Showing {len(shown):,} of {plural(total, "session")}.</p>'
    return f'{left_out}<div id="cards">{cards}</div></section>'


def _notes(notes: list[str]) -> str:
    items = "".join(f"<li>{escape(note)}</li>" for note in notes[1:])
    return f'<section class="notes"><h2>Notes</h2><ul>{items}</ul></section>' if items else ""
