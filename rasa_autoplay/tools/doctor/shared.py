"""Checks that several servers use the same Redis, database, tracker store and lock store."""

from __future__ import annotations

from collections.abc import Iterator

from rasa_autoplay.common.checks import Problem, error, warning
from rasa_autoplay.settings.remedy_lines import yaml_example
from rasa_autoplay.tools.doctor.project import Project

__all__ = ["redis", "shared"]

_BOTH = "in both credentials.yml and autoplay.yml:\n" + yaml_example("shared.redis", "${AUTOPLAY_REDIS_URL}")


def redis(project: Project) -> Iterator[Problem]:
    """Both files name the same Redis, or neither names one."""
    rasa, engine = project.rasa_redis, project.engine_redis
    if not rasa and not engine:
        return
    if not rasa or not engine:
        named, other = ("credentials.yml", "autoplay.yml") if rasa else ("autoplay.yml", "credentials.yml")
        yield error(
            f"shared.redis is set in {named} but not in {other}, so Rasa servers and action servers do not "
            "find "
            "each other",
            _BOTH,
        )
    elif rasa != engine:
        yield warning(
            "shared.redis differs between credentials.yml and autoplay.yml: these may be two servers or two "
            "databases",
            _BOTH,
        )
    if "redis" not in project.packages:
        yield error("the Python package redis is not installed here", 'pip install "rasa-autoplay[redis]"')


def shared(project: Project) -> Iterator[Problem]:
    """All servers use the same offers, conversations and locks."""
    if not project.is_scaled_out:
        return
    if str(project.database.get("url") or "sqlite:").startswith("sqlite:"):
        yield warning(
            "database.url is an SQLite file, which action servers on other machines cannot read",
            "use one PostgreSQL database for all; SQLite is enough if all action servers run on this machine",
        )
    if not project.endpoint("tracker_store").get("type"):
        yield warning(
            "endpoints.yml has no tracker_store, so each Rasa server has its own conversations",
            "tracker_store: an SQL database or Redis (docs/scaling.md)",
        )
    if project.endpoint("lock_store").get("type") != "redis":
        yield warning(
            "endpoints.yml has no lock_store of type redis, so two servers may answer one conversation at "
            "once",
            "lock_store: {type: redis, url: <host>}",
        )
