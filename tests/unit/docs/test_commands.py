"""Every command in the documentation is run, here in a project or by the named test."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.adopted import make_project
from support.documentation import PAGES, Block, blocks
from support.processes import ROOT
from support.visits import CHECKED, comes, leaves, parts

from rasa_autoplay.engine.memory.sql.store import SqlMemoryStore
from rasa_autoplay.tools.cli.main import SUBCOMMANDS

_FIRST_TOAST = ("tests/scenario/test_adopted_project.py", "first-toast")

#: Commands that need more than a project: the file that runs them, and the text there that proves it.
ELSEWHERE = {
    "make demo": ("tests/scenario/test_demo.py", "example_bot.demo"),
    "make test": (".ci/run", "make test"),
    "make venv ENV=engine-3.12": ("Makefile", "make_venv.py"),
    "make model": ("Makefile", "test: model"),
    "cp deploy/example.env deploy/.env": ("tests/scenario/test_containers.py", '"example.env"'),
    # There is no container engine where this is tested; the file is checked, and its servers are started.
    "docker compose --file deploy/compose.yml up --build": (
        "tests/scenario/test_containers.py",
        "docker-compose",
    ),
    # There is no cluster where this is tested; the values are checked against the variables that they use.
    "kubectl create secret generic autoplay --from-env-file deploy/.env": (
        "tests/scenario/test_containers.py",
        "secretKeyRef",
    ),
    "helm install bot rasa/rasa --values deploy/helm/values.yaml": (
        "tests/scenario/test_containers.py",
        '"values.yaml"',
    ),
    # It serves until it is stopped.
    "rasa-autoplay serve --host 0.0.0.0 --port 5056": (
        "tests/support/serve_process.py",
        '"serve", *arguments',
    ),
    # The package index is the reader's; the packages from there are built and imported.
    'pip install "rasa-autoplay[rasa]"': ("tests/unit/test_wheel.py", '"--wheel"'),
    "rasa train": ("tests/scenario/test_busy_conversations.py", 'rasa_command("train")'),
    "pip install rasa-autoplay": ("tests/unit/test_wheel.py", '"--wheel"'),
    "rasa run actions": ("tests/support/adopted.py", '"run", "actions"'),
    "rasa run": ("tests/support/adopted.py", '"run", "-i"'),
    # The page that these serve, with these libraries.
    "npm install posthog-js@1.449.2 rasa-webchat@1.0.1": _FIRST_TOAST,
    "python -m http.server 8080": _FIRST_TOAST,
    # They need a clone and the reader's registry; the tests install what is in the archives.
    "make web": ("Makefile", "make_packages.py"),
    "npm pack ./packages/react ./packages/vue": ("tests/support/npm_packages.py", '"pack",'),
    "npm install ./rasa-autoplay-react-0.1.0.tgz posthog-js": (
        "tests/browser/frameworks/built_apps.py",
        "unpack(pack(",
    ),
    # It needs an engine that has recorded sessions.
    "rasa-autoplay simulate --recorded --since 2d": (
        "tests/unit/tools/cli/test_recorded.py",
        '"simulate", "--recorded", "--since"',
    ),
    # They need many sessions.
    # They need proposals, and ask for confirmation.
    "rasa-autoplay propose bulk-edit": ("tests/unit/tools/cli/test_propose.py", 'said(capsys, "bulk-edit")'),
    "rasa-autoplay propose bulk-edit --to ghost": (
        "tests/unit/tools/cli/test_propose.py",
        '"bulk-edit", "--to", "ghost"',
    ),
    'rasa-autoplay propose bulk-edit --to 5% --force "…"': (
        "tests/unit/tools/cli/test_propose.py",
        '"--force", "a test"',
    ),
    "rasa-autoplay propose bulk-edit --back": (
        "tests/unit/tools/cli/test_propose.py",
        '"bulk-edit", "--back"',
    ),
    'rasa-autoplay propose bulk-edit --reject "…"': (
        "tests/unit/tools/cli/test_propose.py",
        '"bulk-edit", "--reject"',
    ),
    "rasa-autoplay propose --check proposals/bulk-edit/log.jsonl": (
        "tests/unit/tools/cli/test_propose.py",
        '"--check", str(log)',
    ),
    "rasa-autoplay discover recordings/ --out proposals/": (
        "tests/unit/tools/cli/test_discover.py",
        '"discover", str(recording), "--out"',
    ),
    "rasa-autoplay discover --recorded --since 14d": (
        "tests/unit/tools/cli/test_discover.py",
        '"discover", "--recorded", "--since"',
    ),
    # Data that takes a while to write, and what is read from it.
    "python example_data.py": ("tests/support/example_results.py", "example_data.py"),
    "rasa-autoplay results --html results.html": ("tests/unit/tools/cli/test_results.py", '"--html"'),
    # It needs a suspect step.
    'rasa-autoplay confirm bulk-edit apply --by Ann --why "The app was down yesterday."': (
        "tests/unit/engine/freshness/test_withheld_tours.py",
        '"confirm", PATH, STEP, "--by"',
    ),
    # It needs an engine with a user, and a file that the page shows.
    'curl -H "Authorization: Bearer $AUTOPLAY_SERVER_KEY" -H "Idempotency-Key: payment-4711" '
    "--json @offer.json http://localhost:5005/webhooks/autoplay/offers": (
        "tests/contract/test_offers_from_code.py",
        '"Idempotency-Key: payment-4711", "--json", "@offer.json"',
    ),
    # They need a browser, and an app that it can open.
    'pip install "rasa-autoplay[verify]"': ("tests/unit/tools/cli/test_verify.py", "rasa-autoplay[verify]"),
    "playwright install --with-deps chromium": ("tests/browser/verify/test_command.py", "launched"),
    "rasa-autoplay verify http://localhost:3000": (
        "tests/browser/verify/test_command.py",
        '"verify", *arguments',
    ),
    # They need a PostHog account, which a stand-in replaces.
    "rasa-autoplay posthog-destination --url https://bot.example.com --project-id 12345 --create": (
        "tests/unit/tools/posthog/test_destination_api.py",
        '"--create"',
    ),
    "rasa-autoplay posthog-destination --project-id 12345 --check": (
        "tests/unit/tools/posthog/test_destination_api.py",
        '"--check"',
    ),
    # It needs a server, and opens a browser.
    "rasa-autoplay record --live http://localhost:5005 "
    "--open http://localhost:5005/webhooks/autoplay/demo/projects": (
        "tests/contract/test_recorder_command.py",
        '"--live", served.origin, "--open"',
    ),
    # It asks for confirmation.
    "rasa-autoplay init": ("tests/unit/tools/cli/test_init.py", 'main(["init"])'),
    "rasa-autoplay studio http://localhost:5005": (
        "tests/contract/test_studio_command.py",
        '"studio", *arguments',
    ),
    "rasa-autoplay tail": ("tests/scenario/test_adopted_project.py", '"tail", pair.origin'),
    "rasa-autoplay tail http://localhost:5005 --user u1": ("tests/contract/test_tail.py", '"--user", "u1"'),
    # They need an engine with outcomes.
    "rasa-autoplay outcomes --live http://localhost:5005": (
        "tests/contract/test_outcome_routes.py",
        '"--live", made.origin)',
    ),
    "rasa-autoplay outcomes --live http://localhost:5005 --resend-since 2h": (
        "tests/contract/test_outcome_routes.py",
        '"--live", made.origin, "--resend-since", "2h"',
    ),
    "rasa-autoplay doctor --live http://localhost:5005": (
        "tests/scenario/test_adopted_project.py",
        '"--live"',
    ),
    # It finds something in every project that is not in production.
    "rasa-autoplay doctor --production --live https://bot.example.com": (
        "tests/unit/tools/doctor/test_production.py",
        '"doctor", "--production", "--live"',
    ),
}
_PAGE = '<script src="/webhooks/autoplay/autoplay.js" data-user-id="u1"></script>\n'


def _commands() -> Iterator[tuple[Block, str]]:
    for block in blocks("bash"):
        for line in block.text.splitlines():
            command = line.partition(" #")[0].strip()
            if command:
                yield block, command


COMMANDS = list(_commands())
HERE = [(block, command) for block, command in COMMANDS if command not in ELSEWHERE]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Rasa project with the copilot added, a page, and recordings of its users."""
    folder = make_project("stock", tmp_path_factory.mktemp("reader") / "bot")
    _run(folder, "rasa-autoplay init --yes --product-id demo")
    credentials = folder / "credentials.yml"
    secret = "  capture: true\n  posthog_secret: ${POSTHOG_SECRET}\n"
    credentials.write_text(re.sub(r"  capture: true.*\n", secret, credentials.read_text()))
    (folder / "public").mkdir()
    (folder / "public" / "index.html").write_text(_PAGE)
    (folder / "recordings").mkdir()
    examples = ROOT / "docs" / "simulate"
    shutil.copy(examples / "monday.jsonl", folder / "recordings")
    shutil.copy(examples / "proposal.yml", folder)
    shutil.copy(
        ROOT / "tests" / "recordings" / "posthog" / "edit_three_projects__batched.jsonl",
        folder / "recording.jsonl",
    )
    asyncio.run(_visit_of_u1(folder, tmp_path_factory.mktemp("visit")))
    return folder


