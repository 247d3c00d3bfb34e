"""What every engine must keep to: the same tests on SQLite and on PostgreSQL."""

import itertools
from collections.abc import Iterator
from concurrent.futures import Future
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from gateway.mail.envelope import Envelope
from gateway.mail.ids import ThreadIds
from gateway.spool.attempts import Ended, LeaseLost
from gateway.spool.errors import NameTaken, SpoolError
from gateway.spool.records import Claimed, KnownThread, State, Ticket
from gateway.spool.spool import Spool
from gateway.spool.states import Delivered, Discarded, Held, Requeued, WrongState
from gateway.spool.tables import deliveries


class Clock:
    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


ENVELOPE = Envelope("ann@customer.example", ("support@desk.example",), "127.0.0.1", "client", "", datetime.now(UTC))


def ids(own: str | None, *references: str) -> ThreadIds:
    return ThreadIds(own, references[-1:], references[:-1])


class Bench:
    """A spool, its clock, and short words for what tests do most."""

    def __init__(self, url: str) -> None:
        self.clock = Clock()
        self.spool = Spool(url, node="one", clock=self.clock)
        self.spool.migrate()
        self._n = itertools.count()

    def accept(self, own: str | None = None, *references: str) -> int:
        n = next(self._n)
        raw = f"Subject: {n}\r\n\r\n{n}".encode()
        return self.spool.accept(ENVELOPE, raw, ids(own or f"{n}@x", *references)).result(10).id

    def claim(self, limit: int = 10) -> list[Claimed]:
        return self.spool.claim(limit, lease_seconds=60)

    def claim_one(self) -> Claimed:
        [claimed] = self.claim()
        return claimed

    def deliver(self, claimed: Claimed, ticket: int, *participants: str) -> None:
        attempt = self.spool.begin(
            claimed, 1, plan=("{}", "{}") if claimed.plan is None else None, lease_seconds=300
        ).result(10)
        ended = Ended(attempt, "accepted", "", Ticket(ticket, f"AAA-{ticket}"), participants)
        self.spool.end(claimed, ended, Delivered()).result(10)

    def states(self) -> dict[int, str]:
        return {each.id: each.state.value for each in self.spool.list()}


def find(bench: Bench, claimed: Claimed, ids: ThreadIds) -> KnownThread | None:
    found = bench.spool.find_threads(ids, delivery_id=claimed.delivery.id, lane=claimed.delivery.lane)
    return found[0] if found else None


@pytest.fixture
def bench(spool_url: str) -> Iterator[Bench]:
    bench = Bench(spool_url)
    yield bench
    bench.spool.close()


def test_mail_comes_back_as_it_was_accepted(bench: Bench) -> None:
    raw = bytes(range(256)) * 3000
    stored = bench.spool.accept(ENVELOPE, raw, ids("a@x"), trace=b"Received: here\r\n").result(10)
    assert stored.duplicate_of is None
    claimed = bench.claim_one()
    assert claimed.raw == b"Received: here\r\n" + raw == bench.spool.raw(stored.id)
    assert claimed.delivery.envelope.rcpt_to == ENVELOPE.rcpt_to
    assert claimed.delivery.size == len(claimed.raw)
    assert claimed.delivery.state is State.CLAIMED


def test_empty_mail_is_kept_too(bench: Bench) -> None:
    bench.spool.accept(ENVELOPE, b"", ids(None)).result(10)
    assert bench.claim_one().raw == b""


def test_what_is_claimed_is_not_claimed_twice(bench: Bench) -> None:
    made = [bench.accept() for _ in range(5)]
    first, second = bench.claim(3), bench.claim(3)
    assert [each.delivery.id for each in first + second] == made
    assert bench.claim() == []


