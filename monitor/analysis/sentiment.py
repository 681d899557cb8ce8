"""Sentiment toward a target in a text, in English and Korean, from the shipped model.

Not responsible for finding targets, nor for which part of a document is given: the
sentence of a mention is what the model was trained on.
"""

from collections.abc import Mapping, Sequence
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from monitor.analysis.encoder import Encoder, Tokens, shipped
from monitor.types import Label, Sentiment

if TYPE_CHECKING:
    from tokenizers import Encoding

Item = tuple[str, int | None, int | None]
"""A text and the characters of the target in it; None, None for the whole text."""

_FRAME = 2  # start and end token
# No piece is longer, so this many characters on each side fill any window.
_REACH_PER_TOKEN = 16
_LONGEST_REACH = 4_096


class SentimentScorer(Protocol):
    """Anything that scores targets: the shipped model, or a configured classifier."""

    @property
    def name(self) -> str:
        """Name and version, as stored with each result."""
        ...

    def score(self, items: Sequence[Item]) -> list[Sentiment]:
        """One Sentiment per item, in their order."""
        ...


class SentimentModel:
    """The shipped model behind `score`; loads on construction (ModelError).

    A text longer than the model's window is cut to the window around the target; a
    whole text is the mean of its windows, weighted by length. A text or target without
    any token gets a Sentiment of None, and none is said either where negative or positive
    is likeliest but less likely than the manifest's `abstain_below`. Since int8 scales are taken per batch, a
    probability may differ in the second digit with the company it is scored in.
    """

    def __init__(
        self,
        folder: Path | None = None,
        *,
        threads: int | None = None,
        batch_size: int = 32,
    ) -> None:
        self._encoder = (
            Encoder(folder, threads=threads, batch_size=batch_size)
            if folder
            else shipped()
        )
        manifest = self._encoder.manifest
        self.name = f"{manifest.name} {manifest.version}"
        self._room = manifest.max_tokens - _FRAME

    def score(self, items: Sequence[Item]) -> list[Sentiment]:
        """One Sentiment per item, in order; ValueError for a span outside its text."""
        near = [self._near(*item) for item in items]
        encodings = self._encoder.tokenise([text for text, _, _ in near])
        windows: list[Tokens] = []
        owners: list[int] = []
        for i, (encoding, (text, start, end)) in enumerate(
            zip(encodings, near, strict=True)
        ):
            # The tokenizer makes a token of mere space too.
            if not text[start:end].strip():
                continue
            for window in self._windows(encoding, start, end):
                windows.append(window)
                owners.append(i)
        return self._merge(windows, owners, len(items))

    def _near(self, text: str, start: int | None, end: int | None) -> Item:
        """The part of a long text that can matter, with the target's place in it."""
        if start is None or end is None:
            return text, None, None
        if not 0 <= start <= end <= len(text):
            raise ValueError(f"target {start}:{end} outside a text of {len(text)}")
        reach = min(self._room * _REACH_PER_TOKEN, _LONGEST_REACH)
        first = max(0, start - reach)
        return text[first : end + reach], start - first, end - first

    def _windows(
        self, encoding: "Encoding", start: int | None, end: int | None
    ) -> list[Tokens]:
        ids = encoding.ids
        if start is None or end is None:
            starts = range(0, len(ids), self._room)
            return [self._encoder.framed(ids[at : at + self._room]) for at in starts]
        target = covered(encoding.offsets, start, end)[: self._room]
        if not target:
            return []
        first = window_start(len(ids), target[0], target[-1], self._room)
        chosen = ids[first : first + self._room]
        return [self._encoder.framed(chosen, [t - first for t in target])]

    def _merge(
        self, windows: list[Tokens], owners: list[int], count: int
    ) -> list[Sentiment]:
        probabilities = self._encoder.probabilities(windows)
        labels = self._encoder.manifest.labels
        totals = [[0.0] * len(labels) for _ in range(count)]
        lengths = [0] * count
        for owner, window, row in zip(owners, windows, probabilities, strict=True):
            length = len(window.ids)
            lengths[owner] += length
            for i, value in enumerate(row.tolist()):
                totals[owner][i] += value * length
        return [
            sentiment_of(
                dict(zip(labels, total, strict=True)),
                length,
                self.name,
                abstain_below=self._encoder.manifest.abstain_below,
            )
            for total, length in zip(totals, lengths, strict=True)
        ]


def sentiment_of(
    totals: Mapping[Label, float],
    weight: float,
    model: str,
    *,
    abstain_below: float = 0.0,
) -> Sentiment:
    """Weighted sums of probabilities by label -> Sentiment; all None for no weight.

    Where the likeliest label is not neutral and below `abstain_below`, label and score
    are None and the probabilities say why.
    """
    if not weight:
        return Sentiment(
            label=None,
            negative=None,
            neutral=None,
            positive=None,
            score=None,
            model=model,
        )
    by_label: dict[Label, float] = {
        "negative": totals["negative"] / weight,
        "neutral": totals["neutral"] / weight,
        "positive": totals["positive"] / weight,
    }
    label, confidence = max(by_label.items(), key=itemgetter(1))
    unsure = label != "neutral" and confidence < abstain_below
    return Sentiment(
        label=None if unsure else label,
        **by_label,
        score=None if unsure else by_label["positive"] - by_label["negative"],
        model=model,
    )


def covered(offsets: Sequence[tuple[int, int]], start: int, end: int) -> list[int]:
    """Positions of the tokens that share a character with `start:end`."""
    return [i for i, (a, b) in enumerate(offsets) if a < end and b > start]


def window_start(tokens: int, first: int, last: int, room: int) -> int:
    """Where a window of `room` tokens begins that has `first..last` in its middle."""
    centred = (first + last + 1 - room) // 2
    return max(0, min(centred, tokens - room))
