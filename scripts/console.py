"""Output, commands and errors of the set-up scripts.

These scripts run on any Python 3 of the machine, before there is an environment: standard library only, and
no syntax or library call newer than Python 3.6.
"""

import contextlib
import fcntl
import os
import subprocess
import sys
import time
from typing import Dict, Iterator, List, Optional

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
CACHE = os.path.join(ROOT, ".cache")


class SetupFailed(Exception):
    """A step failed; the text says what, and the remedy."""


def say(text: str) -> None:
    """Print one line of progress."""
    print("==> " + text, flush=True)


def run(command: List[str], env: Optional[Dict[str, str]] = None, what: str = "") -> None:
    """Run a command in the project's root with visible output; `what` names the step if it fails."""
    code = subprocess.call(command, cwd=ROOT, env=env)
    if code != 0:
        raise SetupFailed("{} failed (exit status {})".format(what or " ".join(command), code))


def ask(command: List[str], env: Optional[Dict[str, str]] = None) -> Optional[str]:
    """Return a command's output, or None if it is missing, fails or hangs."""
    try:
        answer = subprocess.run(
            command,
            cwd=ROOT,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=60,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return answer.stdout.decode("utf-8", "replace").strip() if answer.returncode == 0 else None


def write_whole(path: str, text: str) -> None:
    """Write a file atomically, so that neither a reader nor a crash finds half of it."""
    draft = path + ".draft"
    with open(draft, "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(draft, path)


def read_text(path: str) -> str:
    """Return a small file's text; empty if it does not exist."""
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except OSError:
        return ""


@contextlib.contextmanager
def only_one(name: str) -> Iterator[None]:
    """Hold the named lock: two concurrent makes must not install or train at once."""
    os.makedirs(CACHE, exist_ok=True)
    with open(os.path.join(CACHE, name + ".lock"), "w", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            say("Waiting for another make that is doing this already ({})".format(name))
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def timed(what: str) -> Iterator[None]:
    """Print that a long step begins, and how long it took."""
    say(what + " ...")
    started = time.time()
    yield
    say("    done in {:.0f} s".format(time.time() - started))


def exit_with_remedy(error: SetupFailed) -> None:
    """End the script so that make shows the reason last."""
    sys.stderr.write("\nSet-up stopped: {}\n".format(error))
    sys.exit(1)
