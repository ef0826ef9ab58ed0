"""Writes a browser extension that starts the recorder in an app without ``autoplay.js``."""

from __future__ import annotations

import json
import re
from pathlib import Path
from urllib.parse import urlsplit

from rasa_autoplay.errors import AutoplayError
from rasa_autoplay.gateway.routes import browser_script as script
from rasa_autoplay.tools.operator_request import ROUTES

__all__ = ["write_extension"]

_IMPORT = re.compile(r'^import (\{[^}]*\}) from "\./(\w+)\.mjs";$', re.MULTILINE)
_EXPORT = re.compile(r"^export (\{[^}]*\});$", re.MULTILINE)

_WORKER = Path(script.__file__).parents[1] / "static" / "extension" / "worker.js"


def write_extension(folder: Path, url: str) -> None:
    """Write the extension's files; those of an earlier version are replaced.

    Args:
        folder: the browser loads it by "Load unpacked".
        url: the Rasa server's scheme and host, and the prefix of a proxy if there is one.

    Raises:
        AutoplayError: ``url`` is not an HTTP address, or the folder has other files or cannot be written.
    """
    if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).netloc:
        raise AutoplayError(f"{url!r} is not an HTTP address.", remedy="Write it as http://localhost:5005.")
    manifest = json.dumps(_manifest(f"{url.rstrip('/')}{ROUTES}/studio"), indent=2)
    files = {
        "manifest.json": f"{manifest}\n",
        "recorder.js": _recorder_script(),
        "worker.js": _WORKER.read_text("utf-8"),
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        others = sorted({file.name for file in folder.iterdir()} - files.keys())
        if others:
            raise AutoplayError(
                f"{folder} has other files, such as {others[0]}.", remedy="Name a new folder."
            )
        for name, text in files.items():
            (folder / name).write_text(text, "utf-8")
    except OSError as problem:
        raise AutoplayError(f"{folder}: cannot be written: {problem.strerror}.") from None


def _recorder_script() -> str:
    """Turn the recorder and the modules that it imports into one script: extensions inject no modules."""
    modules = {
        "toast": script.as_toast_module(),
        "tours": script.as_tour_module(),
        "recorder": script.as_recorder_module(),
    }
    scopes = [f"const {name} = (() => {{\n{_as_scope(text)}\n}})();" for name, text in modules.items()]
    body = "\n".join([*scopes, "globalThis.startRecorder = recorder.startRecorder;"])
    return f'(() => {{\n"use strict";\n{body}\n}})();\n'


def _as_scope(module: str) -> str:
    scope = _IMPORT.sub(r"const \1 = \2;", _EXPORT.sub(r"return \1;", module))
    # The worker says where the server is.
    return scope.replace("import.meta.url", "location.href")


def _manifest(studio: str) -> dict[str, object]:
    return {
        "manifest_version": 3,
        "name": "Record a path",
        "description": "Records a golden path of rasa-autoplay in the app's own page.",
        "version": "1.0",
        "minimum_chrome_version": "121",
        # Also tells the worker where the server is.
        "homepage_url": studio,
        "action": {"default_title": "Record a path in this tab"},
        "background": {"service_worker": "worker.js"},
        # A click lets the extension into the tab that it was made in, and into no other page.
        "permissions": ["activeTab", "scripting", "storage"],
    }
