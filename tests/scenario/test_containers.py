"""The hardened containers of ``deploy/``, as far as they can be tried without a container engine."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from support.background import BackgroundLoop, eventually
from support.containers import DEPLOY, ContainedProject, compose_file, example_environment
from support.missing import miss
from support.pair import Pair
from support.postgres import postgres_server
from support.processes import ROOT
from support.redis_server import running_redis
from support.user import User

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
_KEY = example_environment()["AUTOPLAY_JWT_KEY"]


@pytest.fixture(scope="module")
def contained(
    tmp_path_factory: pytest.TempPathFactory, model: Path, background: BackgroundLoop
) -> Iterator[Pair]:
    """Both servers in their sandboxes, with PostgreSQL and Redis beside them."""
    folder = tmp_path_factory.mktemp("contained")
    with postgres_server() as database, running_redis() as redis:
        pair = Pair(ContainedProject(folder, model, database, redis))
        try:
            background.run(pair.start(), 250)
            yield pair
        finally:
            background.run(pair.close(), 150)


def test_the_health_checks_of_both_images_pass(contained: Pair) -> None:
    project = contained.project
    assert isinstance(project, ContainedProject)
    for service in ("engine", "rasa"):
        done = project.is_healthy(service)
        assert (done.returncode, done.stderr) == (0, "")


def test_nothing_but_the_volumes_can_be_written(contained: Pair) -> None:
    project = contained.project
    assert isinstance(project, ContainedProject)
    for service in ("engine", "rasa"):
        done = project.run(service, "touch", "/app/x")
        assert "Read-only file system" in done.stderr
        assert project.run(service, "id", "-u").stdout.strip() == "10001"


async def test_a_signed_user_gets_a_toast_and_the_chat(contained: Pair) -> None:
    user = User(contained, "anna", _KEY)
    async with user.feed() as feed, user.chat() as window:
        await user.send_story(user.story())
        toast = await feed.toast()
        await user.acknowledge(toast)
        assert await user.open_chat(window, toast) == (200, {"status": "ok"})
        assert (await window.bubble()).text == toast.data["body"]
        assert "Bulk edit" in (await window.bubble()).text


async def test_a_restarted_engine_is_healthy_again(contained: Pair) -> None:
    project = contained.project
    assert isinstance(project, ContainedProject)
    assert contained.actions is not None
    await contained.actions.stop()
    assert project.is_healthy("engine").returncode == 1
    # The killed engine's share of the users is free for others once its lease has ended.
    await eventually(lambda: project.is_healthy("rasa").returncode, what="the gateway misses its engine")
    assert project.is_healthy("rasa").stderr.startswith("engine: failed")
    contained.start_actions()
    await contained.ready()
    assert project.is_healthy("rasa").returncode == 0


def test_every_service_is_hardened_and_checked() -> None:
    for name, service in compose_file()["services"].items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert "user" in service or "build" in service, name
        assert "healthcheck" in service or "build" in service, name


def test_the_linters_find_nothing(tmp_path: Path) -> None:
    programs = ROOT / ".venvs" / "containers" / "bin"
    if not programs.exists():
        miss("The linters are missing: `make venv ENV=containers` fetches them.")
    for file in sorted(DEPLOY.glob("*.Dockerfile")):
        done = subprocess.run([programs / "hadolint", file], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout) == (0, ""), file.name
    folder = tmp_path / "deploy"
    shutil.copytree(DEPLOY, folder)
    check = [f"{programs}/docker-compose", "--file", f"{folder}/compose.yml", "config", "--quiet"]
    without = subprocess.run(check, capture_output=True, text=True, check=False)
    assert without.returncode != 0
    assert "set it in deploy/.env" in without.stderr
    (folder / "example.env").rename(folder / ".env")
    done = subprocess.run(check, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_helm_values_use_the_variables_that_they_get() -> None:
    values = yaml.safe_load((DEPLOY / "helm" / "values.yaml").read_text(encoding="utf-8"))
    for chart in (values, values["rasa-action-server"]):
        for variable in chart["extraEnv"]:
            if "valueFrom" in variable:
                assert variable["valueFrom"]["secretKeyRef"]["key"] in example_environment()
    given = {variable["name"] for variable in values["extraEnv"]}
    used = re.findall(r"\$\{(\w+)\}", json.dumps(values["applicationSettings"]))
    assert used
    assert set(used) <= given
