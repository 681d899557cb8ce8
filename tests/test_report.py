"""What `monitor run --once` prints of a pass."""

from datetime import UTC, datetime

import pytest

from monitor.cli.work import print_report
from monitor.stages.report import Report

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def test_what_went_wrong_is_said_where_nothing_was_due(capsys):
    print_report(Report(next_poll=NOON, warnings=["the analyst cannot start"]))

    shown = capsys.readouterr()
    assert shown.out == "nothing is due; the next feed is at 12:00 UTC\n"
    assert shown.err == "warning: the analyst cannot start\n"


@pytest.mark.parametrize("did", [{"documents": 1}, {"postponed": 1}, {"sent": 1}])
def test_a_pass_that_polled_nothing_shows_what_it_did(capsys, did):
    print_report(Report(next_poll=NOON, **did))

    shown = capsys.readouterr().out
    assert "1" in shown
    assert "nothing is due" not in shown
