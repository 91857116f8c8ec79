"""Prometheus metrics of one server process."""

from collections.abc import Callable, Iterable
from typing import Protocol

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class FanOutFigures(Protocol):
    """What the fan-out counts by itself; it is asked only when somebody scrapes."""

    delivered: int
    newest_event_id: int


class GatewayFigures(Protocol):
    """What the gateway knows of its connections."""

    @property
    def connection_count(self) -> int:
        """Open websocket connections."""
        ...

    @property
    def fanout(self) -> FanOutFigures:
        """See FanOutFigures."""
        ...


class _Deliveries(Collector):
    def __init__(self, gateway: GatewayFigures) -> None:
        self._gateway = gateway

    def collect(self) -> Iterable[Metric]:
        yield CounterMetricFamily(
            "zd_events_delivered",
            "Events written to websocket connections",
            value=self._gateway.fanout.delivered,
        )


class Metrics:
    """Counts calls, connections and messages. A registry of its own, so that several servers fit in a process."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._calls = Histogram(
            "zd_http_call_seconds",
            "REST calls by endpoint and status",
            ("method", "path", "status"),
            buckets=(0.002, 0.005, 0.01, 0.03, 0.1, 0.3, 1, 3),
            registry=self._registry,
        )
        self._refusals = Counter(
            "zd_access_refused_total", "Reads and writes refused", ("kind",), registry=self._registry
        )
        self._llm_answers = Counter(
            "zd_llm_answers",
            "Answers of models by provider and outcome",
            ("provider", "outcome"),
            registry=self._registry,
        )
        self._llm_tokens = Counter(
            "zd_llm_tokens", "Tokens read and written by models", ("provider",), registry=self._registry
        )
        self._llm_first = Histogram(
            "zd_llm_first_token_seconds",
            "From the question to the model's first token",
            ("provider",),
            buckets=(0.05, 0.1, 0.3, 1, 3, 10, 30),
            registry=self._registry,
        )

    def llm_answer(self, provider: str, outcome: str, first_s: float | None, tokens: int) -> None:
        """Count an answer of a model; `first_s`: seconds to its first token, None where none came."""
        self._llm_answers.labels(provider, outcome).inc()
        self._llm_tokens.labels(provider).inc(tokens)
        if first_s is not None:
            self._llm_first.labels(provider).observe(first_s)

    def observe_call(self, method: str, path: str, status: int, seconds: float) -> None:
        """See http.router.CallObserver."""
        self._calls.labels(method, path, str(status)).observe(seconds)

    def refused(self, kind: str) -> None:
        """Count a refusal of an access function."""
        self._refusals.labels(kind).inc()

    def gauge(self, name: str, doc: str, value: Callable[[], float]) -> None:
        """Publish a value that is asked for at each scrape."""
        Gauge(name, doc, registry=self._registry).set_function(value)

    def watch(self, gateway: GatewayFigures) -> None:
        """Publish the gateway's figures: zd_connections, zd_newest_event_id, zd_events_delivered_total."""
        self.gauge("zd_connections", "Open websocket connections", lambda: gateway.connection_count)
        self.gauge(
            "zd_newest_event_id", "Newest event that this process saw", lambda: gateway.fanout.newest_event_id
        )
        self._registry.register(_Deliveries(gateway))

    def text(self) -> bytes:
        """Return the scrape."""
        return generate_latest(self._registry)
