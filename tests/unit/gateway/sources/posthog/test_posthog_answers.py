from __future__ import annotations

import json
import re

from rasa_autoplay.gateway.sources.posthog.posthog_js_responses import (
    CAPTURED,
    config_answer,
    config_script,
    decide_answer,
    flags_answer,
)


def test_enables_autocapture_and_disables_heavy_features() -> None:
    config = config_answer()
    assert config["autocapture_opt_out"] is False
    # With gzip, recent versions pack in the background and lose clicks that leave the page.
    assert config["supportedCompression"] == ["base64"]
    for name in (
        "sessionRecording",
        "surveys",
        "heatmaps",
        "capturePerformance",
        "hasFeatureFlags",
        "productTours",
    ):
        assert config[name] is False
    assert config["siteApps"] == []


def test_script_sets_the_configuration_that_the_library_reads() -> None:
    script = config_script("phc_x")
    match = re.search(
        r'window\._POSTHOG_REMOTE_CONFIG.*all\["phc_x"\]=\{config:(\{.*\}),siteApps:\[\]\}', script
    )
    assert match is not None
    assert json.loads(match[1]) == config_answer()


def test_token_cannot_break_out_of_the_script() -> None:
    script = config_script('"];alert(1);</script>\u2028//')
    assert "</script>" not in script
    assert "\u2028" not in script
    assert r'all["\"];alert(1);\u003c/script\u003e\u2028//"]=' in script


def test_returns_no_feature_flags() -> None:
    assert flags_answer() == {
        "flags": {},
        "featureFlags": {},
        "featureFlagPayloads": {},
        "errorsWhileComputingFlags": False,
    }
    # Autocapture of versions before 1.130 waits for it, and these pack before they go on.
    old = {"config": {"enable_collect_everything": True}, "supportedCompression": ["gzip", "gzip-js"]}
    assert decide_answer() == {**config_answer(), **flags_answer(), **old}
    assert CAPTURED == {"status": 1}
