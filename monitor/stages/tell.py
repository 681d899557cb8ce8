"""Analyses -> alerts and digests in the outbox -> messages on their way.

Decide, record, then deliver: an alert's messages are reserved in the transaction that
records it, and nothing is sent that was not reserved.
"""

import sqlite3
from collections.abc import Sequence
from datetime import datetime, timedelta

from monitor.config import Config
from monitor.notify import digest, quiet
from monitor.notify.readings import LATE
from monitor.notify.rules import silence
from monitor.stages.alerting import decide
from monitor.stages.dispatch import Dispatch
from monitor.stages.report import Report
from monitor.store import alerts, news, queries, wishes
from monitor.store.editions import Editions
from monitor.store.hearings import Hearings
from monitor.store.outbox import Outbox
from monitor.types import Alert, Digest, DigestSpec, Period, Untold


class TellStage:
    """Alerts and digests of one configuration."""

    def __init__(
        self, *, config: Config, outbox: Outbox, dry_run: bool = False
    ) -> None:
        self.config = config
        self.outbox = outbox
        self.dispatch = Dispatch(config=config, outbox=outbox, dry_run=dry_run)
        self.editions = Editions(outbox.store)
        self.hearings = Hearings(outbox.store)
        self.connection = outbox.store.db.conn

    async def run(self, report: Report, *, now: datetime) -> None:
        self._alert(report, now)
        for spec in self.config.digests:
            self._digest(spec, now)
        await self.dispatch.deliver(report, now=now)

    def _alert(self, report: Report, now: datetime) -> None:
        """Decide on what is news since the last time, and tell what is due.

        All in one transaction: what was heard and what was made of it belong together.
        """
        with self.outbox.store.transaction():
            at = self.hearings.hear(now=now)
            for alert in decide(self.config, self.connection, at=at) if at else ():
                if self.outbox.record_alert(alert):
                    report.alerts.append(alert)
            self._tell_alerts(now)

    def _tell_alerts(self, now: datetime) -> None:
        """Reserve the messages of alerts that wait and are due."""
        waiting = alerts.waiting(self.connection)
        unwanted = self._unwanted(waiting, now)
        for alert in waiting:
            if alert.id in unwanted:
                self.outbox.mark_untold([alert], unwanted[alert.id], now=now)
        for together in quiet.due(
            [alert for alert in waiting if alert.id not in unwanted],
            now=now,
            hours=self.config.quiet_hours,
            gather=self.config.alert_group,
        ):
            if self.dispatch.alerts(together, now=now):
                self.outbox.mark_told(together, now=now)
            else:
                self.outbox.mark_untold(together, "no recipient", now=now)

    def _unwanted(self, waiting: Sequence[Alert], now: datetime) -> dict[str, Untold]:
        """Alerts that were seen, or whose subject was muted, while they waited."""
        if not waiting:
            return {}
        seen = {it.alert_id for it in wishes.acknowledgements(self.connection)}
        mutes = wishes.mutes(self.connection)
        rules = {rule.id: rule for rule in self.config.alerts}
        found: dict[str, Untold] = {}
        for alert in waiting:
            rule = rules.get(alert.rule)
            if alert.id in seen:
                found[alert.id] = "acknowledged"
            elif rule is None:
                found[alert.id] = "rule gone"
            elif silence.muted_until(alert, rule, mutes, at=now):
                found[alert.id] = "muted"
        return found

    def _digest(self, spec: DigestSpec, now: datetime) -> None:
        """Reserve the last period's digest for whoever has not got it."""
        last = self.editions.last(spec.id)
        period = digest.due(spec, now, last)
        since = queries.first_known(self.connection)
        if period is None or since is None or since > period.end:
            return  # nothing was watched then
        with self.outbox.store.transaction():
            if self.reserve_digest(spec, period, last=last, now=now):
                self.editions.record(spec.id, period)

    def reserve_digest(
        self,
        spec: DigestSpec,
        period: Period,
        *,
        last: Period | None = None,
        now: datetime,
    ) -> int:
        """Put a digest of a period into the outbox; for how many it was new.

        `last` is the edition before it, whose loose ends it takes up.
        """
        key = f"{spec.id}:{period.edition}"
        waiting = self.dispatch.waiting(spec.to, kind="digest", edition=key)
        if not waiting:
            return 0
        new = last if last != period else None
        found = compose_digest(
            self.config,
            self.connection,
            spec,
            period,
            late=digest.lateness(spec, new),
            overdue=self.editions.overdue(spec.id) if new else frozenset(),
        )
        return self.dispatch.digest(found, edition=key, recipients=waiting, now=now)


def compose_digest(
    config: Config,
    connection: sqlite3.Connection,
    spec: DigestSpec,
    period: Period,
    *,
    late: timedelta = LATE,
    overdue: frozenset[str] = frozenset(),
) -> Digest:
    """What a digest of a period says, by what is stored."""
    start, end = period.start, period.end
    since = digest.history(spec, start, end) - late
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
        names=news.names_new(connection, since=start, until=end),
        missed=period.missed,
        late=late,
        overdue=overdue,
    )
