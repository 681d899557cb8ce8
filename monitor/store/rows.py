"""Rows to types and back: the only place that knows both column and field names."""

import json
import sqlite3
from datetime import datetime, timedelta
from typing import Any

from monitor.store.connection import iso, moment
from monitor.types import (
    Alert,
    Document,
    Entry,
    Evidence,
    Feed,
    FeedState,
    Filing,
    Finding,
    Mention,
)

Row = dict[str, Any] | sqlite3.Row


def known(text: str | None) -> datetime:
    """Aware time of a column that is never null."""
    result = moment(text)
    if result is None:
        message = "a time is null that never should be"
        raise ValueError(message)
    return result


def feed_row(feed: Feed) -> dict[str, Any]:
    return {
        "url": feed.url,
        "title": feed.title,
        "kind": feed.kind,
        "language": feed.language,
        "tier": feed.tier,
        "watched": 1,
    }


def state_row(state: FeedState) -> dict[str, Any]:
    return {
        "etag": state.etag,
        "last_modified": state.last_modified,
        "last_fetch_at": iso(state.last_fetch_at),
        "next_fetch_at": iso(state.next_fetch_at),
        "failures": state.failures,
        "last_error": state.last_error,
        "disabled": int(state.disabled),
        "moved_to": state.moved_to,
        "moved_seen": state.moved_seen,
        "ttl_s": state.ttl and int(state.ttl.total_seconds()),
        "skip_hours": json.dumps(sorted(state.skip_hours)),
        "skip_days": json.dumps(sorted(state.skip_days)),
    }


def to_state(row: Row) -> FeedState:
    return FeedState(
        feed_url=row["url"],
        etag=row["etag"],
        last_modified=row["last_modified"],
        last_fetch_at=moment(row["last_fetch_at"]),
        next_fetch_at=moment(row["next_fetch_at"]),
        failures=row["failures"],
        last_error=row["last_error"],
        disabled=bool(row["disabled"]),
        moved_to=row["moved_to"],
        moved_seen=row["moved_seen"],
        ttl=None if row["ttl_s"] is None else timedelta(seconds=row["ttl_s"]),
        skip_hours=frozenset(json.loads(row["skip_hours"])),
        skip_days=frozenset(json.loads(row["skip_days"])),
    )


def entry_row(entry: Entry) -> dict[str, Any]:
    filing = entry.filing
    return {
        "id": entry.id,
        "feed_url": entry.feed_url,
        "guid": entry.guid,
        "url": entry.url,
        "title": entry.title,
        "summary": entry.summary,
        "language": entry.language,
        "published_at": iso(entry.published_at),
        "updated_at": iso(entry.updated_at),
        "accession_no": filing and filing.accession_no,
        "form": filing and filing.form,
        "cik": filing and filing.cik,
        "company": filing and filing.company,
        "role": filing and filing.role,
        "items": filing and json.dumps(filing.items),
        "filing_date": filing and filing.filing_date,
        "period": filing and filing.period,
        "origin": filing.origin if filing else "current",
    }


def to_entry(row: Row) -> Entry:
    filing = None
    if row["accession_no"] is not None:
        filing = Filing(
            accession_no=row["accession_no"],
            form=row["form"],
            cik=row["cik"],
            company=row["company"],
            role=row["role"],
            items=tuple(json.loads(row["items"])),
            filing_date=row["filing_date"],
            period=row["period"],
            origin=row["origin"],
        )
    return Entry(
        id=row["id"],
        feed_url=row["feed_url"],
        guid=row["guid"],
        url=row["url"],
        title=row["title"],
        summary=row["summary"],
        language=row["language"],
        published_at=moment(row["published_at"]),
        updated_at=moment(row["updated_at"]),
        filing=filing,
    )


def document_row(document: Document) -> dict[str, Any]:
    return {
        "id": document.id,
        "kind": document.kind,
        "url": document.url,
        "title": document.title,
        "text": document.text,
        "language": document.language,
        "published_at": iso(document.published_at),
        "fetched_at": iso(document.fetched_at),
        "source": document.source,
        "tier": document.tier,
        "accession_no": document.accession_no,
        "form": document.form,
        "exhibit": document.exhibit,
        "item": document.item,
        "items": json.dumps(document.items),
        "cik": document.cik,
        "period": document.period,
        "filing_date": document.filing_date,
        "accepted_at": iso(document.accepted_at),
        "confidence": document.confidence,
        "change": document.change,
        "state": "new",
    }


