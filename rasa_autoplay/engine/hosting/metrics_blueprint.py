"""The engine's route of metrics: ``GET /autoplay/metrics`` on the action server's port, or on its own."""

from __future__ import annotations

import time

from sanic import Blueprint, Request
from sanic.response import HTTPResponse

from rasa_autoplay.common.http.request_body import BadRequest
from rasa_autoplay.common.http.responses import error
from rasa_autoplay.common.metrics.metric import ReadMetrics
from rasa_autoplay.common.metrics.route import MetricsRoute
from rasa_autoplay.settings.secret import Secret

__all__ = ["METRICS_PATH", "metrics_blueprint"]

METRICS_PATH = "/autoplay/metrics"


def metrics_blueprint(token: Secret, read_metrics: ReadMetrics) -> Blueprint:
    """Return the route.

    Args:
        token: the token; if it is empty, the route answers 404.
        read_metrics: reads the engine's metrics.
    """
    blueprint = Blueprint("autoplay_metrics")
    route = MetricsRoute(token, time.monotonic, read_metrics)

    async def metrics(request: Request) -> HTTPResponse:
        try:
            return route.answer(request)
        except BadRequest as problem:
            return error(problem.status, problem.message, problem.remedy, retry_after_s=problem.retry_after_s)

    blueprint.add_route(metrics, METRICS_PATH, methods=["GET"], name="autoplay_metrics")
    return blueprint
