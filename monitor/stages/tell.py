"""Analyses -> alerts and digests in the outbox -> messages on their way.

Decide, record, then deliver: an alert's messages are reserved in the transaction that
records it, and nothing is sent that was not reserved.
"""

import sqlite3
from datetime import datetime, timedelta

from monitor.config import Config
from monitor.notify import digest, readings, rules
from monitor.stages.dispatch import Dispatch
from monitor.stages.report import Report
from monitor.store import news, queries
from monitor.store.outbox import Outbox
from monitor.types import Alert, Digest, DigestSpec, Period

MAX_NAMES = 8
"""New names in a digest."""


class TellStage:
    """Alerts and digests of one configuration."""

    def __init__(self, *, config: Config, outbox: Outbox) -> None:
        self.config = config
        self.outbox = outbox
        self.dispatch = Dispatch(config=config, outbox=outbox)
        self.connection = outbox.store.db.conn

    async def run(self, report: Report, *, now: datetime) -> None:
        self._alert(report, now)
        for spec in self.config.digests:
            self._digest(spec, now)
        await self.dispatch.deliver(report, now=now)

    def _alert(self, report: Report, now: datetime) -> None:
        for alert in decide(self.config, self.connection, now=now):
            with self.outbox.store.transaction():
                if self.outbox.record_alert(alert):
                    report.alerts.append(alert)
                    self._reserve_alert(alert, now)

    def _reserve_alert(self, alert: Alert, now: datetime) -> None:
        rule = next(rule for rule in self.config.alerts if rule.id == alert.rule)
        self.dispatch.alert(alert, rule, now=now)

    def _digest(self, spec: DigestSpec, now: datetime) -> None:
        """Reserve the last period's digest for whoever has not got it."""
        last = self.outbox.last_period(spec.id)
        period = digest.due(spec, now, last)
        since = queries.first_known(self.connection)
        if period is None or since is None or since > period.end:
            return  # nothing was watched then
        late = digest.lateness(spec, None if period == last else last)
        with self.outbox.store.transaction():
            if self.reserve_digest(spec, period, late=late, now=now):
                self.outbox.record_period(spec.id, period)

    def reserve_digest(
        self,
        spec: DigestSpec,
        period: Period,
        *,
        late: timedelta = readings.LATE,
        now: datetime,
    ) -> int:
        """Put a digest of a period into the outbox; for how many it was new."""
        key = f"{spec.id}:{period.edition}"
        waiting = self.dispatch.waiting(spec.to, kind="digest", edition=key)
        if not waiting:
            return 0
        found = compose_digest(self.config, self.connection, spec, period, late=late)
        return self.dispatch.digest(found, edition=key, recipients=waiting, now=now)


def decide(
    config: Config, connection: sqlite3.Connection, *, now: datetime
) -> list[Alert]:
    """Alerts that fire now, by what is stored."""
    spans = [max(rule.window, rule.cooldown) for rule in config.alerts]
    since = now - max(spans, default=timedelta()) - readings.LATE
    return rules.decide(
        config.alerts,
        queries.evidence_known(connection, since=since, until=now),
        queries.alerts(connection, since=since),
        now=now,
    )


def compose_digest(
    config: Config,
    connection: sqlite3.Connection,
    spec: DigestSpec,
    period: Period,
    *,
    late: timedelta = readings.LATE,
) -> Digest:
    """What a digest of a period says, by what is stored."""
    start, end = period.start, period.end
    since = digest.history(spec, start, end)
    return digest.build(
        spec,
        edition=period.edition,
        start=start,
        end=end,
        evidence=queries.evidence_known(connection, since=since, until=end),
        companies=config.companies,
        alerts=queries.alerts(connection, since=start),
        documents=queries.documents_known(connection, since=start, until=end),
        ill_feeds=queries.ill_feeds(connection),
        amounts=queries.amounts_known(connection, since=start, until=end),
        filings=news.filings_known(
            connection, since=start, until=end, published_since=start - late
        ),
        names=news.names_new(connection, since=start, until=end, limit=MAX_NAMES),
        missed=period.missed,
        late=late,
    )
