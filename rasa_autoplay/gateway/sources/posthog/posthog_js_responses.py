"""What does posthog-js want to hear? The JSON and JavaScript that it asks its ``api_host`` for.

Everything that PostHog's servers would switch on (recording, surveys, heatmaps, flags, site apps) is off;
autocapture is on. Every answer must be sent with status 200 and CORS headers: after anything else below 400
or above 499 the library sends its events again.

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

#: The answer to every capture request that was read.
CAPTURED = {"status": 1}

#: What a page may ask for by itself, whatever the configuration says: there is none of it.
EMPTY_LISTS: dict[str, dict[str, Any]] = {
    "api/surveys": {"surveys": []},
    "api/early_access_features": {"earlyAccessFeatures": []},
    "api/web_experiments": {"experiments": []},
    "api/product_tours": {"product_tours": []},
}


def config_answer() -> dict[str, Any]:
    """The remote configuration: ``GET /array/<token>/config``."""
    return {
        "supportedCompression": ["gzip", "gzip-js"],
        # Without a boolean here, autocapture stays off.
        "autocapture_opt_out": False,
        "elementsChainAsString": True,
        "defaultIdentifiedOnly": True,
        # With False, the library does not ask for flags at all.
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
    """The same as a script: ``GET /array/<token>/config.js``, asked for by builds that load scripts.

    Args:
        token: the project key from the URL; escaped, as anybody can write it there.
    """
    config = _script_literal(config_answer())
    return (
        "(function(){var all=window._POSTHOG_REMOTE_CONFIG=window._POSTHOG_REMOTE_CONFIG||{};"
        f"all[{_script_literal(token)}]={{config:{config},siteApps:[]}};}})();\n"
    )


def extension_script(path: str) -> str:
    """A script that adds nothing, for an extension that the library loads: ``GET /static/….js``.

    The library loads ``surveys.js`` even where surveys are off, and logs an error unless it brings this
    function.

    Args:
        path: below ``/static/``, such as ``surveys.js`` or ``1.449.2/surveys.js``.

    Returns:
        The script; empty for a path that is no extension, such as the library itself.
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
    """``POST /decide/``: the flags, and for versions that know no remote configuration, that as well."""
    return {**config_answer(), **flags_answer()}


def _script_literal(value: object) -> str:
    # JSON is JavaScript but for what could end the script element, or a line in old browsers.
    text = msgspec.json.encode(value).decode()
    for char in "<>&\u2028\u2029":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return text
