"""The studio's routes about proposals of triggers: the list, one of them, and its steps."""

from __future__ import annotations

from sanic import Request
from sanic.response import HTTPResponse

from rasa_autoplay.common.http.responses import (
    BadRequest,
    id_field,
    id_in_path,
    json_answer,
    read_json,
    text_field,
)
from rasa_autoplay.gateway.gateway import Gateway
from rasa_autoplay.gateway.routes.add_route import AddRoute
from rasa_autoplay.link.proposal_requests import FindProposal, FindProposals, StepProposal

__all__ = ["add_proposal_routes"]

_LONGEST_NAME, _LONGEST_REASON, _LONGEST_DIGEST = 200, 500, 200
_ACTIONS = ("promote", "back", "reject")
#: The engine reads all proposals, and the results of those that run.
_WAIT_S = 10.0


def add_proposal_routes(add: AddRoute, gateway: Gateway) -> None:
    """Add the routes.

    Args:
        add: attaches a handler to a path.
        gateway: asks the engine.
    """
    routes = _ProposalRoutes(gateway)
    add(routes.list, "/proposals")
    add(routes.find, "/proposals/<proposal_id:path>")
    add(routes.step, "/proposals/step", "POST")


class _ProposalRoutes:
    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    async def list(self, request: Request) -> HTTPResponse:
        self._gateway.operators.check(request)
        return json_answer((await self._gateway.link.ask(FindProposals(), _WAIT_S)).proposals)

    async def find(self, request: Request, proposal_id: str) -> HTTPResponse:
        self._gateway.operators.check(request)
        asked = FindProposal(id_in_path(proposal_id, "proposal"))
        return json_answer((await self._gateway.link.ask(asked, _WAIT_S)).proposal)

    async def step(self, request: Request) -> HTTPResponse:
        self._gateway.operators.check(request)
        data = await read_json(request)
        action = text_field(data, "action", max_length=_LONGEST_NAME)
        if action not in _ACTIONS:
            raise BadRequest(f"'action' must be one of {', '.join(_ACTIONS)}")
        asked = StepProposal(
            proposal_id=id_field(data, "proposal_id"),
            action=action,
            base=text_field(data, "base", max_length=_LONGEST_DIGEST),
            by=text_field(data, "by", max_length=_LONGEST_NAME),
            why=text_field(data, "why", required=False, max_length=_LONGEST_REASON),
        )
        return json_answer((await self._gateway.link.ask(asked, _WAIT_S)).stepped)
