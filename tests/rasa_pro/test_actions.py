"""Rasa Pro's own class for custom actions runs the copilot's actions in the Rasa server."""

from __future__ import annotations

from pathlib import Path

import pytest
from rasa.core.actions.action import RemoteAction
from rasa.core.channels.channel import OutputChannel
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig
from support.deployment import write_engine_file
from support.run import asynchronous
from support.sanic_server import fresh_app, serving

from rasa_autoplay.channel import AutoplayInput

pytestmark = pytest.mark.filterwarnings("ignore:pkg_resources is deprecated:UserWarning")  # in Rasa Pro 3.14

QUESTION = "how do I change several projects at once?"
ENDPOINTS = {
    "no endpoint": None,
    "an action server": EndpointConfig(url="http://127.0.0.1:9/webhook"),
    "a module of actions": EndpointConfig(actions_module="actions_of_the_bot"),
}


async def _nothing(_message: object) -> None:
    """No chat here."""


@pytest.mark.parametrize("endpoint", ENDPOINTS.values(), ids=ENDPOINTS)
@asynchronous
async def test_the_engines_answer_is_said(
    endpoint: EndpointConfig | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUTOPLAY_CONFIG", str(tmp_path / "autoplay.yml"))
    monkeypatch.chdir(tmp_path)
    write_engine_file(tmp_path)
    channel = AutoplayInput.from_credentials(
        {"product_id": "demo", "identity": "none", "capture": True, "engine": "in_process"}
    )
    app = fresh_app()
    app.ctx.agent, app.ctx.input_channels = None, []
    app.blueprint(channel.blueprint(_nothing), url_prefix="/webhooks/autoplay")
    tracker = DialogueStateTracker.from_events("w1", [UserUttered(QUESTION, {"name": "ask"})])
    async with serving(app):
        action = RemoteAction("action_ask_llm", endpoint)
        said = await action.run(OutputChannel(), None, tracker, Domain.empty())
    assert len(said) == 1
    assert "Bulk edit" in said[0].text
