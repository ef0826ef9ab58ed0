"""What gateways and engines send each other over Redis beside messages and frames: calls and questions."""

from __future__ import annotations

import msgspec

from rasa_autoplay.link.messages import Reply, UpMessage

__all__ = ["Answer", "Call", "FindChatWindow", "OpenChat", "PeerMessage", "StreamEntry", "TellConsent"]


class Call(msgspec.Struct, tag="call", omit_defaults=True):
    """A request over Redis, where several engines share the work.

    Args:
        call_id: the gateway's id of the call.
        request: the JSON of the request, which is decoded separately, so that an unknown request is refused
            alone.
        deadline: when the gateway stops waiting, in epoch seconds.
        trace_parent: the gateway's span; empty if it is not traced.
    """

    call_id: str
    request: msgspec.Raw
    deadline: float
    trace_parent: str = ""


class Answer(msgspec.Struct, tag="answer", omit_defaults=True):
    """The answer to a call, or to another gateway.

    Args:
        call_id: the id of the call or of the gateway's request.
        reply: the reply to a call; for another gateway, empty unless it is a refusal.
        gateway_id: this gateway, if it has the window that :class:`FindChatWindow` looks for; else empty.
    """

    call_id: str
    reply: Reply = Reply()
    gateway_id: str = ""


class FindChatWindow(msgspec.Struct, tag="find_chat_window"):
    """Asks all gateways which of them has a chat window.

    Args:
        question_id: the asking gateway's id of the request.
        gateway_id: the asking gateway.
        sender_id: the chat window.
    """

    question_id: str
    gateway_id: str
    sender_id: str


class OpenChat(msgspec.Struct, tag="open_chat", omit_defaults=True):
    """Asks another gateway to open the conversation in one of its chat windows.

    Args:
        question_id: the asking gateway's id of the request.
        gateway_id: the asking gateway.
        sender_id: the chat window.
        user_id: the user, whom the asking gateway has verified.
        trigger_id: the trigger of the offer; may be empty.
        offer_id: the offer; may be empty.
        step: the step at which a tour could not continue; may be empty.
        trace_parent: the asking gateway's span; empty if it is not traced.
        languages: the page's languages, best first; empty if the page does not say.
    """

    question_id: str
    gateway_id: str
    sender_id: str
    user_id: str
    trigger_id: str
    offer_id: str
    step: str
    trace_parent: str = ""
    languages: tuple[str, ...] = ()


class TellConsent(msgspec.Struct, tag="tell_consent"):
    """Tells all gateways that a user has given or withdrawn consent.

    Args:
        question_id: the telling gateway's id of the request.
        gateway_id: the telling gateway.
        user_id: the user.
        since: when consent was given, epoch seconds; 0 after a withdrawal.
    """

    question_id: str
    gateway_id: str
    user_id: str
    since: float


#: What a gateway asks or tells other gateways; each answers with an :class:`Answer`.
PeerMessage = FindChatWindow | OpenChat | TellConsent


class StreamEntry(msgspec.Struct):
    """One entry of a partition's stream: messages and calls from one gateway, in order."""

    gateway_id: str
    messages: list[UpMessage | Call]
