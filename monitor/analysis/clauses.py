"""The clauses of a sentence, and whether what they say is there or is to come.

The tense of a place is `operating`, `planned`, or not said: by the words of its clause,
and where those do not say by the nearest before it in the sentence; in Korean, whose
verbs come last, also by those behind it. Words, no grammar: a plan that was given up is
still a plan here.
"""

import re
from bisect import bisect_left, bisect_right

PLANNED, OPERATING = "planned", "operating"
_BESIDE = 3
"""Characters that open or close an aside: a dash and its spaces."""

_PLANNED = re.compile(
    r"\b(?:will|would|could|may|might|plan(?:s|ned|ning)?|propos(?:es?|ed|als?|ing)|"
    r"intend(?:s|ed|ing)?|aim(?:s|ed|ing)?|expect(?:s|ed)?|seek(?:s|ing)?|"
    r"hop(?:es|ing)|under (?:construction|development)|in development|pipeline|"
    r"by (?:the end of |early |late |mid-)?20[2-9]\d|(?:this|next) decade|future|"
    r"set to|slated|scheduled|eventual(?:ly)?|commit(?:s|ted|ment)?|pledg(?:es?|ed|ing)|"
    r"agree[ds]? to|potential(?:ly)?|target(?:s|ed|ing)?|forecast(?:s|ed)?|"
    r"to (?:build|develop|construct|add|supply|deliver|buy|invest|deploy|spend|reach|"
    r"expand|bring|provide|install|purchase|acquire|raise|secure|house|host|power|open|"
    r"double|triple))\b"
    r"|계획|예정|추진|목표|방침|검토|구상|전망|하기로|키로 |향후|앞으로|내년|내후년|"
    r"20[2-9]\d년(?:까지|에는|부터)|"
    r"(?:할|될|울|릴|칠|낼|갈|설|들일|지을|늘릴) (?:것|수|예정)|"
    r"(?:짓는|늘린|구축한|건설한|들어선|조성한|투자한|공급한|확보한|도입한|투입한|확대한|"
    r"세운|설치한)다"
)
_OPERATING = re.compile(
    r"\b(?:operat(?:es?|ing|ed|ional)(?! (?:income|profit|loss|expens|cost|margin|cash|"
    r"result))|in (?:operation|service)|online|currently|already|existing|today|now|"
    r"running|runs|installed|deployed|completed|energi[sz]ed|generat(?:es|ing)|houses|"
    r"hosts|to date|so far|has (?:built|added|spent|invested|raised|secured))\b"
    r"|운영\s?중|가동\s?중|(?:운영|가동)(?:하고|한다|해 온)|보유|현재|이미|기존|"
    r"(?:구축|설치|도입|확보|투입|준공|완공|가동|투자)(?:했|됐|하였|되었|한 바)|"
    r"상업\s?운전|사용하고|쓰고 있"
)
_CUT = re.compile(
    r"[,;:—–]\s|\s(?:and|but|while|whereas|which)\s|"
    r"(?:고|며|지만|는데|으나|면서)\s"
)
_HANGUL = re.compile("[가-힣]")
# What is said of a name between two commas or dashes; its sentence goes on after it.
_ASIDE = re.compile(
    r"(?:\b[A-Z][\w&.’'-]{0,40}|[가-힣]|\))(?:,\s(?=(?:the|an?|its?|one of|part of|now|"
    r"formerly|once|previously|also|known as|owned by|backed by|led by|based in|"
    r"headquartered in|along with|together with|whose|which|who)\b)"
    r"(?P<comma>[^,;:—–]{1,100}),\s(?!(?:and|but|while|whereas|which)\b)|"
    r"\s[—–]\s(?P<dash>[^;:—–]{1,100})\s[—–]\s)"
)
# `Facebook, now Meta,` and `두산중공업(현재 두산에너빌리티)` say what a name is today.
_RENAMED = re.compile(
    r"(?:,\s|\()(?:now|today|currently)\s(?:(?:called|named|known as|part of|owned by|"
    r"an? (?:unit|part|subsidiary) of)\s)?[A-Z][\w&.’'-]{0,40}(?:\s(?:of|and|the|&|"
    r"[A-Z][\w&.’'-]{0,40})){0,6}(?:[,)]|$)|"
    r"\((?:현재|지금)의?\s?[^()]{1,30}\)"
)


class Clauses:
    """The clauses of one sentence; made once, asked for each of its amounts."""

    def __init__(self, sentence: str) -> None:
        found = [(m.start(), PLANNED) for m in _PLANNED.finditer(sentence)]
        told = _RENAMED.sub(lambda name: " " * len(name[0]), sentence)
        found += [(m.start(), OPERATING) for m in _OPERATING.finditer(told)]
        self._cues = sorted(found)
        self._starts = [start for start, _ in self._cues]
        self._cuts = [m.end() for m in _CUT.finditer(sentence)]
        asides = [m.span(m.lastgroup or 0) for m in _ASIDE.finditer(sentence)]
        self._aside_starts = [start for start, _ in asides]
        self._aside_ends = [end for _, end in asides]
        self._main_cuts = [cut for cut in self._cuts if not self._by_aside(cut)]
        self._end = len(sentence)
        self._verbs_come_last = bool(_HANGUL.search(sentence))

    def between(self, first: int, last: int) -> int:
        """How many clauses begin after `first`, up to `last`; asides are none."""
        cuts = self._main_cuts
        return bisect_right(cuts, last) - bisect_right(cuts, first)

    def aside_at(self, position: int) -> tuple[int, int] | None:
        """Start and end of the aside around `position`, if there is one."""
        number = bisect_right(self._aside_starts, position) - 1
        if number < 0 or position >= self._aside_ends[number]:
            return None
        return self._aside_starts[number], self._aside_ends[number]

    def aside_after(self, position: int) -> tuple[int, int] | None:
        """The aside that is said of what ends at `position`."""
        number = bisect_left(self._aside_starts, position)
        if number == len(self._aside_starts):
            return None
        start, end = self._aside_starts[number], self._aside_ends[number]
        return (start, end) if start - position <= _BESIDE else None

    def _by_aside(self, cut: int) -> bool:
        """Whether a cut opens, divides or closes an aside."""
        number = bisect_right(self._aside_starts, cut) - 1
        return number >= 0 and cut <= self._aside_ends[number] + _BESIDE

    def tense_at(self, position: int) -> str:
        """`planned`, `operating` or empty."""
        clause = bisect_right(self._cuts, position)
        start = self._cuts[clause - 1] if clause else 0
        end = self._cuts[clause] if clause < len(self._cuts) else self._end
        own = self._cues[
            bisect_left(self._starts, start) : bisect_left(self._starts, end)
        ]
        return _stronger({tense for _, tense in own}) or self._beside(position)

    def _beside(self, position: int) -> str:
        place = bisect_right(self._starts, position)
        if place:
            return self._cues[place - 1][1]
        return self._cues[0][1] if self._cues and self._verbs_come_last else ""


def _stronger(tenses: set[str]) -> str:
    """A plan, where both are said: `will come online` is none yet."""
    return PLANNED if PLANNED in tenses else OPERATING if tenses else ""
