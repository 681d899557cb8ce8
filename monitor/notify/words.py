"""How the monitor speaks in mail: English and Korean wording, dates and numbers.

Wording only: does not know what a digest looks like. English phrases give the form
for one and for many as `one|many`; Korean has one form.
"""

from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

PHRASES: dict[str, tuple[str, str]] = {
    # masthead and subject
    "brand": ("Compute Monitor", "컴퓨트 모니터"),
    "daily": ("Daily digest", "데일리 브리핑"),
    "weekly": ("Weekly digest", "위클리 브리핑"),
    "nothing_new": ("nothing new", "새 소식 없음"),
    "alert": ("Alert", "알림"),
    "critical": ("Critical alert", "긴급 알림"),
    "alert_count": ("{n} alert|{n} alerts", "알림 {n}건"),
    "trial": ("Test message", "테스트 메시지"),
    "trial_text": (
        "This channel works: alerts and digests will arrive here.",
        "채널이 연결되었습니다. 알림과 브리핑을 이곳으로 보내 드립니다.",
    ),
    "feed_title": ("Compute Monitor: alerts", "컴퓨트 모니터 알림"),
    # counts
    "reports": ("{n:,} report|{n:,} reports", "보도·공시 {n:,}건"),
    "sources": ("{n:,} source|{n:,} sources", "출처 {n:,}곳"),
    "read": ("{n:,} document read|{n:,} documents read", "문서 {n:,}건 분석"),
    "in_news": (
        "{n:,} company in the news|{n:,} companies in the news",
        "관심 기업 {n:,}곳 소식",
    ),
    "more": ("Also in the news", "그 밖에 소식이 있는 기업"),
    "and_more": ("and {n} more", "외 {n}건"),
    "others": ("and {n} more", "그 밖에 {n}건"),
    "other_feeds": ("and {n} more", "그 밖에 피드 {n}개"),
    "and_more_companies": ("and {n} more", "외 {n}곳"),
    "labels": (
        "{n} mention: {rest}|{n} mentions: {rest}",
        "언급 {n}회: {rest}",
    ),
    "negative": ("{n} negative", "부정 {n}"),
    "neutral": ("{n} neutral", "중립 {n}"),
    "positive": ("{n} positive", "긍정 {n}"),
    # headings
    "moved": ("What changed most", "변화가 컸던 기업"),
    "glance": ("At a glance", "한눈에 보기"),
    "companies": ("Company by company", "기업별 소식"),
    "themes": ("Themes", "테마"),
    "alerts": ("Alerts", "발생한 알림"),
    "amounts": ("Figures in the news", "보도에 나온 규모와 금액"),
    "filings": ("Filings", "공시"),
    "names": ("New names", "새로 등장한 이름"),
    "ill_feeds": ("Feeds that are failing", "수집에 실패한 피드"),
    "evidence": ("Evidence", "근거"),
    "why": ("Why you get this", "알림을 보낸 이유"),
    # columns and labels
    "company": ("Company", "기업"),
    "score": ("Score", "점수"),
    "change_daily": ("vs. day before", "전일 대비"),
    "change_weekly": ("vs. week before", "전주 대비"),
    "days": ("Last {n} days", "최근 {n}일"),
    "items": ("item {items}", "항목 {items}"),
    "beside": ("with {companies}", "함께 언급: {companies}"),
    "missed": (
        "Also covers the time missed while the monitor was not running ({n} more).",
        "모니터가 멈춰 있던 동안 보내지 못한 {n}회분도 함께 담았습니다.",
    ),
    "new": ("new", "신규"),
    "unscored": ("not scored", "점수 없음"),
    "none": ("–", "–"),
    "rule": ("Rule", "규칙"),
    "window": ("Window", "집계 기간"),
    "threshold": ("Fires at", "알림 조건"),
    "alerts_per_day": ("Alerts per day: {rule}", "하루 알림 수: {rule}"),
    "in_days": ("{count} in {n} day|{count} in {n} days", "{n}일 동안 {count}"),
    "found": ("Found", "확인된 내용"),
    # sentences
    "quiet": (
        "Nothing new about your companies in this period.",
        "이 기간에는 관심 기업에 관한 새로운 소식이 없었습니다.",
    ),
    "scale": (
        "Scores run from −1 (bad news for the company) to +1 (good news).",
        "점수는 −1(기업에 불리한 소식)부터 +1(유리한 소식)까지입니다.",
    ),
    "chart": (
        "Each bar is a day: up is good news, down is bad; grey is how many reports.",
        (
            "막대 하나가 하루입니다. 위쪽은 유리한 소식, 아래쪽은 불리한 소식이고, 회색은 "
            "보도·공시 건수입니다."
        ),
    ),
    "model": (
        "A model computes them and can be wrong: follow the link before you act.",
        "모델이 매긴 점수라 틀릴 수 있으니, 판단에 앞서 원문을 확인해 주세요.",
    ),
    "why_digest": (
        "You get this because digest “{id}” in feeds.yaml names your address.",
        "feeds.yaml의 ‘{id}’ 브리핑에 수신자로 등록되어 있어 보내 드리는 메일입니다.",
    ),
    "why_alerts": (
        "You get this because alert rules in feeds.yaml fired: {ids}.",
        "feeds.yaml의 알림 규칙({ids}) 조건이 충족되어 보내 드리는 메일입니다.",
    ),
    "why_alert": (
        "You get this because alert rule “{id}” in feeds.yaml fired.",
        "feeds.yaml의 알림 규칙 ‘{id}’ 조건이 충족되어 보내 드리는 메일입니다.",
    ),
    "cooldown": (
        "This rule stays silent on this subject for {cooldown}.",
        "이 규칙은 같은 대상에 대해 {cooldown} 동안 다시 알리지 않습니다.",
    ),
    "fired": (
        "{count} from {sources} in {window}.",
        "최근 {window} 동안 {sources}에서 {count}이 나왔습니다.",
    ),
    "fired_score": (
        "{count} from {sources} in {window}, mean score {score}.",
        "최근 {window} 동안 {sources}에서 {count}이 나왔고, 평균 점수는 {score}입니다.",
    ),
    "at_least": (
        "{count} from {sources} or more",
        "{count} 이상, {sources} 이상",
    ),
    "below": ("mean score below {bound}", "평균 점수 {bound} 미만"),
    "above": ("mean score above {bound}", "평균 점수 {bound} 초과"),
    "or": ("{a} or {b}", "{a} 또는 {b}"),
    # durations
    "minutes": ("{n:g} minute|{n:g} minutes", "{n:g}분"),
    "hours": ("{n:g} hour|{n:g} hours", "{n:g}시간"),
    "whole_days": ("{n:g} day|{n:g} days", "{n:g}일"),
    # roles of companies
    "role_ai_cloud": ("AI cloud", "AI 클라우드"),
    "role_ai_lab": ("AI lab", "AI 연구·개발"),
    "role_chips": ("Chips", "반도체"),
    "role_cooling": ("Cooling", "냉각"),
    "role_data_center": ("Data centres", "데이터센터"),
    "role_grid_equipment": ("Grid equipment", "전력 기기"),
    "role_hyperscaler": ("Hyperscaler", "하이퍼스케일러"),
    "role_investor": ("Investor", "투자사"),
    "role_networking": ("Networking", "네트워크 장비"),
    "role_power": ("Power", "발전·전력"),
    "role_servers": ("Servers", "서버"),
}

