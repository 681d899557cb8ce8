"""Why nothing was told of a company: how far each rule came, and at which gate it ended.

Pure. Sums up verdicts; where there is none, names the restriction that kept the rule
from looking at all.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from monitor.notify.rules import GATES, History, Verdict
from monitor.notify.rules.scope import excluded, restrictions
from monitor.types import AlertRule


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """How far a rule came with a company."""

    rule: str
    gate: str
    """`documents` and `restrictions` come before the gates of `rules`."""
    at: datetime | None
    """When it came furthest."""
    missing: str
    judged: int
    """At how many moments it was asked."""
    fired: int = 0


def stops(
    rules: Sequence[AlertRule],
    history: History,
    company: str,
    verdicts: Sequence[Verdict],
    *,
    since: datetime,
) -> list[Stop]:
    """For each rule its furthest stop since then, in the order of the rules.

    A rule by theme is judged by the themes of the documents that name the company.
    """
    heard = [it for it in history.heard if it.heard_at > since and it.news and it.first]
    naming = [it for it in heard if any(m.company == company for m in it.mentions)]
    themes = {theme for it in naming for theme in it.themes}
    found = []
    for rule in rules:
        checks = restrictions(rule, history.roles)
        subjects = {company} if rule.by == "company" else themes
        own = [
            it for it in verdicts if it.rule.id == rule.id and it.subject in subjects
        ]
        if own:
            found.append(_furthest(rule, own))
            continue
        kept = Counter(
            name
            for document in naming
            for name in {
                excluded(checks, document, item)
                for item in document.mentions
                if item.company == company
            }
            if name
        )
        if not naming:
            gate, missing = "documents", "no news names it"
        elif kept:
            gate = "restrictions"
            missing = ", ".join(
                f"{name} ({n} of {len(naming)} documents)"
                for name, n in kept.most_common()
            )
        else:
            gate, missing = "restrictions", "no document has a theme"
        found.append(Stop(rule=rule.id, gate=gate, at=None, missing=missing, judged=0))
    return found


def _furthest(rule: AlertRule, own: Sequence[Verdict]) -> Stop:
    best = max(own, key=lambda it: (GATES.index(it.gate), it.nearness, it.at))
    return Stop(
        rule=rule.id,
        gate=best.gate,
        at=best.at,
        missing=best.missing,
        judged=len(own),
        fired=sum(it.gate == "fired" for it in own),
    )
