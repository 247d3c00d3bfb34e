"""What the parts say of themselves in, `/healthz`, `/readyz` and `/metrics` out. Neither writes, neither waits."""

from collections.abc import Callable
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from gateway.delivery.doubts import Doubts
from gateway.spool.errors import SpoolError
from gateway.spool.spool import Spool

#: A loop that has not beaten for this long is stuck (seconds).
_STUCK = 60.0


@dataclass(frozen=True, slots=True)
class Parts:
    """`beat` is the delivery loop's last round, `now` the same clock; `desk_answers` whether the desk does."""

    spool: Spool
    beat: Callable[[], float]
    now: Callable[[], float]
    desk_answers: Callable[[], bool]
    doubts: Doubts
    #: Departments in which nothing is made for now.
    closed: Callable[[], tuple[int, ...]]
    #: Names in rules that the desk does not have (any more).
    unknown_names: Callable[[], int]
    #: Whether mail can be sent in: the address answers, or another node's intake is somebody else's business.
    intake_listens: Callable[[], bool]
    stopping: Callable[[], bool]


class _SpoolCollector(Collector):
    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def collect(self) -> list[Metric]:
        deliveries = GaugeMetricFamily("gateway_spool_deliveries", "Open deliveries by state", labels=["state"])
        in_doubt = GaugeMetricFamily(
            "gateway_spool_in_doubt_deliveries", "Open deliveries whose last attempt has no known answer"
        )
        desk = GaugeMetricFamily("gateway_desk_up", "1 while the help desk answers")
        desk.add_metric([], float(self._parts.desk_answers()))
        up = GaugeMetricFamily("gateway_spool_up", "1 while the spool can be read")
        try:
            for state, count in self._parts.spool.counts().items():
                deliveries.add_metric([state.value], count)
            in_doubt.add_metric([], self._parts.spool.doubts())
            up.add_metric([], 1.0)
        except SpoolError:
            up.add_metric([], 0.0)
        resolved = CounterMetricFamily(
            "gateway_desk_doubts_resolved",
            "Pushes whose answer was lost or did not show our ticket, by how that ended",
            labels=["how"],
        )
        for how, number in self._parts.doubts.resolved.items():
            resolved.add_metric([how], number)
        completed = CounterMetricFamily(
            "gateway_desk_completed_pushes", "Pushes of which the desk had left something out that was sent by itself"
        )
        completed.add_metric([], self._parts.doubts.completed)
        closed = GaugeMetricFamily("gateway_desk_closed_departments", "Departments in which nothing is made for now")
        closed.add_metric([], len(self._parts.closed()))
        unknown = GaugeMetricFamily("gateway_rules_unknown_names", "Names in rules that the help desk does not have")
        unknown.add_metric([], self._parts.unknown_names())
        return [deliveries, in_doubt, up, desk, resolved, completed, closed, unknown]


def app(parts: Parts) -> Starlette:
    """The window as it is now: health and metrics. No data about any mail leaves by it."""
    registry = CollectorRegistry()
    registry.register(_SpoolCollector(parts))

    def healthz(_request: Request) -> Response:
        stuck = parts.now() - parts.beat() > _STUCK
        return PlainTextResponse(f"delivery: {'stuck' if stuck else 'ok'}\n", 503 if stuck else 200)

    def readyz(_request: Request) -> Response:
        spool = "ok"
        try:
            parts.spool.counts()
        except SpoolError:
            spool = "unavailable"
        intake = "ok" if parts.intake_listens() else "closed"
        words = [f"spool: {spool}", f"intake: {intake}", f"desk: {'ok' if parts.desk_answers() else 'waiting'}"]
        if parts.stopping():
            words.insert(0, "gateway: stopping")
        # A desk that is away is no reason to send mail elsewhere: it is taken and kept.
        ready = spool == intake == "ok" and not parts.stopping()
        return PlainTextResponse("\n".join(words) + "\n", 200 if ready else 503)

    def metrics(_request: Request) -> Response:
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    routes = [Route("/healthz", healthz), Route("/readyz", readyz), Route("/metrics", metrics)]
    return Starlette(routes=routes)
