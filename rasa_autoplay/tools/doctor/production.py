"""The production checklist: is a project that works also fit for strangers, crowds and restarts?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from rasa_autoplay.settings.channel import SECTION, ChannelSettings
from rasa_autoplay.settings.durations import parse_duration_s
from rasa_autoplay.settings.keys import LINK_SECRET_EXAMPLE, MAKE_ONE, MIN_JWT_KEY_BYTES
from rasa_autoplay.tools.doctor.base import Check, Problem, error, warning
from rasa_autoplay.tools.doctor.health_request import Running
from rasa_autoplay.tools.doctor.machine import open_files_limit, redis_policy
from rasa_autoplay.tools.doctor.project import Project

__all__ = ["BY_HAND", "PRODUCTION_CHECKS", "PRODUCTION_SERVER_CHECKS"]

_LOCAL = ("localhost", "127.0.0.1", "::1")
#: Our secrets and the least length that we advise. The vendors' are theirs to choose.
_SECRETS = {
    "jwt_key": MIN_JWT_KEY_BYTES,
    "link.secret": 32,
    "admin_key": 32,
    "webhook_secret": 16,
    "posthog_secret": 16,
}
#: A random key has more different characters than this.
_FEWEST_CHARACTERS = 8
_PLACEHOLDERS = ("change", "example", "password", "placeholder", "secret", "todo", "your-", "1234")
_ADVISED_PACE_S = {"interaction_timeout": 60.0, "cooldown": 120.0}
#: Beside feeds and chat sockets: the database, the link, the model, log files.
_OTHER_FILES = 500
_MIN_OPEN_FILES = 4_096


def _identity(project: Project) -> Iterator[Problem]:
    mode = project.channel.get("identity")
    if mode == "none":
        yield error(
            "identity: none: any browser may speak for any user", "identity: report_only, then required"
        )
    elif mode == "report_only":
        yield warning(
            "identity: report_only: nobody is refused yet", "identity: required, when health counts nobody"
        )


def _keys(project: Project) -> Iterator[Problem]:
    for name, least in _SECRETS.items():
        for value in _texts(_at(project.channel, name)):
            text = project.expanded(value)
            if "${" not in value and not text.lstrip().startswith("-----BEGIN"):
                yield warning(
                    f"{name} stands in credentials.yml itself",
                    f"{name}: ${{AUTOPLAY_{name.upper().replace('.', '_')}}}",
                )
            if text and not text.lstrip().startswith("-----BEGIN") and (flaw := _flaw(text, least)):
                yield error(f"{name} {flaw}", MAKE_ONE)


def _at(section: Mapping[str, Any], name: str) -> object:
    """The value of a dotted key; None where it is not given."""
    value: object = section
    for key in name.split("."):
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def _flaw(secret: str, least: int) -> str:
    """Why a secret could be guessed; nothing of the secret itself."""
    if len(secret.encode()) < least:
        return f"has {len(secret.encode())} bytes, {least} are advised"
    if len(set(secret)) < _FEWEST_CHARACTERS:
        return "repeats a few characters"
    if any(word in secret.lower() for word in _PLACEHOLDERS):
        return "looks like a placeholder"
    return ""


def _origins(project: Project) -> Iterator[Problem]:
    for entry in _texts(project.channel.get("allowed_origins")):
        place = urlsplit(entry.replace("*", "x"))
        if entry == "*":
            yield error("allowed_origins has *: every site may use the copilot", "name your app's origins")
        elif place.hostname in _LOCAL:
            yield warning(f"{entry} lets in whatever runs on a visitor's own machine", "take it out")
        elif place.scheme == "http":
            yield error(f"{entry} is not encrypted: whoever carries it can change the page", "https")
        elif "*" in entry:
            yield warning(f"{entry} lets in all that it stands for", "name the origins, if not all are yours")


def _demo_page(project: Project) -> Iterator[Problem]:
    if project.channel.get("demo_page"):
        yield error("demo_page is set: anyone can open the demo on this server", "take demo_page out")


def _link(project: Project) -> Iterator[Problem]:
    if project.is_scaled_out:
        return
    place = urlsplit(project.action_endpoint)
    if place.scheme == "http" and place.hostname not in _LOCAL:
        yield warning(
            f"what users do goes to {place.hostname} unencrypted",
            "a private network, or https in action_endpoint of endpoints.yml",
        )
    if not project.link.get("secret"):
        yield error(
            "there is no link.secret: any program on this machine can speak to the engine",
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
            f"database.url keeps nothing over a restart of the machine ({path or 'in memory'})",
            "a durable path",
        )
    elif not path.startswith("/"):
        yield warning(
            f"database.url is an SQLite file in the working directory ({path})",
            "PostgreSQL; or an absolute path (four slashes in all) on a disk that survives a new release or "
            "container: sqlite:////var/lib/autoplay/autoplay.db",
        )


def _conversations(project: Project) -> Iterator[Problem]:
    if not project.endpoint("tracker_store").get("type"):
        yield warning(
            "endpoints.yml has no tracker_store: a restart forgets all conversations",
            "tracker_store: {type: SQL, …}, as Rasa's documentation shows",
        )


def _pace(project: Project) -> Iterator[Problem]:
    session = project.engine.get("session")
    for name, advised in _ADVISED_PACE_S.items():
        value = session.get(name) if isinstance(session, Mapping) else None
        try:
            is_short = value is not None and parse_duration_s(value) < advised
        except ValueError:
            continue
        if is_short:
            yield warning(f"session.{name} is {value}, as in the demo", f"{name}: {advised:g}s or more")


def _open_files(project: Project) -> Iterator[Problem]:
    limits = project.channel.get("rate_limits")
    default = ChannelSettings.__fields__["rate_limits"].default.max_feeds
    feeds = int(limits.get("max_feeds") or default) if isinstance(limits, Mapping) else default
    soft = open_files_limit()
    # A feed and a chat socket for each user; some have no chat open.
    wanted = feeds * 2 + _OTHER_FILES
    if soft is not None and soft < _MIN_OPEN_FILES:
        yield error(
            f"a process may open {soft} files here: about {max(soft - _OTHER_FILES, 0) // 2} users at a time",
            "ulimit -n 65536, or LimitNOFILE=65536 in the systemd unit, for rasa run",
        )
    elif soft is not None and soft < wanted:
        yield warning(
            f"a process may open {soft} files here, and rate_limits.max_feeds lets in {feeds} users "
            f"({wanted} files)",
            f"ulimit -n {wanted} for rasa run, or a smaller rate_limits.max_feeds",
        )


def _redis(project: Project) -> Iterator[Problem]:
    if not project.rasa_redis:
        return
    url = project.expanded(project.rasa_redis)
    if not url:
        yield warning("the address of Redis is not known here", "set its variable, and run this again")
        return
    place = urlsplit(url)
    if place.scheme != "unix" and not place.password:
        yield error(
            "shared.redis has no password: anyone who reaches Redis can read what users do",
            "redis://:password@…",
        )
    if place.scheme == "redis" and place.hostname not in _LOCAL:
        yield warning(
            f"what users do goes to {place.hostname} unencrypted", "a private network, or rediss://"
        )
    policy, reason = redis_policy(url)
    if reason:
        yield warning(f"Redis does not answer here ({reason})", "run this where rasa run does")
    elif policy != "noeviction":
        yield error(
            f"Redis evicts ({policy}): sessions and events vanish when it is full",
            "maxmemory-policy noeviction",
        )


def _proxy(project: Project) -> Iterator[Problem]:
    if not project.environment.get("SANIC_PROXIES_COUNT"):
        yield warning(
            "SANIC_PROXIES_COUNT is not set here: behind a proxy, all visitors have its address",
            "SANIC_PROXIES_COUNT=1 for rasa run, if one proxy stands before it; the proxy must add the "
            "address that it sees to X-Forwarded-For",
        )


def _texts(value: object) -> Sequence[str]:
    return [str(each) for each in (value if isinstance(value, list) else [value]) if each]


def _section_is_there(project: Project) -> Iterator[Problem]:
    if not project.channel:
        yield error(f"credentials.yml has no section {SECTION}", "run this in the project's folder")


def _api(running: Running) -> Iterator[Problem]:
    if running.api_is_open:
        yield error(
            "Rasa's own API is open: anyone can read conversations and replace the model",
            "rasa run without --enable-api, which the copilot does not need; or with --auth-token",
        )


def _https(running: Running) -> Iterator[Problem]:
    place = urlsplit(running.url)
    if place.scheme == "http" and place.hostname not in _LOCAL:
        yield error(f"{running.url} is not encrypted", "https, by a proxy before the Rasa server")


PRODUCTION_CHECKS: tuple[Check[Project], ...] = (
    Check("channel", "the channel is in credentials.yml", _section_is_there),
    Check("signed users", "users are signed in", _identity),
    Check("keys", "no key can be guessed", _keys),
    Check("sites", "only the app's own pages are let in, over https", _origins),
    Check("no demo", "the demo page is not served", _demo_page),
    Check("engine's link", "only the Rasa server reaches the engine", _link),
    Check("database", "offers and memory survive", _database),
    Check("conversations", "conversations survive", _conversations),
    Check("pace", "sessions have the pace of production", _pace),
    Check("open files", "enough connections can be open", _open_files),
    Check("redis policy", "Redis keeps what it is given", _redis),
    Check("proxy", "clients' addresses are known", _proxy),
)

#: Of a running server, where one is named with ``--live``.
PRODUCTION_SERVER_CHECKS: tuple[Check[Running], ...] = (
    Check("rasa api", "Rasa's own API is closed", _api),
    Check("https", "the server is reached over https", _https),
)

#: What no program can see from here.
BY_HAND = (
    "the action server's port is closed to all but the Rasa server",
    "a proxy before the Rasa server serves https, and passes websockets and streams on: docs/operations.md",
    "tokens live for minutes or hours, and only your app's server has the key that signs them",
    "the database is backed up, and you have tried to restore it",
    "clocks are kept by NTP on all machines",
    "somebody looks at health: link.state, engine.state, and what is refused",
)
