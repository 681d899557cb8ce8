"""What a run did, and how a run tells that it is still at work."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from monitor.types import Alert

Progress = Callable[[str, int, int], None]
"""Called with the stage's name, how many are done, and how many there are."""


def silent(_stage: str, _done: int, _total: int) -> None:
    """Show no progress."""


@dataclass(slots=True, kw_only=True)
class Report:
    """Counters of one run; every place where something can be left out is one."""

    polled: int = 0
    unchanged: int = 0
    """Feeds that answered 304."""
    failed_feeds: list[tuple[str, str]] = field(default_factory=list)
    """Title and error."""
    entries: int = 0
    """New ones."""
    skipped: int = 0
    """Filings of companies that nobody watches, or of forms that are not read."""
    gaps: int = 0
    """Lists of filings that may have held more than was read."""
    documents: int = 0
    """New texts."""
    copies: int = 0
    """Entries whose text was stored already."""
    postponed: int = 0
    """Entries whose page or filing could not be fetched now."""
    analysed: int = 0
    mentions: int = 0
    unscored: int = 0
    """Mentions for which there was no sentiment."""
    quarantined: list[tuple[str, str]] = field(default_factory=list)
    """URL and error of documents that were put aside."""
    alerts: list[Alert] = field(default_factory=list)
    sent: int = 0
    messages: list[tuple[str, str, str]] = field(default_factory=list)
    """Channel, recipient and title of what was sent."""
    undelivered: list[tuple[str, str]] = field(default_factory=list)
    """Recipient and error of messages that were not taken."""
    warnings: list[str] = field(default_factory=list)
    next_poll: datetime | None = None
    """When a feed is due next; None if none is watched."""
    seconds: dict[str, float] = field(default_factory=dict)
    """Per stage."""