async def _visit_of_u1(project: Path, folder: Path) -> None:
    """Let the engine store a session of u1 in the project's database."""
    store = SqlMemoryStore(f"sqlite:///{project / 'autoplay.db'}")
    async with parts(folder, store, "  - {builtin: skipped_step}\n", CHECKED) as made:
        await comes(made, 0, "menu", "download", session="of u1", user="u1")
        await leaves(made)
    await store.close()


def _run(folder: Path, command: str) -> str:
    """Run a command like a reader's shell."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AUTOPLAY_")}
    environment["POSTHOG_SECRET"] = "as-long-as-a-secret-should-be"
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout


@pytest.mark.parametrize(("block", "command"), HERE, ids=[f"{block}-{command}" for block, command in HERE])
def test_documented_command_works(project: Path, block: Block, command: str) -> None:
    assert _run(project, command).strip() or "--out" in command, f"{block}: {command} says nothing"


def test_commands_run_by_other_tests_are_documented_and_run() -> None:
    assert set(ELSEWHERE) <= {command for _, command in COMMANDS}
    for command, (place, words) in ELSEWHERE.items():
        assert words in (ROOT / place).read_text("utf-8"), f"{place} does not run {command!r}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_named_in_sentences_exist(page: Path) -> None:
    named = re.findall(r"`rasa-autoplay ([\w-]+)", page.read_text("utf-8"))
    assert [name for name in named if name not in SUBCOMMANDS] == []


def test_tutorial_uses_the_tested_library_versions() -> None:
    (command,) = {command for _, command in COMMANDS if command.startswith("npm install posthog-js@")}
    tested = json.loads((ROOT / "example_bot" / "host_app" / "package.json").read_text("utf-8"))
    named = dict(package.split("@") for package in command.split()[2:])
    assert named == {name: tested["dependencies"][name] for name in named}
