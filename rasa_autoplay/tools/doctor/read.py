"""What the checks of a project have read: a check is ``ok`` only if there was something to read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from rasa_autoplay.common.checks import Observation, not_seen, seen
from rasa_autoplay.tools.doctor import pages
from rasa_autoplay.tools.doctor.project import Project

__all__ = ["if_channel", "if_chat", "if_installed", "if_on_page", "if_true", "saw_user_ids"]

_Observe = Callable[[Project], Iterator[Observation]]
#: What a page contains that a check looks for: its name for people.
_PARTS = {"posthog.init": pages.INIT, "WebChat": pages.WIDGET, "posthog.identify": pages.IDENTIFY}


def if_true(applies: Callable[[Project], object], about: str) -> _Observe:
    """Make an observer that says ``about`` if the check applies to the project, and nothing otherwise."""

    def observe(project: Project) -> Iterator[Observation]:
        if applies(project):
            yield seen(about)

    return observe


def if_installed(package: str, about: str) -> _Observe:
    """Make an observer that says ``about`` if the package is installed here, and nothing otherwise."""
    return if_true(lambda project: package in project.packages, about)


def if_channel(about: str) -> _Observe:
    """Make an observer that says ``about`` if the credentials have the channel, and nothing otherwise."""
    return if_true(lambda project: project.channel, about)


def if_chat(about: str) -> _Observe:
    """Make an observer that says ``about`` if the credentials have a chat channel, and nothing otherwise."""
    return if_true(lambda project: project.chat, about)


def if_on_page(part: str, about: str) -> _Observe:
    """Make an observer that says ``about`` if a page has the part, which is a key of :data:`_PARTS`."""
    pattern = _PARTS[part]

    def observe(project: Project) -> Iterator[Observation]:
        if names := _pages_with(project, pattern):
            yield seen(f"{about} ({', '.join(names)})")
        else:
            yield not_seen(
                f"no page calls {part}, so this was not checked",
                "name the file or folder that calls it with --page; or look at the running page",
            )

    return observe


def saw_user_ids(project: Project) -> Iterator[Observation]:
    """Ids that stand in the page could be compared; those that a program fills in cannot."""
    if any(len(pages.USER_ID.findall(text)) > 1 for text in project.pages.values()):
        yield seen("posthog-js, autoplay.js and the widget name the same user")
    else:
        yield not_seen(
            "the user's ids are filled in by a program, so they could not be compared",
            "compare them in the running page: posthog.get_distinct_id(), data-user-id and customData.userId",
        )


def _pages_with(project: Project, pattern: re.Pattern[str]) -> Sequence[str]:
    return [name for name, text in project.pages.items() if pattern.search(text)]
