"""Metrics for Prometheus, counted from the events of this process. No name, question or address is a label.

Only `rag serve` opens them, at /metrics; what other processes do with the same store shows in its gauges alone.
"""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from rag import __version__, journal
from rag.errors import RagError

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry
    from prometheus_client.metrics_core import Metric

    from rag.store import Store

CONTENT = "text/plain; version=0.0.4; charset=utf-8"
_SHORT = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)  # seconds
_LONG = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 80, 160)
_OUTCOMES = {
    "ask": ("answered", "refused", "stopped", "failed"),
    "search": ("done", "failed"),
    "brief": ("done", "failed"),
    "model": ("done", "stopped", "failed"),
    "ingest": ("done", "stopped", "failed"),
}
_ARTICLES = ("new", "same", "updated", "duplicate", "near_duplicate", "rejected")


class Metrics:
    """Counters and histograms of this process, and gauges of its store, read when they are asked for.

    An instance is a listener of `rag.journal`.
    """

    def __init__(self, store: Callable[[], Store]) -> None:
        from prometheus_client import (
            CollectorRegistry,
            Counter,
            Histogram,
            Info,
            ProcessCollector,
            disable_created_metrics,
        )

        disable_created_metrics()  # type: ignore[no-untyped-call]
        self.registry: CollectorRegistry = CollectorRegistry()
        own: Any = {"registry": self.registry}
        ProcessCollector(registry=self.registry)
        Info("rag_build", "The program and the Python that runs it.", **own).info(
            {"version": __version__, "python": platform.python_version()}
        )
        self._requests = Counter("rag_requests", "HTTP requests.", ["method", "route", "status"], **own)
        self._request_seconds = Histogram(
            "rag_request_seconds", "Until a response was whole.", ["route"], buckets=_LONG, **own
        )
        self._work = {
            "ask": Counter("rag_asks", "Questions, by how they ended.", ["outcome"], **own),
            "search": Counter("rag_searches", "Searches that give passages, not answers.", ["outcome"], **own),
            "brief": Counter("rag_briefings", "Briefings.", ["outcome"], **own),
            "model": Counter("rag_model_calls", "Calls of the language model.", ["outcome"], **own),
            "ingest": Counter("rag_ingests", "Ingests in this process.", ["outcome"], **own),
        }
        self._seconds = {
            "ask": Histogram("rag_ask_seconds", "Until an answer was whole.", buckets=_LONG, **own),
            "search": Histogram("rag_search_seconds", "Until the passages were found.", buckets=_SHORT, **own),
            "brief": Histogram("rag_briefing_seconds", "Until a briefing was made.", buckets=_LONG, **own),
            "model": Histogram("rag_model_seconds", "Until a reply of the model ended.", buckets=_LONG, **own),
        }
        self._statements = Counter("rag_statements", "Statements that were shown in answers.", **own)
        self._rejected = Counter("rag_statements_rejected", "Statements that the check let not pass.", **own)
        self._tokens = Counter("rag_model_tokens", "Tokens of the language model.", ["direction"], **own)
        self._articles = Counter("rag_ingested_articles", "Articles of ingests, by outcome.", ["outcome"], **own)
        for event, outcomes in _OUTCOMES.items():
            for outcome in outcomes:
                self._work[event].labels(outcome)
        for outcome in _ARTICLES:
            self._articles.labels(outcome)
        for direction in ("input", "output"):
            self._tokens.labels(direction)
        self.registry.register(_Store(store))

    def __call__(self, event: str, facts: Mapping[str, Any]) -> None:
        """Count an event."""
        if event == "request":
            self._requests.labels(facts["method"], facts["route"], str(facts["status"])).inc()
            self._request_seconds.labels(facts["route"]).observe(facts["ms"] / 1000)
            return
        if (counter := self._work.get(event)) is None:
            return
        outcome = facts["outcome"]
        counter.labels(outcome if outcome in _OUTCOMES[event] else "failed").inc()
        if (seconds := self._seconds.get(event)) is not None:
            seconds.observe(facts["seconds"])
        if event == "ask":
            self._statements.inc(facts.get("statements", 0))
            self._rejected.inc(facts.get("rejected", 0))
        elif event == "model":
            for direction in ("input", "output"):
                self._tokens.labels(direction).inc(facts.get(f"{direction}_tokens", 0))
        elif event == "ingest":
            for what in _ARTICLES:
                self._articles.labels(what).inc(facts.get(what, 0))

    def text(self) -> bytes:
        """All of them in Prometheus' text format."""
        from prometheus_client import generate_latest

        return generate_latest(self.registry)


class _Store:
    """The gauges: what runs now, and the store's sizes where there is a store that opens."""

    def __init__(self, store: Callable[[], Store]) -> None:
        self._store = store

    def collect(self) -> Iterator[Metric]:
        from prometheus_client.metrics_core import GaugeMetricFamily

        running = GaugeMetricFamily("rag_running", "What has begun and not ended.", labels=["what"])
        now = journal.running()
        for event in _OUTCOMES:
            running.add_metric([event], now.get(event, 0))
        yield running
        up, sizes = GaugeMetricFamily("rag_store_up", "1 where the store opens."), dict[str, tuple[str, int]]()
        with suppress(RagError):
            sizes = _sizes(self._store())
        up.add_metric([], 1 if sizes else 0)
        yield up
        for name, (help_text, value) in sizes.items():
            yield GaugeMetricFamily(name, help_text, value=value)


def _sizes(store: Store) -> dict[str, tuple[str, int]]:
    return {
        "rag_store_articles": ("Articles.", store.count()),
        "rag_store_passages": ("Passages of the articles.", sum(store.languages().values())),
        "rag_store_generation": ("Grows with each commit.", store.generation),
        "rag_store_outbox_pending": ("Passages that Chroma has still to take or drop.", store.pending),
    }
