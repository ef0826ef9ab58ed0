"""Python, packages and variables of the environment in which the bot runs."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from rasa_autoplay.gateway.access.connections import FEW_DESCRIPTORS
from rasa_autoplay.settings.keys import LINK_SECRET_EXAMPLE
from rasa_autoplay.tools.doctor.base import Problem, error, warning
from rasa_autoplay.tools.doctor.project import Project

__all__ = [
    "descriptors",
    "link_secret",
    "llm_key",
    "openai",
    "packaging",
    "pydantic",
    "python",
    "rasa",
    "response_timeout",
    "socketio",
    "workers",
]

_HEARTBEAT_S = 15
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


def python(project: Project) -> Iterator[Problem]:
    """Rasa 3.6 runs on Python 3.8 to 3.10, this package from 3.10 on."""
    if project.packages.get("rasa", "").startswith("3.6") and project.python != (3, 10):
        version = ".".join(map(str, project.python))
        yield error(f"this is Python {version}", "Rasa 3.6 and the copilot meet in Python 3.10 only")


def rasa(project: Project) -> Iterator[Problem]:
    """Rasa is there, in a version that we know."""
    version = project.packages.get("rasa")
    if version is None:
        yield error("rasa is not installed here", 'pip install "rasa-autoplay[rasa]"')
    elif _numbers(version) < (3, 6, 20):
        yield warning(f"rasa {version}", "the copilot is made for rasa 3.6.20 and later: update it")


def socketio(project: Project) -> Iterator[Problem]:
    """Rasa's own socket channel loses every bot message with python-socketio from 5.10 on."""
    version = project.packages.get("python-socketio", "0")
    name, section = project.chat or ("", {})
    if name == "socketio" and section.get("session_persistence") and _numbers(version) >= (5, 10):
        yield error(
            f"python-socketio {version} with Rasa's socketio: no bot message reaches the chat",
            'pip install "python-socketio<5.10" "python-engineio<4.8", or name the channel '
            "rasa_autoplay.chat_channel.AutoplaySocketIOInput",
        )


def openai(project: Project) -> Iterator[Problem]:
    """openai 3 needs a newer aiohttp than Rasa 3.6 allows."""
    version = project.packages.get("openai", "2")
    if _numbers(version) >= (3,):
        yield error(f"openai {version} cannot be imported beside Rasa 3.6", 'pip install "openai<3"')


def packaging(project: Project) -> Iterator[Problem]:
    """Rasa 3.6 does not start with packaging from 21 on."""
    version = project.packages.get("packaging", "20")
    if _numbers(version) >= (21,) and project.packages.get("rasa", "").startswith("3.6"):
        yield error(f"packaging {version}: Rasa 3.6 does not start", 'pip install "packaging<21"')


def pydantic(project: Project) -> Iterator[Problem]:
    """Rasa 3.6 is made for pydantic 1; the vendor's SDK brings 2 with it."""
    version = project.packages.get("pydantic", "1")
    if _numbers(version) >= (2,) and project.packages.get("rasa", "").startswith("3.6"):
        brought = " (autoplay-sdk brings it)" if "autoplay-sdk" in project.packages else ""
        yield error(
            f"pydantic {version}{brought}: Rasa 3.6 does not start",
            'pip install "pydantic<2"; what autoplay-sdk offers is importable from rasa_autoplay',
        )


def response_timeout(project: Project) -> Iterator[Problem]:
    """Sanic cuts a stream in which nothing is written for that long; a sign of life comes every 15 s."""
    value = project.environment.get("SANIC_RESPONSE_TIMEOUT", "")
    if value.isdigit() and int(value) <= _HEARTBEAT_S:
        yield error(
            f"SANIC_RESPONSE_TIMEOUT={value}: the toast feed is cut before its sign of life",
            "set it to 60, Sanic's default, or leave it out",
        )


def descriptors(project: Project) -> Iterator[Problem]:
    """Each feed, chat window and request takes a descriptor; the Rasa server takes as many as it may have."""
    if 0 < project.max_descriptors < FEW_DESCRIPTORS:
        yield warning(
            f"a process may open {project.max_descriptors} descriptors here at most (ulimit -Hn): strangers "
            "who connect and say nothing soon take them all",
            "allow 65536: LimitNOFILE= in systemd, --ulimit nofile= in Docker",
        )


def workers(project: Project) -> Iterator[Problem]:
    """Feeds and sessions live in one process each, unless they are shared."""
    if project.is_scaled_out:
        return
    for variable in ("SANIC_WORKERS", "ACTION_SERVER_SANIC_WORKERS"):
        value = project.environment.get(variable, "1")
        if value.isdigit() and int(value) > 1:
            yield error(
                f"{variable}={value}: feeds and sessions would be split",
                f"set {variable}=1, or use Redis: docs/scaling.md",
            )


def link_secret(project: Project) -> Iterator[Problem]:
    """Both processes know the secret; without one only the same machine is let in. Redis has its own."""
    if project.is_scaled_out:
        return
    is_set = bool(project.link.get("secret"))
    host = urlsplit(project.action_endpoint).hostname or "localhost"
    known = bool(project.environment.get("AUTOPLAY_LINK_SECRET"))
    if host not in _LOOPBACK and not is_set:
        yield error(
            f"the action server is on another machine ({host}) and there is no link.secret: it rejects us",
            f"set AUTOPLAY_LINK_SECRET to the same value on both machines, and in credentials.yml:\n"
            f"{LINK_SECRET_EXAMPLE}",
        )
    elif is_set != known:
        yield warning(
            f"link.secret is {'' if is_set else 'not '}set in credentials.yml, and AUTOPLAY_LINK_SECRET is "
            f"{'' if known else 'not '}set here",
            "the action server reads it from AUTOPLAY_LINK_SECRET: both or neither, and the same",
        )


def llm_key(project: Project) -> Iterator[Problem]:
    """A language model is asked with a key from the environment."""
    if project.engine.get("llm") and not project.environment.get("OPENAI_API_KEY"):
        yield warning(
            "autoplay.yml has llm, and OPENAI_API_KEY is not set here",
            "set it where the action server runs; until then the steps are sent as they are written",
        )


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".")[:3] if part.isdigit())
