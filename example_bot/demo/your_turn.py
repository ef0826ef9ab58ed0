"""What the person at the terminal can try next."""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence

from example_bot.demo.configuration import CONFIG
from example_bot.demo.options import CREDENTIALS, ROOT, Options
from example_bot.demo.playback import Person
from example_bot.demo.screen import Screen

__all__ = ["show_your_turn"]

_ACCESS = ("--credentials", str(CREDENTIALS))
#: Who is signed in on the page of the host app.
_PAGES_USER = "anna-berg"
_TRIGGER, _TOUR = "bulk_edit_opportunity", "projects-bulk-edit"


def show_your_turn(options: Options, screen: Screen, logs: Sequence[str], studio: str) -> None:
    """Print commands to copy, for a new user.

    Args:
        options: of this run.
        screen: where to print.
        logs: the servers' logs.
        studio: a link that opens the studio signed in, once.
    """
    you = Person.fresh("You").user_id
    gateway, chat = options.gateway_url, f"chat-{you}"
    screen.heading("Your turn")
    if (options.root / "example_bot" / "host_app" / "node_modules").is_dir():
        screen.line("Open this page, edit three projects one by one, and see it happen:")
        screen.command(f"{gateway}/demo/projects")
        screen.line("\nWatch in another terminal what you do there, and what the engine decides:")
        screen.command(
            _in_folder(options, options.tool("tail", *_ACCESS, options.rasa_url, "--user", _PAGES_USER))
        )
        screen.line("Leave out --user to see all users.")
    else:
        screen.line("The page of the host app needs npm: install it, then run make demo again.")
    screen.line("\nSee why each trigger spoke or stayed silent, in the studio (this link signs you in once):")
    screen.command(studio)
    screen.line("Its day, and most users who are there now, are made up: they have the property made_up.")
    screen.line("To open it again:")
    screen.command(_in_folder(options, options.tool("studio", *_ACCESS, options.rasa_url)))
    screen.line("\nFind what these users do the slow way, with the proof; then see Proposals in the studio:")
    config = str(CONFIG.relative_to(ROOT))
    screen.command(_in_folder(options, options.tool("discover", "--recorded", "--config", config)))
    screen.line(f"\nOr without a browser, as the new user {you}.")
    screen.line("Copy these into other terminals; in each of them first:")
    screen.command(f"cd {shlex.quote(str(options.root))}")
    _item(screen, "1. Listen to your toasts, as your browser would:")
    screen.command(f"curl -N {gateway}/proactive/stream/{you}")
    _item(screen, "2. Open a chat window; you can talk to the bot there too:")
    screen.command(options.command("example_bot.demo.chat", you))
    _item(screen, "3. Edit three projects one by one; watch 1 while it runs:")
    screen.command(options.command("example_bot.demo.play", you))
    _item(screen, '4. Choose "Open chat", and look at 2:')
    chosen = {"sender_id": chat, "user_id": you, "trigger_id": _TRIGGER, "body": "-"}
    screen.command(_post(gateway, "/proactive/inject", chosen))
    _item(screen, '   or "Show me" (then /tour/step and /tour/end with the user_id alone):')
    screen.command(_post(gateway, "/tour/start", {"user_id": you, "tour_id": _TOUR}))
    _item(screen, "All of it can be told again, once the cooldown of 20 s is over.")
    screen.line(f"Health: {gateway}/")
    screen.line(f"Logs:   tail -f {' '.join(logs)}")
    screen.line("\nCtrl-C here stops everything.", "bold")


def _in_folder(options: Options, command: str) -> str:
    """Return a command that can be pasted into a terminal of any folder."""
    return f"cd {shlex.quote(str(options.root))} && {command}"


def _item(screen: Screen, text: str) -> None:
    screen.line(f"\n{text}")


def _post(gateway: str, path: str, body: dict[str, str]) -> str:
    return f"curl {gateway}{path} -d {shlex.quote(json.dumps(body))}"
