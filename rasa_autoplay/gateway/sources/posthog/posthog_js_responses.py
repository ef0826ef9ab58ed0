"""The JSON and JavaScript that posthog-js requests from its ``api_host``.

Everything that PostHog's servers could enable (recording, surveys, heatmaps, flags, site apps) is off, and
autocapture is on. Every answer needs status 200 and CORS headers: after any other status below 400 or above
499, the library sends its events again.

Source: posthog-js 1.449.2 (``remote-config.ts``, ``posthog-featureflags.ts``), and recordings of 1.249.0.
"""

from __future__ import annotations

from typing import Any

import msgspec

__all__ = [
    "CAPTURED",
    "EMPTY_LISTS",
    "config_answer",
    "config_script",
    "decide_answer",
    "extension_script",
    "flags_answer",
]

#: The answer to every accepted capture request.
CAPTURED = {"status": 1}

#: Lists that a page may request whatever the configuration says; all are empty.
EMPTY_LISTS: dict[str, dict[str, Any]] = {
    "api/surveys": {"surveys": []},
    "api/early_access_features": {"earlyAccessFeatures": []},
    "api/web_experiments": {"experiments": []},
    "api/product_tours": {"product_tours": []},
}


def config_answer() -> dict[str, Any]:
    """The remote configuration: ``GET /array/<token>/config``."""
    return {
        # Not gzip: posthog-js packs it in the background, and then loses clicks that leave the page.
        "supportedCompression": ["base64"],
        # Autocapture stays off unless this is a boolean.
        "autocapture_opt_out": False,
        "elementsChainAsString": True,
        "defaultIdentifiedOnly": True,
        # With False, the library does not request flags.
        "hasFeatureFlags": False,
        "autocaptureExceptions": False,
        "captureDeadClicks": False,
        "capturePerformance": False,
        "conversations": False,
        "errorTracking": {"autocaptureExceptions": False},
        "heatmaps": False,
        "isAuthenticated": False,
        "logs": {"captureConsoleLogs": False},
        "productTours": False,
        "sessionRecording": False,
        "siteApps": [],
        "surveys": False,
        "toolbarParams": {},
    }


def config_script(token: str) -> str:
    """The remote configuration as a script, for builds that load scripts: ``GET /array/<token>/config.js``.

    Args:
        token: the project key from the URL; it is escaped, because anybody can write it.
    """
    config = _script_literal(config_answer())
    return (
        "(function(){var all=window._POSTHOG_REMOTE_CONFIG=window._POSTHOG_REMOTE_CONFIG||{};"
        f"all[{_script_literal(token)}]={{config:{config},siteApps:[]}};}})();\n"
    )


def extension_script(path: str) -> str:
    """A script without effect, for an extension that the library loads: ``GET /static/….js``.

    The library loads ``surveys.js`` even if surveys are off, and logs an error if this function is missing.

    Args:
        path: the path below ``/static/``, such as ``surveys.js`` or ``1.449.2/surveys.js``.

    Returns:
        The script; empty if the path is not an extension, such as the library itself.
    """
    name = path.rpartition("/")[2]
    if not name.endswith(".js") or name.startswith("array"):
        return ""
    if name == "surveys.js":
        return (
            "(window.__PosthogExtensions__=window.__PosthogExtensions__||{}).generateSurveys=function(){};\n"
        )
    return "/* This extension is not part of PostHog-compatible capture. */\n"


def flags_answer() -> dict[str, Any]:
    """No feature flags: ``POST /flags/?v=2``."""
    return {"flags": {}, "featureFlags": {}, "featureFlagPayloads": {}, "errorsWhileComputingFlags": False}


def decide_answer() -> dict[str, Any]:
    """The flags, and the configuration for versions without remote configuration: ``POST /decide/``.

    Before 1.130, autocapture starts only with ``config.enable_collect_everything``. These versions pack an
    event with gzip before they go on, so it leaves with the click.
    """
    old = {"supportedCompression": ["gzip", "gzip-js"], "config": {"enable_collect_everything": True}}
    return {**config_answer(), **flags_answer(), **old}


def _script_literal(value: object) -> str:
    # These characters could end the script element or, in old browsers, a line.
    text = msgspec.json.encode(value).decode()
    for char in "<>&\u2028\u2029":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return text
