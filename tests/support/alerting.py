"""Lets Prometheus' own promtool evaluate our alert rules over pages that real servers have answered."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

from support.metrics import Scrape
from support.missing import miss
from support.processes import ROOT

__all__ = ["ALERTS", "Timeline"]

ALERTS = ROOT / "deploy" / "alerts.yml"
_JOBS = ("autoplay-gateway", "autoplay-engine")


class Timeline:
    """What Prometheus would have stored: pages of both processes, each for some minutes."""

    def __init__(self) -> None:
        #: The pages of each minute, by job. A server that did not answer has none.
        self._minutes: list[dict[str, Scrape | None]] = []
        self._healthy_until = 0

    def lasts(self, minutes: int, gateway: Scrape | None, engine: Scrape | None) -> None:
        """Let these be the pages for some minutes."""
        self._minutes += [dict(zip(_JOBS, (gateway, engine), strict=True))] * minutes

    def breaks(self) -> None:
        """End the time in which everything is right."""
        self._healthy_until = len(self._minutes) - 1

    def check(self, alert: str, folder: Path) -> None:
        """Check that no alert fires before the fault, and this one at the end.

        Args:
            alert: the alert's name.
            folder: for promtool's files.
        """
        program = shutil.which("promtool")
        if program is None:
            miss("There is no promtool here: install the package prometheus.")
            return
        file = folder / "alerts.test.yml"
        # JSON is YAML.
        file.write_text(json.dumps(self._test_of(alert)), "utf-8")
        done = subprocess.run([program, "test", "rules", str(file)], capture_output=True, text=True)
        assert done.returncode == 0, f"{alert}\n{done.stdout}\n{done.stderr}"

    def _test_of(self, alert: str) -> dict[str, object]:
        expectations = (
            (self._healthy_until, 'ALERTS{alertstate="firing"}', 0),
            (len(self._minutes) - 1, f'ALERTS{{alertname="{alert}",alertstate="firing"}}', 1),
        )
        checks = [
            {
                "expr": f"clamp_max(count({selector}), 1) or vector(0)",
                "eval_time": f"{minute}m",
                "exp_samples": [{"labels": "{}", "value": value}],
            }
            for minute, selector, value in expectations
        ]
        rules = {"interval": "1m", "input_series": self._series(), "promql_expr_test": checks}
        return {"rule_files": [str(ALERTS)], "evaluation_interval": "1m", "tests": [rules]}

    def _series(self) -> list[dict[str, str]]:
        values: dict[str, list[str]] = {}
        for minute, pages in enumerate(self._minutes):
            for job, page in pages.items():
                own = {"job": job, "instance": "127.0.0.1"}
                series = dict(page.series) if page else {}
                series["up"] = {(): 1.0 if page else 0.0}
                for name, of_name in series.items():
                    for labels, value in of_name.items():
                        pairs = ",".join(f'{k}="{v}"' for k, v in {**dict(labels), **own}.items())
                        known = values.setdefault(f"{name}{{{pairs}}}", ["_"] * len(self._minutes))
                        known[minute] = repr(value)
        return [{"series": name, "values": " ".join(known)} for name, known in values.items()]
