"""Checks of Python, the installed packages and the environment variables."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from urllib.parse import urlsplit

from rasa_autoplay.common.checks import Problem, error, warning
from rasa_autoplay.gateway.access.connections import FEW_DESCRIPTORS
from rasa_autoplay.settings.assistant_kind import AssistantKind
from rasa_autoplay.settings.keys import LINK_SECRET_EXAMPLE
from rasa_autoplay.tools.doctor.project import Project

__all__ = [
    "descriptors",
    "has_direct_link",
    "licence",
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
#: Where Rasa Pro looks for its licence.
_LICENCES = ("RASA_LICENSE", "RASA_PRO_LICENSE")
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


def python(project: Project) -> Iterator[Problem]:
    """Rasa 3.6 runs on Python 3.8 to 3.10; this package needs 3.10 or later."""
    if project.packages.get("rasa", "").startswith("3.6") and project.python != (3, 10):
        version = ".".join(map(str, project.python))
        yield error(
            f"this is Python {version}",
            "use Python 3.10, the only version that both Rasa 3.6 and the copilot support",
        )


def rasa(project: Project) -> Iterator[Problem]:
    """Rasa is installed in a supported version."""
    version, pro = project.packages.get("rasa"), project.packages.get("rasa-pro")
    if version and pro:
        yield error(
            f"rasa {version} and rasa-pro {pro} are both installed, and overwrite each other's files",
            "make a new environment with one of them",
        )
    elif pro:
        yield from _pro(pro)
    elif project.kind is not AssistantKind.RULES:
        yield error(
            f"rasa-pro is not installed here, and an assistant with {project.kind.value} needs it",
            "run this where `rasa run` runs, or install rasa-pro there",
        )
    elif version is None and project.python > (3, 10):
        yield warning(
            "rasa is not installed here, so only the engine can run here",
            "run the doctor in the Rasa server's environment too",
        )
    elif version is None:
        yield error(
            "rasa is not installed here",
            'run this where `rasa run` runs; with Python 3.10: pip install "rasa-autoplay[rasa]"',
        )
    elif _numbers(version) < (3, 4):
        yield warning(f"rasa is {version}, and the copilot needs 3.4 or later", "update rasa")


def _pro(version: str) -> Iterator[Problem]:
    if _numbers(version) < (3, 14):
        yield warning(
            f"rasa-pro is {version}, and the copilot was tried with 3.14 to 3.21 only", "update rasa-pro"
        )


def licence(project: Project) -> Iterator[Problem]:
    """Rasa Pro finds its licence in the environment, or in the project's ``.env``."""
    if "rasa-pro" not in project.packages:
        return
    with contextlib.suppress(OSError, UnicodeDecodeError):
        lines = (project.folder / ".env").read_text(encoding="utf-8").splitlines()
        if any(line.partition("=")[0].strip().removeprefix("export ") in _LICENCES for line in lines):
            return
    if not any(project.environment.get(name) for name in _LICENCES):
        yield warning(
            f"{_LICENCES[0]} is not set here, and Rasa Pro itself does not start without a licence",
            "set it where `rasa run` starts; the copilot needs none of its own",
        )


def socketio(project: Project) -> Iterator[Problem]:
    """Rasa's own socket channel loses every bot message with python-socketio 5.10 or later."""
    version = project.packages.get("python-socketio", "0")
    name, section = project.chat or ("", {})
    if "rasa-pro" in project.packages:
        return  # it awaits enter_room
    if name == "socketio" and section.get("session_persistence") and _numbers(version) >= (5, 10):
        yield error(
            f"python-socketio {version} with Rasa's socketio channel: no bot message reaches the chat",
            'pip install "python-socketio<5.10" "python-engineio<4.8", or use the channel '
            "rasa_autoplay.chat_channel.AutoplaySocketIOInput",
        )


def openai(project: Project) -> Iterator[Problem]:
    """Version 3 of openai needs a newer aiohttp than Rasa 3.6 allows."""
    version = project.packages.get("openai", "2")
    if _numbers(version) >= (3,) and project.packages.get("rasa", "").startswith("3."):
        yield error(f"openai {version} cannot be imported next to Rasa 3.6", 'pip install "openai<3"')


