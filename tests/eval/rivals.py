"""What one would use instead of our model, behind the same `score`.

Word lists and TF-IDF judge a whole text and see no target. Not responsible for what is
measured with them; a Hugging Face classifier is `monitor.analysis.classifier`'s.
"""

import json
import re
from collections.abc import Iterable, Sequence
from operator import itemgetter
from pathlib import Path
from typing import Any, cast

from models.recipe.examples import Example, korfin_examples, sentfin_examples
from models.recipe.split import TRAIN
from monitor.analysis.sentiment import Item
from monitor.types import Label, Sentiment


class Vader:
    """VADER's compound score, cut at ±0.05 as its authors do."""

    name = "VADER"
    languages = frozenset({"en"})

    def __init__(self) -> None:
        from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

        self._analyzer: Any = SentimentIntensityAnalyzer()

    def score(self, items: Sequence[Item]) -> list[Sentiment]:
        return [
            signed(self._analyzer.polarity_scores(text)["compound"], least=0.05)
            for text, _, _ in items
        ]


class LoughranMcDonald:
    """Positive less negative words over their sum; more of one sort is the sign.

    A positive word within three words after no, not, none, neither, never or nobody
    does not count, as Loughran and McDonald (2011) do it.
    """

    name = "Loughran-McDonald"
    languages = frozenset({"en"})

    _NEGATIONS = frozenset("NO NOT NONE NEITHER NEVER NOBODY".split())
    _REACH = 3

    def __init__(self, folder: Path) -> None:
        self._positive = _words(folder / "positive.txt")
        self._negative = _words(folder / "negative.txt")

    def score(self, items: Sequence[Item]) -> list[Sentiment]:
        return [signed(self.polarity(text)) for text, _, _ in items]

    def polarity(self, text: str) -> float:
        """From -1 to 1; 0 without a word of the lists."""
        words = re.findall(r"[A-Z]+", text.upper())
        bad = sum(word in self._negative for word in words)
        good = sum(
            word in self._positive
            and self._NEGATIONS.isdisjoint(words[max(0, i - self._REACH) : i])
            for i, word in enumerate(words)
        )
        return (good - bad) / (good + bad) if good + bad else 0.0


class Knu:
    """Polarities (-2 to 2) of the lexicon's words, summed, over the sum of their sizes.

    A word counts where it begins one of the text's, since particles and endings follow
    it; the longest that fits is taken, and entries of one character are left out.
    """

    name = "KNU"
    languages = frozenset({"ko"})

    def __init__(self, path: Path) -> None:
        with path.open(encoding="utf-8") as lines:
            rows = [json.loads(line) for line in lines]
        self._polarity = {
            row["word"]: int(row["polarity"]) for row in rows if len(row["word"]) > 1
        }
        self._longest = max(map(len, self._polarity))

    def score(self, items: Sequence[Item]) -> list[Sentiment]:
        return [signed(self.polarity(text)) for text, _, _ in items]

    def polarity(self, text: str) -> float:
        """From -1 to 1; 0 without a word of the lexicon."""
        found = list(self._found(text))
        size = sum(map(abs, found))
        return sum(found) / size if size else 0.0

    def _found(self, text: str) -> Iterable[int]:
        after = 0
        for start in (m.start() for m in re.finditer(r"\S+", text)):
            if start < after:
                continue
            for end in range(min(len(text), start + self._longest), start + 1, -1):
                if (polarity := self._polarity.get(text[start:end])) is not None:
                    yield polarity
                    after = end
                    break


class TfIdf:
    """TF-IDF of words, pairs of words and 2 to 4 characters, and logistic regression.

    C = 4 of 1, 4 and 16, and the characters, did best on the part that the model's
    temperature is fitted on.
    """

    name = "TF-IDF + LR"
    languages = frozenset({"en", "ko"})

    def __init__(self, examples: Sequence[Example]) -> None:
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline, make_union

        words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
        characters = TfidfVectorizer(
            analyzer="char_wb", ngram_range=(2, 4), sublinear_tf=True, min_df=2
        )
        self._pipeline: Any = make_pipeline(
            make_union(words, characters), LogisticRegression(C=4, max_iter=300)
        )
        self._pipeline.fit([e.text for e in examples], [e.label for e in examples])

    def score(self, items: Sequence[Item]) -> list[Sentiment]:
        rows = self._pipeline.predict_proba([text for text, _, _ in items]).tolist()
        order = cast("list[Label]", self._pipeline.classes_.tolist())
        return [_sentiment(dict(zip(order, row, strict=True))) for row in rows]


Rival = Vader | LoughranMcDonald | Knu | TfIdf


def rivals(shared: Path) -> list[Rival]:
    """Each that can be had without network, the last trained as our model was."""
    data = shared / "data"
    return [
        Vader(),
        LoughranMcDonald(data / "lexicon_loughran_mcdonald"),
        Knu(data / "lexicon_knu_korean" / "SentiWord_info.jsonl"),
        TfIdf(training_examples(data)),
    ]


def training_examples(data: Path) -> list[Example]:
    """What our model may train on of SEntFiN and KorFin: never the held-out fifths."""
    every = [
        *sentfin_examples(data / "sentfin" / "sentfin.jsonl"),
        *korfin_examples(
            data / "korfin_sentences" / "korfin_sentences.jsonl",
            data / "companies_krx" / "krx_listed_desc.csv",
        ),
    ]
    return [example for example in every if example.part == TRAIN]


def signed(score: float, least: float = 0.0) -> Sentiment:
    """A score from -1 to 1 -> its sign, positive above `least` and not at 0."""
    if score > 0 and score >= least:
        label: Label = "positive"
    elif score < 0 and score <= -least:
        label = "negative"
    else:
        label = "neutral"
    return Sentiment(
        label=label,
        negative=float(label == "negative"),
        neutral=float(label == "neutral"),
        positive=float(label == "positive"),
        score=score,
    )


def _sentiment(by_label: dict[Label, float]) -> Sentiment:
    return Sentiment(
        label=max(by_label.items(), key=itemgetter(1))[0],
        negative=by_label["negative"],
        neutral=by_label["neutral"],
        positive=by_label["positive"],
        score=by_label["positive"] - by_label["negative"],
    )


def _words(path: Path) -> frozenset[str]:
    return frozenset(path.read_text("utf-8").split())