def test_the_longest_due_goes_first_and_what_is_not_due_waits(bench: Bench) -> None:
    a, b = bench.accept(), bench.accept()
    for claimed in bench.claim():
        later = 100.0 if claimed.delivery.id == a else 50.0
        bench.spool.settle(claimed, Requeued(bench.clock.now + later, "the desk was busy")).result(10)
    assert bench.claim() == []
    bench.clock.now += 60
    assert [each.delivery.id for each in bench.claim()] == [b]
    bench.clock.now += 60
    assert [each.delivery.id for each in bench.claim()] == [a]


def test_mails_of_one_conversation_are_worked_one_at_a_time_oldest_first(bench: Bench) -> None:
    parent, other = bench.accept("p@x"), bench.accept("o@x")
    reply = bench.accept("r@x", "p@x")
    after = bench.accept("s@x", "p@x", "r@x")
    order = []
    while claims := bench.claim():
        assert len({each.delivery.lane for each in claims}) == len(claims)
        order.append([each.delivery.id for each in claims])
        for claimed in claims:
            bench.spool.settle(claimed, Delivered()).result(10)
    assert order == [[parent, other], [reply], [after]]


def test_a_mail_that_names_two_conversations_makes_one_of_them(bench: Bench) -> None:
    a, b = bench.accept("a@x"), bench.accept("b@x", "z@x")
    c = bench.accept("c@x", "a@x", "z@x")
    order = []
    while claims := bench.claim():
        assert len(claims) == 1
        order.append(claims[0].delivery.id)
        bench.spool.settle(claims[0], Delivered()).result(10)
    assert order == [a, b, c]


def test_two_conversations_joined_while_both_are_worked_on_go_on_one_at_a_time(bench: Bench) -> None:
    bench.accept("a@x")
    bench.accept("b@x")
    under_way = bench.claim()
    c = bench.accept("c@x", "a@x", "b@x")
    assert bench.claim() == []
    bench.spool.settle(under_way[0], Delivered()).result(10)
    assert bench.claim() == []
    bench.spool.settle(under_way[1], Delivered()).result(10)
    assert bench.claim_one().delivery.id == c


def test_a_reply_finds_the_ticket_of_what_it_answers(bench: Bench) -> None:
    bench.accept("p@x")
    bench.deliver(bench.claim_one(), 7, "ann@customer.example")
    bench.accept("r@x", "p@x")
    reply = bench.claim_one()
    known = find(bench, reply, ids("r@x", "p@x"))
    assert known is not None and known.ticket == Ticket(7, "AAA-7")
    assert bench.spool.takes_part(7, "ANN@customer.example ")
    assert not bench.spool.takes_part(7, "eve@customer.example")
    assert not bench.spool.takes_part(8, "ann@customer.example")


def test_a_parent_that_arrives_after_its_reply_finds_the_replys_ticket(bench: Bench) -> None:
    bench.accept("r@x", "p@x")
    bench.deliver(bench.claim_one(), 9)
    bench.accept("p@x")
    parent = bench.claim_one()
    known = find(bench, parent, ids("p@x"))
    assert known is not None and known.ticket.ticket_id == 9
    sibling = ids("q@x", "p@x")
    assert find(bench, parent, sibling) is not None


def test_a_mail_goes_before_the_answers_to_it_that_came_earlier(bench: Bench) -> None:
    second = bench.accept("r2@x", "p@x", "r1@x")
    first = bench.accept("r1@x", "p@x")
    parent = bench.accept("p@x")
    order = []
    while claims := bench.claim():
        [claimed] = claims
        order.append(claimed.delivery.id)
        bench.deliver(claimed, 5)
    assert order == [parent, first, second]


def test_an_answer_that_is_being_pushed_is_not_overtaken(bench: Bench) -> None:
    bench.accept("r@x", "p@x")
    answer = bench.claim_one()
    bench.accept("p@x")
    assert bench.claim() == []
    bench.deliver(answer, 5)
    known = find(bench, bench.claim_one(), ids("p@x"))
    assert known is not None and known.awaited


def test_mails_that_refer_to_each_other_in_a_circle_still_go(bench: Bench) -> None:
    made = [bench.accept("a@x", "b@x"), bench.accept("b@x", "a@x"), bench.accept("a@x", "b@x", "a@x")]
    order = []
    while claims := bench.claim():
        order += [each.delivery.id for each in claims]
        bench.deliver(claims[0], 5)
    assert sorted(order) == made


