"""Mails as a browser shows them: both languages, light and dark, phone and desktop."""

from typing import Literal
from zoneinfo import ZoneInfo

import pytest

from monitor.notify import render
from monitor.notify.view import names
from tests.browser import PHONE_AND_DESKTOP, Window, look
from tests.evidence import COMPANIES, RULE, THEMES, alert, sample

LANGUAGES: tuple[Literal["en", "ko"], ...] = ("en", "ko")
MAILS = ("digest", "alert", "alerts")
GROUND = {"light": "rgb(238, 240, 242)", "dark": "rgb(18, 22, 27)"}


def mail(kind: str, language: Literal["en", "ko"]) -> str:
    """The HTML of a mail of a kind, its pictures inside."""
    called = names(COMPANIES, THEMES, language)
    seoul = ZoneInfo("Asia/Seoul")
    if kind == "digest":
        return render.page(render.digest(sample(language), called))
    if kind == "alert":
        one = render.alert(alert(), RULE, called, language=language, timezone=seoul)
        return render.page(one)
    several = [(alert(), RULE), (alert(subject="microsoft"), RULE)]
    both = render.alerts(several, called, language=language, timezone=seoul)
    return render.page(both)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", MAILS)
def test_mail_fits_and_can_be_read(kind, language):
    views = look(mail(kind, language), PHONE_AND_DESKTOP)

    for window, seen in zip(PHONE_AND_DESKTOP, views, strict=True):
        assert seen.width <= window.width
        assert seen.height > 300
        assert not seen.broken
        assert not seen.faint
        assert seen.ground == GROUND[window.mode]


def test_what_does_not_fit_load_or_read_is_seen():
    page = """<body style="background: #fff"><p style="width: 700px">Wide</p>
<img src="data:image/png;base64,AAAA" alt="Gone"><p style="color: #aaa">Pale</p>"""

    (seen,) = look(page, [Window(400)])

    assert seen.width > 400
    assert seen.broken == ["Gone"]
    assert seen.faint == ["2.3 Pale"]
