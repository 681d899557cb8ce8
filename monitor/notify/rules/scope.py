"""Which mentions a rule looks at: its restrictions, one by one.

Does not count anything.
"""

from collections.abc import Mapping

from monitor.types import AlertRule, Evidence, Heard


def excluded(
    rule: AlertRule, heard: Heard, item: Evidence, roles: Mapping[str, str]
) -> str | None:
    """The first restriction that a mention does not meet; None if it meets all.

    `roles` are the roles of companies, by id.
    """
    checks = {
        "companies": not rule.companies or item.company in rule.companies,
        "roles": not rule.roles or roles.get(item.company, "") in rule.roles,
        "themes": not rule.themes or not set(rule.themes).isdisjoint(heard.themes),
        "languages": not rule.languages or heard.language in rule.languages,
        "kinds": not rule.kinds or source_kind(heard) in rule.kinds,
        "max_tier": heard.tier <= rule.max_tier,
        "min_relevance": item.relevance >= rule.min_relevance,
        "min_novelty": item.novelty >= rule.min_novelty,
    }
    return next((name for name, met in checks.items() if not met), None)


def source_kind(heard: Heard) -> str:
    """`news`, or `filing` for a filing and what is attached to it."""
    return "news" if heard.kind == "article" else "filing"


def subjects(rule: AlertRule, heard: Heard, item: Evidence) -> tuple[str, ...]:
    """What the mention is about, in the eyes of the rule: companies or themes."""
    if rule.by == "company":
        return (item.company,) if item.company else ()
    return tuple(
        theme for theme in heard.themes if not rule.themes or theme in rule.themes
    )