def packaging(project: Project) -> Iterator[Problem]:
    """Rasa 3.6 does not start with packaging 21 or later."""
    version = project.packages.get("packaging", "20")
    if _numbers(version) >= (21,) and project.packages.get("rasa", "").startswith("3.6"):
        yield error(
            f"packaging is {version}, with which Rasa 3.6 does not start", 'pip install "packaging<21"'
        )


def pydantic(project: Project) -> Iterator[Problem]:
    """Rasa 3.6 needs pydantic 1; the vendor's SDK installs pydantic 2."""
    version = project.packages.get("pydantic", "1")
    if _numbers(version) >= (2,) and project.packages.get("rasa", "").startswith("3.6"):
        origin = " (installed by autoplay-sdk)" if "autoplay-sdk" in project.packages else ""
        yield error(
            f"pydantic is {version}{origin}, with which Rasa 3.6 does not start",
            'pip install "pydantic<2", and import from rasa_autoplay what you import from autoplay-sdk',
        )


def response_timeout(project: Project) -> Iterator[Problem]:
    """Sanic closes a stream without output for SANIC_RESPONSE_TIMEOUT; a heartbeat comes every 15 s."""
    value = project.environment.get("SANIC_RESPONSE_TIMEOUT", "")
    if value.isdigit() and int(value) <= _HEARTBEAT_S:
        yield error(
            f"SANIC_RESPONSE_TIMEOUT={value} cuts the toast feed before its first heartbeat",
            "unset it, or set it to Sanic's default, 60",
        )


def descriptors(project: Project) -> Iterator[Problem]:
    """Each feed, chat window and request uses a descriptor; the Rasa server raises its soft limit."""
    if 0 < project.max_descriptors < FEW_DESCRIPTORS:
        yield warning(
            f"a process may open at most {project.max_descriptors} descriptors here (ulimit -Hn), and idle "
            "connections from strangers soon use them up",
            "allow 65536: LimitNOFILE= in systemd, --ulimit nofile= in Docker",
        )


def workers(project: Project) -> Iterator[Problem]:
    """Feeds and sessions are kept in the memory of one process, unless Redis shares them."""
    if project.is_scaled_out:
        return
    for variable in ("SANIC_WORKERS", "ACTION_SERVER_SANIC_WORKERS"):
        value = project.environment.get(variable, "1")
        if value.isdigit() and int(value) > 1:
            yield error(
                f"{variable}={value} splits feeds and sessions between processes",
                f"set {variable}=1, or use Redis (docs/scaling.md)",
            )


def has_direct_link(project: Project) -> bool:
    """Whether the two processes talk to each other directly, so that they may need a common secret."""
    return not (project.is_scaled_out or project.runs_engine_in_process)


def link_secret(project: Project) -> Iterator[Problem]:
    """Both processes have the same secret. Without it, the engine accepts connections from its own machine
    only.

    With Redis there is no direct link, and Redis has its own password.
    """
    if not has_direct_link(project):
        return
    is_set = bool(project.link.get("secret"))
    host = urlsplit(project.engine_url).hostname or "localhost"
    known = bool(project.environment.get("AUTOPLAY_LINK_SECRET"))
    if host not in _LOOPBACK and not is_set:
        yield error(
            f"the engine is on another machine ({host}), and without link.secret it rejects the Rasa server",
            f"set AUTOPLAY_LINK_SECRET to the same value on both machines, and in credentials.yml:\n"
            f"{LINK_SECRET_EXAMPLE}",
        )
    elif is_set != known:
        yield warning(
            f"link.secret is {'' if is_set else 'not '}set in credentials.yml, and AUTOPLAY_LINK_SECRET is "
            f"{'' if known else 'not '}set here",
            "set both to the same value, or neither: the engine reads its secret from AUTOPLAY_LINK_SECRET",
        )


def llm_key(project: Project) -> Iterator[Problem]:
    """The language model's key comes from the environment."""
    if project.engine.get("llm") and not project.environment.get("OPENAI_API_KEY"):
        yield warning(
            "autoplay.yml has llm, but OPENAI_API_KEY is not set here",
            "set it where the engine runs; until then, users get the golden path's steps as written",
        )


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".")[:3] if part.isdigit())