def test_nobody_is_awaited_in_the_name_of_a_mail_that_has_come_already(bench: Bench) -> None:
    bench.accept("p@x")
    bench.deliver(bench.claim_one(), 7)
    bench.accept("r@x", "p@x")
    bench.deliver(bench.claim_one(), 7)
    bench.accept("p@x", "q@x")
    known = find(bench, bench.claim_one(), ids("p@x", "q@x"))
    assert known is not None and not known.awaited
    assert "same Message-ID" in known.evidence


def test_released_mail_says_so_and_what_waited_for_it_does_not(bench: Bench) -> None:
    bench.accept("h@x")
    bench.accept("f@x", "h@x")
    bench.spool.settle(bench.claim_one(), Held("a rule")).result(10)
    bench.spool.retry(1).result(10)
    claimed = bench.claim_one()
    assert not claimed.delivery.released
    bench.spool.settle(claimed, Held("a rule")).result(10)
    bench.spool.release(1).result(10)
    claimed = bench.claim_one()
    assert claimed.delivery.released
    bench.deliver(claimed, 1)
    assert not bench.claim_one().delivery.released


def test_the_nearest_relative_wins(bench: Bench) -> None:
    bench.accept("old@x")
    bench.deliver(bench.claim_one(), 1)
    bench.accept("new@x")
    bench.deliver(bench.claim_one(), 2)
    bench.accept("r@x", "old@x", "new@x")
    known = find(bench, bench.claim_one(), ids("r@x", "old@x", "new@x"))
    assert known is not None and known.ticket.ticket_id == 2


def test_a_stranger_finds_no_thread(bench: Bench) -> None:
    bench.accept("p@x")
    bench.deliver(bench.claim_one(), 7)
    bench.accept("s@x", "unknown@x")
    assert find(bench, bench.claim_one(), ids("s@x", "unknown@x")) is None


def test_the_relays_second_try_is_recognised_and_on_record(bench: Bench) -> None:
    raw = b"Message-ID: <d@x>\r\n\r\nhello"
    first = bench.spool.accept(ENVELOPE, raw, ids("d@x"), trace=b"Received: one\r\n").result(10)
    again = bench.spool.accept(ENVELOPE, raw, ids("d@x"), trace=b"Received: two\r\n").result(10)
    assert again.duplicate_of == first.id
    assert bench.states()[again.id] == State.DISCARDED
    elsewhere = Envelope(ENVELOPE.mail_from, ("sales@desk.example",), "127.0.0.1", "", "", datetime.now(UTC))
    assert bench.spool.accept(elsewhere, raw, ids("d@x")).result(10).duplicate_of is None
    bench.clock.now += 8 * 86400
    assert bench.spool.accept(ENVELOPE, raw, ids("d@x")).result(10).duplicate_of is None


def test_the_same_bytes_without_any_id_are_two_mails(bench: Bench) -> None:
    for _ in range(2):
        assert bench.spool.accept(ENVELOPE, b"Subject: alarm\r\n\r\n", ids(None)).result(10).duplicate_of is None


def test_two_copies_in_one_commit_are_still_one_mail(bench: Bench) -> None:
    raw = b"Message-ID: <d@x>\r\n\r\nhello"
    both = [bench.spool.accept(ENVELOPE, raw, ids("d@x")) for _ in range(2)]
    assert sorted(each.result(10).duplicate_of is None for each in both) == [False, True]


def test_a_restart_takes_back_what_its_predecessor_had_and_knows_what_is_in_doubt(bench: Bench) -> None:
    untouched, sent = bench.accept(), bench.accept()
    claims = bench.claim()
    bench.spool.begin(
        next(each for each in claims if each.delivery.id == sent), 1, plan=("{}", "{}"), lease_seconds=300
    ).result(10)
    assert bench.spool.take_back(own=True).result(10) == (2, 1)
    again, doubtful = bench.claim()
    assert again.delivery.id == untouched and not again.delivery.in_doubt
    assert doubtful.delivery.id == sent and doubtful.delivery.in_doubt
    assert doubtful.plan == "{}"
    assert doubtful.attempts[0].doubtful


