"""What a rule that holds would tell: first a draft to put through the gates, then all.

Does not know what was told already (`silence`).
"""

from dataclasses import replace
from hashlib import blake2b

from monitor.notify.rules.proof import strongest
from monitor.notify.rules.result import Scene
from monitor.notify.rules.timeline import Piece, tally
from monitor.notify.rules.topics import Held
from monitor.notify.rules.wording import reason
from monitor.types import Alert, Finding


def draft(scene: Scene, held: Held) -> Alert | None:
    """The alert, if something that is news at this moment speaks for it.

    Most are not told: what is said of one is added to those that are (`finished`).
    """
    results = held.results
    groups = [group for result in results for group in result.groups]
    pieces = {it.document_id: it for group in groups for it in group.pieces}
    if not any(
        it.heard.news and it.heard.heard_at == scene.now
        for group in groups
        for it in group.pieces
        if it.heard.first or group.scored
    ):
        return None
    rule, found = scene.rule, list(pieces.values())
    topics = tuple(held.topics())
    return Alert(
        id=_identity(scene, topics, found),
        rule=rule.id,
        subject=scene.subject,
        by=rule.by,
        fired_at=scene.now,
        window_start=min((it.start for it in results if it.start), default=scene.now),
        mentions=len(found),
        sources=len({it.heard.source for it in found}),
        score=tally(found).mean,
        reason="",
        topics=topics,
        severity=rule.severity,
    )


def finished(scene: Scene, held: Held, alert: Alert) -> Alert:
    """The alert with its reason and evidence."""
    results = held.results
    findings = tuple(Finding(kind=it.kind, values=it.values) for it in results)
    groups = [group for result in results for group in result.groups]
    return replace(
        alert,
        reason=reason(scene.subject, findings),
        evidence=strongest(groups),
        findings=findings,
    )


def _identity(scene: Scene, topics: tuple[str, ...], found: list[Piece]) -> str:
    """Rule, subject and newest document: without news there is no new alert."""
    newest = max(found, key=lambda it: (it.heard.fetched_at, it.document_id))
    parts = [scene.rule.id, scene.rule.by, scene.subject, newest.document_id]
    text = "\x1f".join([*parts, *filter(None, topics)])
    return blake2b(text.encode(), digest_size=12).hexdigest()
