"""A spool, a desk, rules and settings in -> the delivery side of one gateway, wired, out."""

from collections.abc import Callable
from dataclasses import dataclass

from gateway.delivery.breaker import DeskState
from gateway.delivery.doubts import Doubts
from gateway.delivery.fence import Fence
from gateway.delivery.names import Names
from gateway.delivery.policy import Policy
from gateway.delivery.pushing import Pusher
from gateway.delivery.readers import Readers
from gateway.delivery.resolving import Resolver, Timing
from gateway.delivery.settling import Settler
from gateway.delivery.sight import Sight
from gateway.delivery.walk import Walker
from gateway.routing.rulebook import RuleBook
from gateway.spool.spool import Spool
from gateway.staffapi.client import Desk


@dataclass(frozen=True, slots=True)
class Assembly:
    walker: Walker
    names: Names
    state: DeskState
    sight: Sight
    doubts: Doubts


def assemble(
    *,
    spool: Spool,
    desk: Desk,
    fence: Fence,
    readers: Readers,
    book: RuleBook,
    policy: Policy,
    timing: Timing,
    shadow: bool,
    clock: Callable[[], float],
    monotonic: Callable[[], float],
    dice: Callable[[], float],
    random_bytes: Callable[[int], bytes],
) -> Assembly:
    """`clock` gives seconds since the epoch, `monotonic` seconds that never go back, `dice` a number in [0, 1)."""
    state = DeskState(desk.url, clock)
    names = Names(desk, spool, clock=monotonic, book=book)
    sight, doubts = Sight(spool, clock), Doubts()
    resolver = Resolver(
        spool=spool,
        desk=desk,
        names=names,
        state=state,
        fence=fence,
        sight=sight,
        doubts=doubts,
        timing=timing,
        clock=clock,
    )
    settler = Settler(spool, state, retry=timing.retry, settle=timing.settle, clock=clock, dice=dice)
    pusher = Pusher(
        spool=spool,
        desk=desk,
        names=names,
        state=state,
        sight=sight,
        resolver=resolver,
        settler=settler,
        doubts=doubts,
        lease=timing.lease,
        clock=clock,
        random_bytes=random_bytes,
    )
    walker = Walker(
        spool=spool,
        desk=desk,
        pusher=pusher,
        settler=settler,
        names=names,
        state=state,
        readers=readers,
        book=book,
        policy=policy,
        shadow=shadow,
        clock=clock,
        random_bytes=random_bytes,
    )
    return Assembly(walker, names, state, sight, doubts)