def test_only_leases_that_are_over_are_taken_from_other_nodes(bench: Bench, spool_url: str) -> None:
    bench.accept()
    bench.claim_one()
    other = Spool(spool_url, node="two", clock=bench.clock)
    assert other.take_back(own=False).result(10) == (0, 0)
    assert other.take_back(own=True).result(10) == (0, 0)
    bench.clock.now += 61
    assert other.take_back(own=False).result(10) == (1, 0)
    other.close()


def test_a_worker_that_lost_its_claim_can_write_nothing(bench: Bench) -> None:
    bench.accept()
    late = bench.claim_one()
    bench.spool.take_back(own=True).result(10)
    now = bench.claim_one()
    assert bench.spool.renew([late, now], lease_seconds=60).result(10) == [late.delivery.id]
    futures: list[Future[object]] = [
        bench.spool.settle(late, Delivered()),
        bench.spool.begin(late, 1, lease_seconds=300),
        bench.spool.end(late, Ended(1, "accepted"), Delivered()),
    ]
    for future in futures:
        with pytest.raises(LeaseLost):
            future.result(10)
    bench.spool.settle(now, Delivered()).result(10)


def test_what_waits_behind_held_mail_is_held_and_released_with_it(bench: Bench) -> None:
    head, follower = bench.accept("h@x"), bench.accept("f@x", "h@x")
    bench.spool.settle(bench.claim_one(), Held("a person decides")).result(10)
    late = bench.accept("l@x", "h@x")
    assert bench.states() == {head: "held", follower: "held", late: "held"}
    shown = bench.spool.details(late)
    assert shown is not None and shown.delivery.reason == f"waits for {head}"
    assert bench.claim() == []
    bench.spool.release(head).result(10)
    assert bench.claim_one().delivery.id == head


def test_what_waits_behind_dropped_mail_is_decided_anew(bench: Bench) -> None:
    head, follower = bench.accept("h@x"), bench.accept("f@x", "h@x")
    bench.spool.settle(bench.claim_one(), Held("a person decides")).result(10)
    bench.spool.drop(head, "spam").result(10)
    assert bench.states()[head] == "discarded"
    assert bench.claim_one().delivery.id == follower


def test_operators_verbs_by_state(bench: Bench) -> None:
    one = bench.accept()
    bench.spool.hold(one, "by hand").result(10)
    assert bench.claim() == []
    bench.spool.release(one).result(10)
    claimed = bench.claim_one()
    assert "being pushed" in bench.spool.hold(one, "by hand").result(10)
    assert bench.spool.settle(claimed, Requeued(bench.clock.now, "later")).result(10) is State.HELD
    bench.spool.retry(one).result(10)
    claimed = bench.claim_one()
    bench.spool.drop(one, "by hand").result(10)
    assert bench.spool.settle(claimed, Delivered()).result(10) is State.DELIVERED
    for verb in (
        bench.spool.release(one),
        bench.spool.retry(one),
        bench.spool.hold(one, ""),
        bench.spool.drop(one, ""),
    ):
        with pytest.raises(WrongState):
            verb.result(10)
    with pytest.raises(WrongState, match="no mail 4711"):
        bench.spool.retry(4711).result(10)


def test_discarded_mail_lets_its_lane_go_on(bench: Bench) -> None:
    bench.accept("h@x")
    follower = bench.accept("f@x", "h@x")
    bench.spool.settle(bench.claim_one(), Discarded("a rule")).result(10)
    assert bench.claim_one().delivery.id == follower


