"""The queue for the engine: every sender gets its turn, whatever the others send."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from rasa_autoplay.link.fair_queue import QUANTUM, FairQueue

ROOMY = 10**9
SENDERS = st.sampled_from("abc")
WEIGHTS = st.integers(1, 100)
#: Put an item, or (None) pop one.
STEPS = st.lists(st.one_of(st.none(), st.tuples(SENDERS, WEIGHTS)), max_size=200)
Item = tuple[str, int, int]


def drained(queue: FairQueue[Item]) -> list[Item]:
    items = []
    while (item := queue.pop()) is not None:
        items.append(item)
    return items


@given(STEPS)
def test_returns_each_item_once_in_its_senders_order(steps: list[tuple[str, int] | None]) -> None:
    queue: FairQueue[Item] = FairQueue(ROOMY, print)
    put: list[Item] = []
    taken: list[Item] = []
    for number, step in enumerate(steps):
        if step is not None:
            put.append((step[0], number, step[1]))
            queue.put(step[0], put[-1], step[1])
        elif (item := queue.pop()) is not None:
            taken.append(item)
        assert len(queue) == len(put) - len(taken)
        assert queue.weight == sum(w for _, _, w in put) - sum(w for _, _, w in taken)
    taken += drained(queue)
    for sender in "abc":
        assert [item for item in taken if item[0] == sender] == [item for item in put if item[0] == sender]
    assert (len(queue), queue.weight, queue._flows) == (0, 0, {})


@given(st.lists(WEIGHTS, min_size=1, max_size=60), st.lists(WEIGHTS, min_size=1, max_size=60))
def test_serves_waiting_senders_equally(of_a: list[int], of_b: list[int]) -> None:
    queue: FairQueue[Item] = FairQueue(ROOMY, print)
    for sender, weights in (("a", of_a), ("b", of_b)):
        for number, weight in enumerate(weights):
            queue.put(sender, (sender, number, weight), weight)
    served: Counter[str] = Counter()
    left = Counter(a=len(of_a), b=len(of_b))
    while all(left.values()):
        item = queue.pop()
        assert item is not None
        served[item[0]] += item[2]
        left[item[0]] -= 1
        assert abs(served["a"] - served["b"]) <= QUANTUM + 2 * max(*of_a, *of_b)


@given(st.lists(st.tuples(SENDERS, WEIGHTS), min_size=10, max_size=200), st.integers(0, 50))
def test_serves_an_idle_sender_before_waiting_ones(flood: list[tuple[str, int]], pops: int) -> None:
    queue: FairQueue[Item] = FairQueue(ROOMY, print)
    for number, (sender, weight) in enumerate(flood):
        queue.put(sender, (sender, number, weight), weight)
    for _ in range(min(pops, len(flood) - 1)):
        queue.pop()
    begun = {flow.sender for flow in queue._old}
    queue.put("honest", ("honest", 0, 1), 1)
    order = [item[0] for item in drained(queue)]
    before = order[: order.index("honest")]
    # Senders in their first turn get one turn each; of the others, at most the one whose turn it is.
    assert sum(sender in begun for sender in before) <= 1 or not begun
    assert Counter(before)["honest"] == 0
    assert len(before) <= 3 * (QUANTUM + 1)


def test_brief_frequent_sender_is_not_always_first() -> None:
    queue: FairQueue[Item] = FairQueue(ROOMY, print)
    for number in range(100):
        queue.put("patient", ("patient", number, 10), 10)
    served: Counter[str] = Counter()
    for number in range(200):
        queue.put("sly", ("sly", number, 10), 10)
        item = queue.pop()
        assert item is not None
        served[item[0]] += 1
    assert served["patient"] >= 60


@settings(max_examples=30)
@given(st.integers(1, 40), st.integers(1, 300))
def test_full_queue_drops_items_of_the_flooding_sender(floods: int, weight: int) -> None:
    displaced: list[Item] = []
    queue: FairQueue[Item] = FairQueue(10_000, displaced.append)
    put: Counter[str] = Counter()
    for flood in range(floods):
        name = f"flood {flood}"
        while queue.put(name, (name, put[name], weight), weight):
            put[name] += 1
    lost_before = len(displaced)
    for number in range(20):
        assert queue.put("honest", ("honest", number, 1), 1)
    assert queue.weight < 10_000 + weight + 20
    assert len(displaced) > lost_before
    assert {item[0] for item in displaced} <= put.keys()
    out = drained(queue)
    assert [item for item in out if item[0] == "honest"] == [("honest", number, 1) for number in range(20)]
    for name, count in put.items():
        # The newest was displaced; the rest is there, in order.
        kept = [item[1] for item in out if item[0] == name]
        assert kept == list(range(len(kept)))
        assert len(kept) + sum(item[0] == name for item in displaced) == count


def test_full_queue_drops_nothing_queued_without_a_flood() -> None:
    displaced: list[int] = []
    queue: FairQueue[int] = FairQueue(1_000, displaced.append)
    for number in range(1_000):
        assert queue.put(f"user {number}", number, 1)
    assert not queue.put("user 1000", 1_000, 1)
    assert displaced == []
