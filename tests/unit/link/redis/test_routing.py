"""The partition of each message of a gateway."""

from __future__ import annotations

from support.engine_parts import batch, save

from rasa_autoplay.events.models import ActionsPayload, SummaryPayload, UsertourTrigger
from rasa_autoplay.link.messages import (
    ChatDelivery,
    ChatMessage,
    Delivered,
    Event,
    FeedClosed,
    FeedInfo,
    FeedOpened,
    FeedSnapshot,
    UpMessage,
)
from rasa_autoplay.link.redis.routing import Routing
from rasa_autoplay.storage.redis_keys import PARTITIONS, partition_of

HERE, THERE = "u1", "somebody else"


def event(user: str | None, session: str = "s1", at: float = 1) -> Event:
    return Event(batch(save(at), user=user, session=session), "capture")


def test_routes_messages_that_name_a_user_to_the_users_partition() -> None:
    assert partition_of(HERE) != partition_of(THERE)
    messages: list[UpMessage] = [
        event(HERE),
        Event(UsertourTrigger("flow", "s2", "demo", HERE), "stream"),
        FeedOpened(FeedInfo("f1", HERE)),
        FeedClosed("f1", HERE),
        Delivered("o1", ["f1"], HERE),
        ChatMessage(HERE, "w1"),
        ChatDelivery("o1", 1, "delivered", HERE),
    ]
    routing = Routing()
    for message in messages:
        assert list(routing.route(message)) == [(partition_of(HERE), message)]


def test_routes_a_session_to_its_known_users_partition() -> None:
    routing = Routing()
    assert routing.learn_from([event(THERE)]) == {"s1": THERE}
    assert routing.learn_from([event(THERE)]) == {}, "that is known"
    summary = Event(SummaryPayload("demo", "s1", "They looked round."), "stream")
    for message in (event(None), summary):
        assert not routing.sessions_without_user([message])
        assert list(routing.route(message)) == [(partition_of(THERE), message)]


def test_session_proved_by_a_token_keeps_its_user() -> None:
    proved = event(THERE)
    assert isinstance(proved.payload, ActionsPayload)
    proved.payload.is_verified = True
    routing = Routing()
    assert routing.learn_from([proved, event(HERE)]) == {"s1": THERE}
    summary = Event(SummaryPayload("demo", "s1", "They looked round."), "stream")
    assert list(routing.route(summary)) == [(partition_of(THERE), summary)]


def test_routes_a_session_by_its_own_id_until_its_user_is_known() -> None:
    routing = Routing()
    first, second, signed_in = event(None, at=1), event(None, at=2), event(THERE, at=3)
    assert routing.sessions_without_user([first]) == {"s1"}
    assert list(routing.route(first)) == [(partition_of("s1"), first)]
    assert list(routing.route(second)) == [(partition_of("s1"), second)]
    routing.learn_from([signed_in])
    # The user's engine gets all of it, because it is unknown how much the other one has written.
    there = partition_of(THERE)
    assert list(routing.route(signed_in)) == [(there, first), (there, second), (there, signed_in)]
    assert list(routing.route(signed_in)) == [(there, signed_in)]


def test_never_repeats_a_tour_start() -> None:
    routing = Routing()
    order = Event(UsertourTrigger("flow", "s1", "demo"), "stream")
    assert list(routing.route(order)) == [(partition_of("s1"), order)]
    assert list(routing.route(event(THERE))) == [(partition_of(THERE), event(THERE))]


def test_reports_open_feeds_to_every_partition_even_when_none_are_open() -> None:
    feeds = [FeedInfo("f1", HERE), FeedInfo("f2", THERE), FeedInfo("f3", HERE)]
    parts = dict(Routing().route(FeedSnapshot(feeds)))
    assert sorted(parts) == list(range(PARTITIONS))
    told = {p: [f.feed_id for f in part.feeds] for p, part in parts.items() if isinstance(part, FeedSnapshot)}
    assert told.pop(partition_of(HERE)) == ["f1", "f3"]
    assert told.pop(partition_of(THERE)) == ["f2"]
    assert not any(told.values())


def test_reports_only_to_partitions_that_asked() -> None:
    here = partition_of(HERE)
    parts = list(Routing().route(FeedSnapshot([FeedInfo("f1", HERE), FeedInfo("f2", THERE)], [here])))
    assert parts == [(here, FeedSnapshot([FeedInfo("f1", HERE)], [here]))]