def to_document(row: Row) -> Document:
    return Document(
        id=row["id"],
        kind=row["kind"],
        url=row["url"],
        title=row["title"],
        text=row["text"],
        language=row["language"],
        published_at=known(row["published_at"]),
        fetched_at=known(row["fetched_at"]),
        source=row["source"],
        tier=row["tier"],
        accession_no=row["accession_no"],
        form=row["form"],
        exhibit=row["exhibit"],
        item=row["item"],
        items=tuple(json.loads(row["items"] or "[]")),
        cik=row["cik"],
        period=row["period"],
        filing_date=row["filing_date"],
        accepted_at=moment(row["accepted_at"]),
        confidence=row["confidence"],
        change=row["change"],
    )


def mention_row(mention: Mention, document: Row) -> dict[str, Any]:
    sentiment = mention.sentiment
    return {
        "document_id": document["id"],
        "company": mention.company,
        "start_char": mention.start_char,
        "end_char": mention.end_char,
        "text": mention.text,
        "sentence": document["text"][mention.sentence_start : mention.sentence_end],
        "confidence": mention.confidence,
        "reason": mention.reason,
        "relevance": mention.relevance,
        "label": sentiment and sentiment.label,
        "negative": sentiment and sentiment.negative,
        "neutral": sentiment and sentiment.neutral,
        "positive": sentiment and sentiment.positive,
        "score": sentiment and sentiment.score,
    }


def to_evidence(row: Row) -> Evidence:
    return Evidence(
        mention_id=row["mention_id"],
        document_id=row["document_id"],
        company=row["company"],
        sentence=row["sentence"],
        score=row["score"],
        label=row["label"],
        title=row["title"],
        url=row["url"],
        source=row["source"],
        language=row["language"],
        published_at=known(row["published_at"]),
        fetched_at=known(row["fetched_at"]),
        themes=tuple(filter(None, (row["themes"] or "").split(","))),
        relevance=row["relevance"],
        tier=row["tier"],
        novelty=row["novelty"],
        outlet=row["outlet"],
    )


def alert_row(alert: Alert) -> dict[str, Any]:
    return {
        "id": alert.id,
        "rule": alert.rule,
        "subject": alert.subject,
        "by": alert.by,
        "fired_at": iso(alert.fired_at),
        "window_start": iso(alert.window_start),
        "mentions": alert.mentions,
        "sources": alert.sources,
        "score": alert.score,
        "reason": alert.reason,
        "topics": json.dumps(alert.topics, ensure_ascii=False),
        "severity": alert.severity,
        "findings": json.dumps(
            [{"kind": it.kind, "values": it.values} for it in alert.findings],
            ensure_ascii=False,
        ),
    }


def evidence_row(alert: Alert, position: int) -> dict[str, Any]:
    evidence = alert.evidence[position]
    return {
        "alert_id": alert.id,
        "position": position,
        "document_id": evidence.document_id,
        "company": evidence.company,
        "sentence": evidence.sentence,
        "score": evidence.score,
        "label": evidence.label,
        "title": evidence.title,
        "url": evidence.url,
        "source": evidence.source,
        "language": evidence.language,
        "published_at": iso(evidence.published_at),
        "fetched_at": iso(evidence.fetched_at),
        "themes": json.dumps(evidence.themes),
        "relevance": evidence.relevance,
        "tier": evidence.tier,
        "novelty": evidence.novelty,
        "outlet": evidence.outlet,
    }


def to_alert(row: Row, evidence: tuple[Evidence, ...]) -> Alert:
    return Alert(
        id=row["id"],
        rule=row["rule"],
        subject=row["subject"],
        by=row["by"],
        fired_at=known(row["fired_at"]),
        window_start=known(row["window_start"]),
        mentions=row["mentions"],
        sources=row["sources"],
        score=row["score"],
        reason=row["reason"],
        evidence=evidence,
        topics=tuple(json.loads(row["topics"])),
        severity=row["severity"],
        findings=tuple(Finding(**it) for it in json.loads(row["findings"])),
    )


def to_alert_evidence(row: Row) -> Evidence:
    published_at = known(row["published_at"])
    return Evidence(
        mention_id=0,
        document_id=row["document_id"],
        company=row["company"],
        sentence=row["sentence"],
        score=row["score"],
        label=row["label"],
        title=row["title"],
        url=row["url"],
        source=row["source"],
        language=row["language"],
        published_at=published_at,
        fetched_at=moment(row["fetched_at"]) or published_at,
        themes=tuple(json.loads(row["themes"])),
        relevance=row["relevance"],
        tier=row["tier"],
        novelty=row["novelty"],
        outlet=row["outlet"],
    )
