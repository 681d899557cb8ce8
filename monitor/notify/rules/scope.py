"""Which mentions a rule looks at: its restrictions, one by one.

Does not count anything.
"""

from collections.abc import Callable, Mapping

from monitor.types import AlertRule, Heard, HeardMention

LAST_TIER = 3


Check = Callable[[Heard, HeardMention], bool]


def restrictions(rule: AlertRule, roles: Mapping[str, str]) -> dict[str, Check]:
    """The restrictions that a rule sets, by their names in feeds.yaml.

    `roles` are the roles of companies, by id.
    """
    themes = set(rule.themes)
    checks: dict[str, tuple[bool, Check]] = {
        "companies": (
            bool(rule.companies),
            lambda _, item: item.company in rule.companies,
        ),
        "roles": (
            bool(rule.roles),
            lambda _, item: roles.get(item.company, "") in rule.roles,
        ),
        "themes": (bool(themes), lambda heard, _: not themes.isdisjoint(heard.themes)),
        "languages": (
            bool(rule.languages),
            lambda heard, _: heard.language in rule.languages,
        ),
        "kinds": (
            bool(rule.kinds),
            lambda heard, _: source_kind(heard) in rule.kinds,
        ),
        "max_tier": (
            rule.max_tier < LAST_TIER,
            lambda heard, _: heard.tier <= rule.max_tier,
        ),
        "min_relevance": (
            rule.min_relevance > 0,
            lambda _, item: item.relevance >= rule.min_relevance,
        ),
        "min_novelty": (
            rule.min_novelty > 0,
            lambda _, item: item.novelty >= rule.min_novelty,
        ),
    }
    return {name: check for name, (is_set, check) in checks.items() if is_set}


def excluded(
    checks: Mapping[str, Check], heard: Heard, item: HeardMention
) -> str | None:
    """The first restriction that a mention does not meet; None if it meets all."""
    return next((name for name, it in checks.items() if not it(heard, item)), None)


def source_kind(heard: Heard) -> str:
    """`news`, or `filing` for a filing and what is attached to it."""
    return "news" if heard.kind == "article" else "filing"


def subjects(rule: AlertRule, heard: Heard, item: HeardMention) -> tuple[str, ...]:
    """What the mention is about, in the eyes of the rule: companies or themes."""
    if rule.by == "company":
        return (item.company,) if item.company else ()
    return tuple(
        theme for theme in heard.themes if not rule.themes or theme in rule.themes
    )
