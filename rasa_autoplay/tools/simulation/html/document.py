"""The whole page: header, table of triggers, comparison with another version, and sessions."""

from __future__ import annotations

import jinja2

from rasa_autoplay.engine.replay.comparison import Comparison
from rasa_autoplay.engine.replay.results import Outcome
from rasa_autoplay.tools.simulation.figures import figures_of
from rasa_autoplay.tools.simulation.html import formatting
from rasa_autoplay.tools.simulation.html.entries import KINDS
from rasa_autoplay.tools.simulation.html.interest import interest
from rasa_autoplay.tools.simulation.html.timelines import Timeline, timelines_of
from rasa_autoplay.tools.simulation.recordings import Recordings
from rasa_autoplay.tools.simulation.table import notes_on

__all__ = ["as_html"]

#: A page with more sessions than this is slow to draw and too long to read.
_MAX_SHOWN = 200
_UNFOLDED = 2


def as_html(recordings: Recordings, outcome: Outcome, comparison: Comparison | None) -> str:
    """Build the page."""
    stories, figures = outcome.sessions.values(), figures_of(outcome)
    timelines = sorted(timelines_of(outcome, comparison), key=interest)
    shown, others = timelines[:_MAX_SHOWN], timelines[_MAX_SHOWN:]
    present = {entry.kind for timeline in shown for entry in timeline.entries}
    return _template().render(
        outcome=outcome,
        comparison=comparison,
        facts=(
            ("actions", outcome.counts["actions"]),
            ("sessions", len(stories)),
            ("users", len({story.user_id for story in stories if story.user_id})),
            ("offers", len(outcome.fires)),
            *([("withheld", len(outcome.withheld))] if outcome.withheld else []),
        ),
        began_at=min(story.times[0] for story in stories),
        ended_at=max(story.times[-1] for story in stories),
        figures=figures,
        most_fires=max((each.fires for each in figures), default=0) or 1,
        user_ids=sorted({timeline.story.user_id for timeline in shown if timeline.story.user_id}),
        kinds={kind: name for kind, name in KINDS.items() if kind in present},
        shown=shown,
        total=len(timelines),
        others=[_in_short(timeline) for timeline in others],
        unfolded=_UNFOLDED,
        notes=notes_on(recordings, outcome)[1:],
    )


def _template() -> jinja2.Template:
    loader = jinja2.PackageLoader("rasa_autoplay.tools.simulation", "html")
    environment = jinja2.Environment(
        loader=loader,
        autoescape=True,  # recordings contain untrusted text
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update({name: getattr(formatting, name) for name in formatting.__all__})
    return environment.get_template("page.html.jinja")


def _in_short(timeline: Timeline) -> list[object]:
    """Return what finds a session that is not shown in full: user, session, beginning, number of actions."""
    story = timeline.story
    began = formatting.day_and_clock(timeline.began_at)
    return [story.user_id or "anonymous", story.session_id, began, len(story.actions)]
