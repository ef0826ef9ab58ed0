"""The command finds its subcommand, starts fast, and prints a user's mistake without a stack trace."""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from rasa_autoplay.errors import ConfigError
from rasa_autoplay.tools.cli import main as cli

HEAVY = ("aiohttp", "openai", "rasa", "rasa_sdk", "sanic", "sqlalchemy", "tensorflow")
ROOT = Path(__file__).parents[4]


@pytest.fixture
def subcommand(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[argparse.Namespace], int]], None]:
    """Register a subcommand ``probe`` with an argument ``word``."""

    def install(run: Callable[[argparse.Namespace], int]) -> None:
        module = ModuleType("probe_subcommand")
        vars(module).update(add_arguments=lambda parser: parser.add_argument("word"), run=run)
        monkeypatch.setitem(sys.modules, "probe_subcommand", module)
        monkeypatch.setattr(cli, "SUBCOMMANDS", {"probe": ("probe_subcommand", "look at a word")})

    return install


def _fail_with(problem: BaseException) -> Callable[[argparse.Namespace], int]:
    def run(_arguments: argparse.Namespace) -> int:
        raise problem

    return run


def test_passes_arguments_and_returns_the_exit_status(
    subcommand: Callable[[Callable[[argparse.Namespace], int]], None],
) -> None:
    subcommand(lambda arguments: len(arguments.word))
    assert cli.main(["probe", "seven"]) == 5


def test_prints_user_errors_without_a_stack_trace(
    subcommand: Callable[[Callable[[argparse.Namespace], int]], None], capsys: pytest.CaptureFixture[str]
) -> None:
    subcommand(_fail_with(ConfigError("autoplay.yml:3: courtesy: wrong.", remedy="Mend it.")))
    assert cli.main(["probe", "x"]) == 1
    out, err = capsys.readouterr()
    assert (out, err) == ("", "autoplay.yml:3: courtesy: wrong. Mend it.\n")


def test_interruption_prints_no_stack_trace(
    subcommand: Callable[[Callable[[argparse.Namespace], int]], None], capsys: pytest.CaptureFixture[str]
) -> None:
    subcommand(_fail_with(KeyboardInterrupt()))
    assert cli.main(["probe", "x"]) == 130
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("argv", [["prob"], ["probe"], ["probe", "x", "--no-such"]])
def test_wrong_command_line_exits_with_2(
    argv: list[str],
    subcommand: Callable[[Callable[[argparse.Namespace], int]], None],
    capsys: pytest.CaptureFixture[str],
) -> None:
    subcommand(lambda _arguments: 0)
    with pytest.raises(SystemExit) as ended:
        cli.main(argv)
    assert ended.value.code == 2
    assert "usage: rasa-autoplay" in capsys.readouterr().err


def test_lists_subcommands_when_none_is_given(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([]) == 2
    err = " ".join(capsys.readouterr().err.split())
    assert all(name in err and text in err for name, (_, text) in cli.SUBCOMMANDS.items())


@pytest.mark.parametrize("name", cli.SUBCOMMANDS)
def test_every_subcommand_has_a_help_text(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main([name, "--help"])
    assert ended.value.code == 0
    assert f"usage: rasa-autoplay {name}" in capsys.readouterr().out


def _python(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "error", "-c", code, *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)


def test_imports_heavy_modules_only_when_needed() -> None:
    code = (
        "import importlib, sys; from rasa_autoplay.tools.cli.main import SUBCOMMANDS\n"
        "for module, _ in SUBCOMMANDS.values(): importlib.import_module(module)\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = _python(code)
    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_runs_as_a_module_and_prints_its_version() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "rasa_autoplay.tools.cli", "--version"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0
    assert done.stdout.startswith("rasa-autoplay 0.")


def test_closed_pipe_is_not_an_error() -> None:
    code = (
        "import sys; from rasa_autoplay.tools.cli.main import main\n"
        "sys.stdin.readline()\n"
        "sys.exit(main(['schema']))"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdout.close()
        process.stdin.write(b"go\n")
        process.stdin.flush()
        assert process.wait(60) == 141
        assert process.stderr is not None
        assert process.stderr.read() == b""