def test_a_look_up_that_found_nothing_is_on_record(bench: Bench) -> None:
    bench.accept()
    claimed = bench.claim_one()
    attempt = bench.spool.begin(claimed, 1, plan=("d", "p"), lease_seconds=300).result(10)
    bench.spool.end(claimed, Ended(attempt, "in_doubt", "lost"), Requeued(bench.clock.now, "in doubt", True)).result(10)
    claimed = bench.claim_one()
    noticed = claimed.attempts[0].ended_at
    bench.clock.now += 5
    bench.spool.looked_up(claimed, attempt, Requeued(bench.clock.now, "asked once", True)).result(10)
    [record] = bench.claim_one().attempts
    assert record.looked_up_at == bench.clock.now
    assert record.ended_at == noticed


def test_one_bad_operation_refuses_no_other(bench: Bench) -> None:
    futures: list[Future[object]] = []
    for n in range(20):
        if n % 5 == 2:
            futures.append(bench.spool._writer.submit(lambda connection: 1 / 0))
        else:
            futures.append(bench.spool.accept(ENVELOPE, b"x", ids(f"g{n}@x")))
    for n, future in enumerate(futures):
        if n % 5 == 2:
            with pytest.raises(ZeroDivisionError):
                future.result(10)
        else:
            future.result(10)
    assert len(bench.spool.list()) == 16


def test_what_is_remembered_comes_back(bench: Bench) -> None:
    assert bench.spool.recall("directory") is None
    bench.spool.remember("directory", "one").result(10)
    bench.spool.remember("directory", "two").result(10)
    assert bench.spool.recall("directory") == "two"


def test_a_closed_spool_refuses(bench: Bench) -> None:
    bench.spool.close()
    with pytest.raises(SpoolError):
        bench.spool.accept(ENVELOPE, b"", ids(None)).result(10)


def test_counts_and_lists_by_state(bench: Bench) -> None:
    made = [bench.accept() for _ in range(4)]
    bench.spool.hold(made[0], "").result(10)
    bench.claim(1)
    assert bench.spool.counts() == {State.QUEUED: 2, State.CLAIMED: 1, State.HELD: 1}
    assert [each.id for each in bench.spool.list(State.QUEUED)] == made[:1:-1]
    assert [each.id for each in bench.spool.list(before=made[2], limit=1)] == [made[1]]


def test_at_most_one_of_a_lane_may_be_claimed_is_a_law_of_the_schema(bench: Bench) -> None:
    bench.accept("p@x")
    bench.accept("r@x", "p@x")
    both = sa.update(deliveries).values(head=True)
    with pytest.raises(SpoolError):
        bench.spool._writer.submit(lambda connection: connection.execute(both)).result(10)


def test_holding_a_younger_mail_lets_the_older_go_on(bench: Bench) -> None:
    older = bench.accept("a@x")
    younger, youngest = bench.accept("b@x", "a@x"), bench.accept("c@x", "b@x")
    bench.spool.hold(younger, "by hand").result(10)
    assert bench.states() == {older: "queued", younger: "held", youngest: "held"}
    assert bench.claim_one().delivery.id == older


def test_a_name_is_taken_by_one_gateway_at_a_time(bench: Bench, spool_url: str) -> None:
    bench.spool.take_name()
    twin, other = Spool(spool_url, node="one"), Spool(spool_url, node="two")
    other.take_name()
    if spool_url.startswith("sqlite"):
        twin.take_name()  # the lock beside the file tells them apart
    else:
        with pytest.raises(NameTaken, match="GATEWAY_NODE"):
            twin.take_name(wait=0)
        bench.spool.close()
        twin.take_name(wait=5)
    twin.close()
    other.close()


def test_a_long_lane_of_mails_that_name_each_other_goes_through_in_order(bench: Bench) -> None:
    names = [f"{n}@circle" for n in range(60)]
    for n, name in enumerate(names):
        bench.accept(name, *names[max(0, n - 40) : n])
    order = []
    while claims := bench.claim(1):
        order.append(claims[0].delivery.id)
        bench.spool.settle(claims[0], Delivered()).result(10)
    assert order == sorted(order)
    assert len(order) == 60