EN_CURRENCIES = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}
EN_SIZES = ((1e12, " trillion"), (1e9, " billion"), (1e6, " million"))
KO_CURRENCIES = {
    "KRW": "원",
    "USD": "달러",
    "EUR": "유로",
    "GBP": "파운드",
    "JPY": "엔",
    "CNY": "위안",
}
KO_SIZES = ((10**12, "조"), (10**8, "억"), (10**4, "만"))

EN_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
EN_MONTHS = (
    *("Jan", "Feb", "Mar", "Apr", "May", "Jun"),
    *("Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
)
KO_DAYS = ("월", "화", "수", "목", "금", "토", "일")


class Words:
    """The wording of one language."""

    def __init__(self, language: Literal["en", "ko"]) -> None:
        self.language = language
        self._column = 1 if language == "ko" else 0

    def __call__(self, key: str, **values: object) -> str:
        """The phrase, filled in; `n` chooses between its English forms."""
        one, _, many = PHRASES[key][self._column].partition("|")
        return (many if many and values.get("n") != 1 else one).format(**values)

    def role(self, role: str) -> str:
        """The role's name; a role that is not ours is shown as it was written."""
        key = f"role_{role}"
        return self(key) if key in PHRASES else role.replace("_", " ")

    def day(self, moment: datetime, zone: ZoneInfo, *, year: bool = False) -> str:
        local = moment.astimezone(zone)
        if self.language == "ko":
            name = f"{local.month}월 {local.day}일({KO_DAYS[local.weekday()]})"
            return f"{local.year}년 {name}" if year else name
        name = f"{EN_DAYS[local.weekday()]} {local.day} {EN_MONTHS[local.month - 1]}"
        return f"{name} {local.year}" if year else name

    def time(self, moment: datetime, zone: ZoneInfo) -> str:
        """Day and time of day, without the zone."""
        return f"{self.day(moment, zone)} {moment.astimezone(zone):%H:%M}"

    def period(self, start: datetime, end: datetime, zone: ZoneInfo) -> str:
        name = end.astimezone(zone).tzname() or zone.key
        name = f"UTC{name}" if name.startswith(("+", "-")) else name
        to = "~" if self.language == "ko" else "–"
        return f"{self.time(start, zone)} {to} {self.time(end, zone)} {name}"

    def duration(self, length: timedelta) -> str:
        hour, day = timedelta(hours=1), timedelta(days=1)
        if length % hour:
            return self("minutes", n=length / timedelta(minutes=1))
        if length <= 2 * day or length % day:
            return self("hours", n=length / hour)
        return self("whole_days", n=length / day)


def measured(value: float, unit: str, language: Literal["en", "ko"]) -> str:
    """An amount as people write it: `2,200 MW`, `$1.2 billion`, `4조2000억원`.

    `unit` is `MW`, `MWh` or a currency's code.
    """
    if unit.startswith("MW"):
        return f"{round(value, 3):,}".removesuffix(".0") + f" {unit}"
    if language == "ko":
        return _in_myriads(round(value)) + KO_CURRENCIES.get(unit, f" {unit}")
    size, name = next((it for it in EN_SIZES if value >= it[0]), (1.0, ""))
    sign = EN_CURRENCIES.get(unit, f"{unit} ")
    return f"{sign}{round(value / size, 2):,}".removesuffix(".0") + name


def _in_myriads(value: int) -> str:
    """`4조2000억`, `350만`, `1200`: the two largest parts."""
    parts, left = [], value
    for size, name in KO_SIZES:
        if left >= size:
            parts.append(f"{left // size}{name}")
            left %= size
    return "".join(parts[:2]) or str(left)


def signed(score: float | None) -> str:
    """`+0.42`, `−0.17`, `0.00`; a dash where there is no score."""
    if score is None:
        return "–"
    text = f"{abs(score):.2f}"
    return text if text == "0.00" else ("−" if score < 0 else "+") + text
