"""Several servers on Redis: do they find each other, and do they share what they must?"""

from __future__ import annotations

from collections.abc import Iterator

from rasa_autoplay.doctor.base import Problem, error, warning
from rasa_autoplay.doctor.project import Project

__all__ = ["redis", "shared"]

_BOTH = "type: redis, with the same url, under link in credentials.yml and under store in autoplay.yml"


def redis(project: Project) -> Iterator[Problem]:
    """Link and store are in one and the same Redis, or both are not."""
    link, store = project.link, project.store
    if "redis" not in (link.get("type"), store.get("type")):
        return
    if link.get("type") != store.get("type"):
        types = link.get("type", "http"), store.get("type", "local")
        yield error(
            f"link is {types[0]} in credentials.yml, and store is {types[1]} in autoplay.yml: doors and "
            "engines do not find each other",
            _BOTH,
        )
    elif link.get("url") != store.get("url"):
        yield warning("link.url and store.url differ: these may be two servers, or two databases", _BOTH)
    if "redis" not in project.packages:
        yield error("the Python package redis is not installed here", 'pip install "rasa-autoplay[redis]"')


def shared(project: Project) -> Iterator[Problem]:
    """Offers, conversations and locks are the same for all servers."""
    if not project.is_scaled_out:
        return
    if str(project.memory.get("url") or "sqlite:").startswith("sqlite:"):
        yield warning(
            "memory.url is an SQLite file: action servers on other machines do not see it",
            "one PostgreSQL database for all; SQLite is enough where all action servers run on this machine",
        )
    if not project.endpoint("tracker_store").get("type"):
        yield warning(
            "endpoints.yml has no tracker_store: each Rasa server has conversations of its own",
            "tracker_store: an SQL database or Redis, as docs/scaling.md shows",
        )
    if project.endpoint("lock_store").get("type") != "redis":
        yield warning(
            "endpoints.yml has no lock_store of type redis: two servers may answer one conversation at once",
            "lock_store: {type: redis, url: <host>}",
        )
