"""Reads a page of metrics as Prometheus does."""

from __future__ import annotations

from collections.abc import Mapping

import aiohttp
from prometheus_client.parser import text_string_to_metric_families

__all__ = ["METRICS_TOKEN", "Scrape", "scraped"]

METRICS_TOKEN = "metrics-token-word"


class Scrape:
    """One scrape of one page.

    Args:
        text: the page.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        #: By the series' name: each value by its labels.
        self.series: dict[str, dict[tuple[tuple[str, str], ...], float]] = {}
        #: By the metric's name: its type.
        self.kinds: dict[str, str] = {}
        for family in text_string_to_metric_families(text):
            self.kinds[family.name] = family.type
            for sample in family.samples:
                values = self.series.setdefault(sample.name, {})
                values[tuple(sorted(sample.labels.items()))] = sample.value

    def value(self, name: str, **labels: str) -> float:
        """Return the sum of the series that have these labels, among others; 0 if there are none."""
        wanted = labels.items()
        values = self.series.get(name, {}).items()
        return sum(value for own, value in values if wanted <= dict(own).items())

    def labels(self) -> set[str]:
        """Return all values of labels."""
        return {value for values in self.series.values() for own in values for _name, value in own}

    def __len__(self) -> int:
        return sum(map(len, self.series.values()))


async def scraped(url: str, token: str = METRICS_TOKEN, http: aiohttp.ClientSession | None = None) -> Scrape:
    """Scrape a page.

    Args:
        url: of the page.
        token: the metrics token.
        http: a client; by default a new one.
    """
    if http is None:
        async with aiohttp.ClientSession() as own:
            return await scraped(url, token, own)
    headers: Mapping[str, str] = {"Authorization": f"Bearer {token}"}
    async with http.get(url, headers=headers) as response:
        assert response.status == 200, (response.status, await response.text())
        return Scrape(await response.text())
