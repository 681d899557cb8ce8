"""Analyses -> alerts and digests in the outbox -> messages on their way.

Decide, record, then deliver: an alert's messages are reserved in the transaction that
records it, and nothing is sent that was not reserved.
"""

import asyncio
import sqlite3
from datetime import datetime, timedelta
from typing import Literal

from monitor.config import Config
from monitor.notify import digest, mail, outbox, readings, render, rules, view
from monitor.stages.report import Report
from monitor.store import queries
from monitor.store.outbox import Outbox
from monitor.types import Alert, Digest, DigestSpec, MailServer


class TellStage:
    """Alerts and digests of one configuration."""

    def __init__(self, *, config: Config, outbox: Outbox) -> None:
        self.config = config
        self.outbox = outbox
        self.connection = outbox.store.db.conn

    async def run(self, report: Report, *, now: datetime) -> None:
        self._alert(report, now)
        if self.config.mail is None:
            return
        for spec in self.config.digests:
            self._digest(spec, now)
        await self.deliver(self.config.mail, report, now=now)

    def _alert(self, report: Report, now: datetime) -> None:
        for alert in decide(self.config, self.connection, now=now):
            with self.outbox.store.transaction():
                if self.outbox.record_alert(alert):
                    report.alerts.append(alert)
                    self._reserve_alert(alert, now)

    def _reserve_alert(self, alert: Alert, now: datetime) -> None:
        config = self.config
        if config.mail is None or not config.alert_recipients:
            return
        rule = next(rule for rule in config.alerts if rule.id == alert.rule)
        names = view.names(config.companies, config.themes, config.language)
        # Nobody sets a time zone for alerts: the digest's is the reader's.
        zone = next((spec.timezone for spec in config.digests), None)
        rendering = render.alert(
            alert, rule, names, language=config.language, timezone=zone
        )
        for recipient in config.alert_recipients:
            self._reserve(
                rendering,
                kind="alert",
                edition=alert.id,
                list_name="alerts",
                sender=config.mail.sender,
                recipient=recipient,
                language=config.language,
                now=now,
            )

    def _digest(self, spec: DigestSpec, now: datetime) -> None:
        """Reserve the last period's digest for whoever has not got it."""
        edition, start, end = digest.period(spec, now)
        since = queries.first_known(self.connection)
        if since is None or since > end:  # nothing was watched then
            return
        self.reserve_digest(spec, edition, start, end, now=now)

    def reserve_digest(
        self,
        spec: DigestSpec,
        edition: str,
        start: datetime,
        end: datetime,
        *,
        now: datetime,
    ) -> int:
        """Put a digest of (start, end] into the outbox; for how many it was new."""
        server, key = self.config.mail, f"{spec.id}:{edition}"
        waiting = [
            recipient
            for recipient in spec.to
            if not self.outbox.is_reserved(
                recipient=recipient, subject_kind="digest", edition=key
            )
        ]
        if server is None or not waiting:
            return 0
        found = compose_digest(
            self.config, self.connection, spec, edition=edition, start=start, end=end
        )
        names = view.names(self.config.companies, self.config.themes, spec.language)
        rendering = render.digest(found, names)
        return sum(
            self._reserve(
                rendering,
                kind="digest",
                edition=key,
                list_name=spec.id,
                sender=server.sender,
                recipient=recipient,
                language=spec.language,
                now=now,
            )
            for recipient in waiting
        )

    def _reserve(
        self,
        rendering: render.Rendering,
        *,
        kind: Literal["digest", "alert"],
        edition: str,
        list_name: str,
        sender: str,
        recipient: str,
        language: Literal["en", "ko"],
        now: datetime,
    ) -> bool:
        letter = mail.compose(
            rendering,
            kind=kind,
            edition=edition,
            list_name=list_name,
            sender=sender,
            recipient=recipient,
            language=language,
            now=now,
        )
        return self.outbox.reserve(
            recipient=letter.recipient,
            channel="mail",
            subject_kind=kind,
            edition=edition,
            message_id=letter.message_id,
            body=letter.body,
            now=now,
        )

    async def deliver(
        self, server: MailServer, report: Report, *, now: datetime
    ) -> None:
        """Send what is due in the outbox."""
        sending = asyncio.create_task(
            asyncio.to_thread(outbox.drain, self.outbox, server, now=now)
        )
        try:
            attempts = await asyncio.shield(sending)
        except asyncio.CancelledError:
            # A message that the server has taken must be marked before we end.
            await sending
            raise
        report.sent += sum(attempt.error is None for attempt in attempts)
        report.undelivered += [
            (attempt.delivery.recipient, attempt.error)
            for attempt in attempts
            if attempt.error is not None
        ]


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
    *,
    edition: str,
    start: datetime,
    end: datetime,
) -> Digest:
    """What a digest of (start, end] says, by what is stored."""
    since = digest.history(spec, start, end)
    return digest.build(
        spec,
        edition=edition,
        start=start,
        end=end,
        evidence=queries.evidence_known(connection, since=since, until=end),
        companies=config.companies,
        alerts=queries.alerts(connection, since=start),
        documents=queries.documents_known(connection, since=start, until=end),
        ill_feeds=queries.ill_feeds(connection),
        amounts=queries.amounts_known(connection, since=start, until=end),
    )
