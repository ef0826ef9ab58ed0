"""The production checklist: is a project ready for untrusted visitors, high load and restarts?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from rasa_autoplay.common.checks import Check, Problem, error, warning
from rasa_autoplay.link.http.endpoint import ACTION_ENDPOINT, LINK_URL
from rasa_autoplay.settings.channel import SECTION, ChannelSettings
from rasa_autoplay.settings.durations import parse_duration_s
from rasa_autoplay.settings.keys import LINK_SECRET_EXAMPLE, MAKE_ONE, MIN_JWT_KEY_BYTES
from rasa_autoplay.settings.metrics_token import METRICS_TOKEN_VARIABLE
from rasa_autoplay.tools.doctor.health_request import Running
from rasa_autoplay.tools.doctor.machine import open_files_limit, redis_policy
from rasa_autoplay.tools.doctor.project import Project

__all__ = ["BY_HAND", "PRODUCTION_CHECKS", "PRODUCTION_SERVER_CHECKS"]

_LOCAL = ("localhost", "127.0.0.1", "::1")
#: Our own secrets and their recommended minimum length in bytes. Vendors choose their own.
_SECRETS = {
    "jwt_key": MIN_JWT_KEY_BYTES,
    "link.secret": 32,
    "admin_key": 32,
    "server_key": 32,
    "metrics_token": 32,
    "webhook_secret": 16,
    "posthog_secret": 16,
}
#: A random key has at least this many different characters.
_MIN_DIFFERENT_CHARACTERS = 8
_PLACEHOLDERS = ("change", "example", "password", "placeholder", "secret", "todo", "your-", "1234")
_RECOMMENDED_PACE_S = {"interaction_timeout": 60.0, "cooldown": 120.0}
#: Files and connections other than feeds and chat sockets: the database, the link, the model, log files.
_OTHER_FILES = 500
_MIN_OPEN_FILES = 4_096


def _identity(project: Project) -> Iterator[Problem]:
    mode = project.channel.get("identity")
    if mode == "none":
        yield error(
            "identity is none, so any browser may speak for any user", "identity: report_only, then required"
        )
    elif mode == "report_only":
        yield warning(
            "identity is report_only, so requests without a valid token are still accepted",
            "identity: required, once would_be_refused in health stops growing",
        )


def _keys(project: Project) -> Iterator[Problem]:
    for name, least in _SECRETS.items():
        for value in _texts(_at(project.channel, name)):
            text = project.expanded(value)
            if "${" not in value and not text.lstrip().startswith("-----BEGIN"):
                yield warning(
                    f"credentials.yml contains the value of {name}",
                    f"{name}: ${{AUTOPLAY_{name.upper().replace('.', '_')}}}",
                )
            if text and not text.lstrip().startswith("-----BEGIN") and (flaw := _flaw(text, least)):
                yield error(f"{name} {flaw}", MAKE_ONE)
    yield from _engines_metrics_token(project)


def _engines_metrics_token(project: Project) -> Iterator[Problem]:
    """The engine reads its token from the environment; the Rasa server may have another one."""
    token = project.environment.get(METRICS_TOKEN_VARIABLE, "")
    is_checked = token == project.expanded(str(project.channel.get("metrics_token") or ""))
    if token and not is_checked and (flaw := _flaw(token, _SECRETS["metrics_token"])):
        yield error(f"{METRICS_TOKEN_VARIABLE} {flaw}", MAKE_ONE)


def _at(section: Mapping[str, Any], name: str) -> object:
    """Return the value of a dotted key; None if it is not set."""
    value: object = section
    for key in name.split("."):
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def _flaw(secret: str, least: int) -> str:
    """Say why a secret could be guessed, without any part of the secret; empty if it is strong."""
    if len(secret.encode()) < least:
        return f"has {len(secret.encode())} bytes; use at least {least}"
    if len(set(secret)) < _MIN_DIFFERENT_CHARACTERS:
        return "repeats a few characters"
    if any(word in secret.lower() for word in _PLACEHOLDERS):
        return "looks like a placeholder"
    return ""


def _origins(project: Project) -> Iterator[Problem]:
    for entry in _texts(project.channel.get("allowed_origins")):
        place = urlsplit(entry.replace("*", "x"))
        if entry == "*":
            yield error(
                "allowed_origins has *, so any website may use the copilot", "name your app's origins"
            )
        elif place.hostname in _LOCAL:
            yield warning(f"{entry} accepts any program on a visitor's own machine", "remove it")
        elif place.scheme == "http":
            yield error(
                f"{entry} is not encrypted, so anyone on the network path can change the page", "use https"
            )
        elif "*" in entry:
            yield warning(
                f"{entry} accepts every matching origin", "name the origins one by one if some are not yours"
            )


def _demo_page(project: Project) -> Iterator[Problem]:
    if project.channel.get("demo_page"):
        yield error("demo_page is set, so anyone can open the demo on this server", "remove demo_page")


def _link(project: Project) -> Iterator[Problem]:
    if project.is_scaled_out or project.runs_engine_in_process:
        return
    place = urlsplit(project.engine_url)
    setting = LINK_URL if project.has_engine_server else ACTION_ENDPOINT
    if place.scheme == "http" and place.hostname not in _LOCAL:
        yield warning(
            f"user activity goes to {place.hostname} unencrypted",
            f"use a private network, or https in {setting}",
        )
    if not project.link.get("secret"):
        yield error(
            "link.secret is not set, so any program on this machine can talk to the engine",
            f"set AUTOPLAY_LINK_SECRET for both processes ({MAKE_ONE}), and in credentials.yml:\n"
            f"{LINK_SECRET_EXAMPLE}",
        )


def _database(project: Project) -> Iterator[Problem]:
    url = project.expanded(str(project.database.get("url") or "sqlite:///autoplay.db"))
    path = url.partition(":///")[2]
    if not url.startswith("sqlite:"):
        return
    if path in ("", ":memory:") or path.startswith(("/tmp/", "/var/tmp/", "/dev/shm/")):  # noqa: S108 - named, not used
        yield error(
            f"the database does not survive a restart of the machine ({path or 'in memory'})",
            "set database.url to a path on a durable disk",
        )
    elif not path.startswith("/"):
        yield warning(
            f"database.url is an SQLite file in the working directory ({path})",
            "use PostgreSQL, or an absolute path (four slashes in all) on a disk that survives a new release "
            "or "
            "container: sqlite:////var/lib/autoplay/autoplay.db",
        )


def _conversations(project: Project) -> Iterator[Problem]:
    if not project.endpoint("tracker_store").get("type"):
        yield warning(
            "endpoints.yml has no tracker_store, so a restart loses all conversations",
            "tracker_store: {type: SQL, …}, described in Rasa's documentation",
        )


def _pace(project: Project) -> Iterator[Problem]:
    session = project.engine.get("session")
    for name, advised in _RECOMMENDED_PACE_S.items():
        value = session.get(name) if isinstance(session, Mapping) else None
        try:
            is_short = value is not None and parse_duration_s(value) < advised
        except ValueError:
            continue
        if is_short:
            yield warning(
                f"session.{name} is {value}, which suits a demo only", f"{name}: {advised:g}s or more"
            )


def _open_files(project: Project) -> Iterator[Problem]:
    limits = project.channel.get("rate_limits")
    default = ChannelSettings.__fields__["rate_limits"].default.max_feeds
    feeds = int(limits.get("max_feeds") or default) if isinstance(limits, Mapping) else default
    soft = open_files_limit()
    # Each user has a feed and, at most, one chat socket.
    wanted = feeds * 2 + _OTHER_FILES
    if soft is not None and soft < _MIN_OPEN_FILES:
        yield error(
            f"a process may open {soft} files here, enough for about {max(soft - _OTHER_FILES, 0) // 2} "
            "users at a time",
            "ulimit -n 65536, or LimitNOFILE=65536 in the systemd unit, for rasa run",
        )
    elif soft is not None and soft < wanted:
        yield warning(
            f"a process may open {soft} files here, but rate_limits.max_feeds allows {feeds} users "
            f"({wanted} files)",
            f"ulimit -n {wanted} for rasa run, or a smaller rate_limits.max_feeds",
        )


def _redis(project: Project) -> Iterator[Problem]:
    if not project.rasa_redis:
        return
    url = project.expanded(project.rasa_redis)
    if not url:
        yield warning("a variable in shared.redis is not set here", "set it, and run this again")
        return
    place = urlsplit(url)
    if place.scheme != "unix" and not place.password:
        yield error(
            "shared.redis has no password, so anyone who can connect to Redis can read user activity",
            "redis://:password@…",
        )
    if place.scheme == "redis" and place.hostname not in _LOCAL:
        yield warning(
            f"user activity goes to {place.hostname} unencrypted", "use a private network, or rediss://"
        )
    policy, reason = redis_policy(url)
    if reason:
        yield warning(f"Redis does not answer here ({reason})", "run this where `rasa run` runs")
    elif policy != "noeviction":
        yield error(
            f"Redis deletes sessions and events when its memory is full (maxmemory-policy {policy})",
            "maxmemory-policy noeviction",
        )


def _proxy(project: Project) -> Iterator[Problem]:
    if not project.environment.get("SANIC_PROXIES_COUNT"):
        yield warning(
            "SANIC_PROXIES_COUNT is not set here: behind a proxy, all visitors seem to have the proxy's "
            "address",
            "if the Rasa server is behind one proxy, set SANIC_PROXIES_COUNT=1 for rasa run; the proxy must "
            "append its client's address to X-Forwarded-For",
        )


def _texts(value: object) -> Sequence[str]:
    return [str(each) for each in (value if isinstance(value, list) else [value]) if each]


def _section_is_there(project: Project) -> Iterator[Problem]:
    if not project.channel:
        yield error(f"credentials.yml has no section {SECTION}", "run this in the project's folder")


def _api(running: Running) -> Iterator[Problem]:
    if running.api_is_open:
        yield error(
            "Rasa's own API is open, so anyone can read conversations and replace the model",
            "start rasa run without --enable-api, which the copilot does not need, or with --auth-token",
        )


def _https(running: Running) -> Iterator[Problem]:
    place = urlsplit(running.url)
    if place.scheme == "http" and place.hostname not in _LOCAL:
        yield error(
            f"{running.url} is not encrypted", "put a proxy that serves https in front of the Rasa server"
        )


PRODUCTION_CHECKS: tuple[Check[Project], ...] = (
    Check("channel", "credentials.yml has the channel", _section_is_there),
    Check("signed users", "requests need a user token", _identity),
    Check("keys", "no key can be guessed", _keys),
    Check("sites", "only the app's own pages are accepted, over https", _origins),
    Check("no demo", "the demo page is not served", _demo_page),
    Check("engine's link", "only the Rasa server can talk to the engine", _link),
    Check("database", "offers and memory survive a restart", _database),
    Check("conversations", "conversations survive a restart", _conversations),
    Check("pace", "cooldowns and timeouts suit production", _pace),
    Check("open files", "the process can open enough connections", _open_files),
    Check("redis policy", "Redis does not evict data", _redis),
    Check("proxy", "the Rasa server sees its clients' addresses", _proxy),
)

#: Checks of a running server, which ``--live`` names.
PRODUCTION_SERVER_CHECKS: tuple[Check[Running], ...] = (
    Check("rasa api", "Rasa's own API is closed", _api),
    Check("https", "the server uses https", _https),
)

#: What the doctor cannot check from here.
BY_HAND = (
    "only the Rasa server can reach the action server's port",
    "a proxy in front of the Rasa server serves https and forwards websockets and streams "
    "(docs/operations.md)",
    "tokens expire after minutes or hours, and only your app's server has the key that signs them",
    "the database is backed up, and you have tried to restore it",
    "NTP synchronizes the clocks of all machines",
    "somebody monitors health: link.state, engine.state and the counts of refused requests",
)
