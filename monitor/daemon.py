"""`monitor run`: pass after pass until a signal, whatever a pass runs into.

Does not do any work of its own. A pass that fails as a whole (a full disk, a locked
database) is logged and tried again later; nothing that it had stored is lost.
"""

import asyncio
import signal
from collections.abc import Coroutine
from datetime import timedelta

import structlog

from monitor.errors import MonitorError
from monitor.pipeline import Pipeline
from monitor.stages.report import Report

BREAK = timedelta(seconds=30)
"""Between looks at what is due; feeds have their own intervals of an hour or so."""

LONGEST_BREAK = timedelta(minutes=10)
"""After passes that failed as a whole the break doubles up to this."""

GRACE = timedelta(seconds=8)
"""What a pass that is dropped may take to finish the message that it is sending."""

log = structlog.get_logger()


async def run_forever(
    pipeline: Pipeline,
    *,
    stop: asyncio.Event | None = None,
    pause: timedelta = BREAK,
) -> None:
    """Run passes until SIGTERM or SIGINT, or until `stop` is set."""
    stop = stop or asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    failures = 0
    while not stop.is_set():
        try:
            report = await _until(stop, pipeline.run())
        except MonitorError as error:
            failures += 1
            log.error("pass failed", error=str(error), again=failures)  # noqa: TRY400
        else:
            failures = 0
            if report is not None:
                log_report(report)
        await _sleep(stop, min(pause * 2**failures, LONGEST_BREAK))


async def _until(
    stop: asyncio.Event, work: Coroutine[object, object, Report]
) -> Report | None:
    """The pass's report, or None if a signal came first; the pass is then dropped.

    Every result is stored in one transaction with "done", so a pass may be dropped
    at any point.
    """
    task = asyncio.ensure_future(work)
    waiting = asyncio.ensure_future(stop.wait())
    await asyncio.wait({task, waiting}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=GRACE.total_seconds())
        return None
    return task.result()


async def _sleep(stop: asyncio.Event, pause: timedelta) -> None:
    try:
        await asyncio.wait_for(stop.wait(), timeout=pause.total_seconds())
    except TimeoutError:
        return


def log_report(report: Report) -> None:
    """One event for a pass that did something, one for each thing that failed."""
    for title, error in report.failed_feeds:
        log.warning("feed failed", feed=title, error=error)
    for url, error in report.quarantined:
        log.error("document put aside", url=url, error=error)
    for recipient, error in report.undelivered:
        log.warning("message not taken", recipient=recipient, error=error)
    for warning in report.warnings:
        log.warning("degraded", reason=warning)
    if report.polled or report.documents or report.analysed or report.sent:
        log.info(
            "pass",
            polled=report.polled,
            unchanged=report.unchanged,
            entries=report.entries,
            documents=report.documents,
            analysed=report.analysed,
            mentions=report.mentions,
            alerts=len(report.alerts),
            sent=report.sent,
        )
