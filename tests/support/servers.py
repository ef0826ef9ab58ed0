"""Real servers, started by the rasa CLI: one pair for most scenario and browser tests.

A Rasa server takes about 20 s to start, so starts are the budget: a test that breaks something has its own
pair, and tests that share this one use their own users. Async tests with these fixtures run on the
background loop, where the stand-ins run too.
"""

from __future__ import annotations

import inspect
import signal
import subprocess
import sys
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest

from support.background import PATIENCE_S, BackgroundLoop
from support.connector import Connector
from support.elsewhere import allow_other_origin
from support.hostile import add_hostile_texts
from support.language_model import LanguageModelServer
from support.pair import Pair
from support.processes import ROOT
from support.workshop import ADMIN_KEY, API_KEY, LINK_SECRET, SECRETS, STREAM_TOKEN, Workshop

#: Enough seconds for a test that restarts a Rasa server twice.
_TEST_S = 400.0
#: The time limit for the model: short enough that a slow model costs the tests little, long enough that a
#: good one is in time on a busy machine.
LLM_TIMEOUT_S = 6.0


# Before pytest's own hook, which fails async tests that no plugin runs.
@pytest.hookimpl(tryfirst=True)  # type: ignore[untyped-decorator]
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run an async test on the background loop if it uses one."""
    background = pyfuncitem.funcargs.get("background")
    if not (inspect.iscoroutinefunction(pyfuncitem.obj) and isinstance(background, BackgroundLoop)):
        return None
    names = inspect.signature(pyfuncitem.obj).parameters
    arguments = {name: pyfuncitem.funcargs[name] for name in names}
    background.run(pyfuncitem.obj(**arguments), _TEST_S)
    return True


@pytest.hookimpl(hookwrapper=True)  # type: ignore[untyped-decorator]
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, None]:
    """Show the servers' logs with a failure."""
    outcome = yield
    report = outcome.get_result()
    if report.failed and isinstance(item, pytest.Function):
        for name, value in item.funcargs.items():
            if isinstance(value, Pair):
                report.sections.append((f"logs of {name}", value.log_tails()))


@pytest.fixture(scope="session")
def background() -> Iterator[BackgroundLoop]:
    """The loop for everything asynchronous."""
    # A signal that ends the run ends its servers too: fixtures close as after Ctrl-C.
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    loop = BackgroundLoop()
    yield loop
    loop.close()
    signal.signal(signal.SIGTERM, before)


@pytest.fixture(scope="session")
def model() -> Path:
    """The example's model, trained unless its files are unchanged."""
    made = subprocess.run(
        [sys.executable, "scripts/make_model.py"], cwd=ROOT, capture_output=True, text=True, timeout=280
    )
    assert made.returncode == 0, made.stdout + made.stderr
    return ROOT / "models" / "example_bot.tar.gz"


@pytest.fixture(scope="session")
def workshop(tmp_path_factory: pytest.TempPathFactory, model: Path) -> Iterator[Workshop]:
    """The factory of projects; at the end it checks everything that their processes have written."""
    shop = Workshop(tmp_path_factory.mktemp("projects"), model)
    yield shop
    for pair in shop.pairs:
        pair.kill()
    found = [(place, secret) for place, log in shop.logs().items() for secret in SECRETS if secret in log]
    assert not found, f"secrets stand in logs: {found}"
    traces = [
        trace for pair in shop.pairs for process in pair.processes() for trace in process.own_tracebacks()
    ]
    assert not traces, "a stack trace of ours stands in a log:\n" + "\n".join(traces)


@pytest.fixture(scope="session")
def connector(background: BackgroundLoop) -> Iterator[Connector]:
    """The vendor's connector that the shared pair subscribes to."""
    server = Connector(STREAM_TOKEN)
    background.run(server.start(), PATIENCE_S)
    yield server
    background.run(server.close(), PATIENCE_S)


@pytest.fixture(scope="session")
def language_models(background: BackgroundLoop) -> Iterator[LanguageModelServer]:
    """The language model endpoint of the shared pair."""
    server = LanguageModelServer(slow_s=LLM_TIMEOUT_S + 3)
    background.run(server.start(), PATIENCE_S)
    yield server
    background.run(server.close(), PATIENCE_S)


@pytest.fixture
def language_model(language_models: LanguageModelServer) -> Iterator[LanguageModelServer]:
    """That endpoint, whose mode one test may change."""
    yield language_models
    language_models.mood, language_models.words = "good", None


@pytest.fixture(scope="session")
def pair(
    workshop: Workshop,
    background: BackgroundLoop,
    connector: Connector,
    language_models: LanguageModelServer,
) -> Iterator[Pair]:
    """The pair that most tests share: capture and stream, a language model, secrets from the environment."""
    project = workshop.project("shared")
    project.channel.update(stream={"url": connector.url, "token": "${STREAM_TOKEN}"})
    project.channel.update(link={"secret": "${LINK_SECRET}"}, admin_key="${ADMIN_KEY}")
    project.autoplay["llm"] = {
        "model": "stand-in",
        "base_url": language_models.base_url,
        "timeout": f"{LLM_TIMEOUT_S}s",
    }
    # Store conversations in a file, where tests can read them.
    project.endpoints["tracker_store"] = {"type": "SQL", "dialect": "sqlite", "db": "tracker.db"}
    add_hostile_texts(project)
    allow_other_origin(project)
    project.environment.update(
        STREAM_TOKEN=STREAM_TOKEN,
        LINK_SECRET=LINK_SECRET,
        ADMIN_KEY=ADMIN_KEY,
        AUTOPLAY_LINK_SECRET=LINK_SECRET,
        OPENAI_API_KEY=API_KEY,
    )
    with workshop.running(project, background) as shared:
        yield shared


@pytest.fixture(scope="session")
def cors_pair(workshop: Workshop, background: BackgroundLoop) -> Iterator[Pair]:
    """A pair whose Rasa server runs with ``--cors "*"``, the usual command for a web widget."""
    project = workshop.project("with-cors")
    project.rasa_flags = ("--cors", "*")
    allow_other_origin(project)
    with workshop.running(project, background) as made:
        yield made


@pytest.fixture(params=["without --cors", "with --cors"])
def either_pair(request: pytest.FixtureRequest) -> Pair:
    """A pair whose Rasa server runs without ``--cors``, then one with it."""
    made: Pair = request.getfixturevalue("pair" if request.param == "without --cors" else "cors_pair")
    return made
