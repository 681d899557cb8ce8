"""Which pieces the shipped model keeps, and its tokenizer.

The base model has 250,002 pieces for a hundred languages; English and Korean text
uses about a fifth of them. Not responsible for the encoder's weights.
"""

import csv
import json
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from tokenizers import (
    Regex,
    Tokenizer,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
    processors,
)

Piece = tuple[str, float]

SPECIAL = ("<s>", "<pad>", "</s>", "<unk>")
MASK = "<mask>"
START_ID, PAD_ID, END_ID, UNKNOWN_ID = range(4)
BATCH = 2_000

# Single characters kept whatever the counts say, so that no English or Korean text
# falls to <unk>: Latin, punctuation and currency, jamo, syllables, full-width forms.
_KEPT_RANGES = (
    (0x0020, 0x024F),
    (0x2000, 0x206F),
    (0x20A0, 0x20CF),
    (0x2190, 0x22FF),
    (0x25A0, 0x26FF),
    (0x3000, 0x303F),
    (0x1100, 0x11FF),
    (0x3131, 0x318E),
    (0xAC00, 0xD7A3),
)


def tokenizer_of(pieces: list[Piece]) -> Tokenizer:
    """Unigram over `pieces`, whose order is the order of the embedding's rows.

    NFKC and single spaces stand in for the base model's own normaliser map: on
    English and Korean they give the same pieces. Offsets are characters of the
    text as given, before normalisation.
    """
    tokenizer = Tokenizer(models.Unigram(pieces, UNKNOWN_ID, byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFKC(), normalizers.Replace(Regex(r"\s+"), " ")]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    tokenizer.decoder = decoders.Metaspace(prepend_scheme="always")
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", START_ID), ("</s>", END_ID)]
    )
    # MASK is deliberately not special: text that holds "<mask>" is only text.
    tokenizer.add_special_tokens(list(SPECIAL))
    return tokenizer


def count_pieces(tokenizer: Tokenizer, texts: Iterable[str]) -> Counter[int]:
    """How often each piece occurs in `texts`."""
    counts: Counter[int] = Counter()
    batch: list[str] = []
    for text in texts:
        batch.append(text)
        if len(batch) == BATCH:
            _count_batch(tokenizer, batch, counts)
            batch.clear()
    _count_batch(tokenizer, batch, counts)
    return counts


def _count_batch(tokenizer: Tokenizer, batch: list[str], counts: Counter[int]) -> None:
    for encoding in tokenizer.encode_batch_fast(batch, add_special_tokens=False):
        counts.update(encoding.ids)


def keep(pieces: list[Piece], counts: Counter[int], limit: int) -> list[int]:
    """The ids to keep, ascending, never more than `limit`.

    Specials and needed characters, then the most used, then unused Hangul and plain
    ASCII pieces, the likelier first.
    """
    kept = set(range(len(SPECIAL))) | {len(pieces) - 1}
    kept |= {i for i, (text, _) in enumerate(pieces) if _is_needed(text)}
    used = sorted(counts, key=lambda piece: (-counts[piece], piece))
    for piece in [*used, *range(len(pieces))]:
        if len(kept) >= limit:
            break
        text = pieces[piece][0]
        if _is_readable(text) if counts[piece] else _is_ours(text):
            kept.add(piece)
    return sorted(kept)


def _is_needed(text: str) -> bool:
    bare = text.removeprefix("▁")
    return len(bare) <= 1 and all(
        any(low <= ord(c) <= high for low, high in _KEPT_RANGES) for c in bare
    )


def _is_readable(text: str) -> bool:
    """No letters of other scripts: they come from names in foreign captions."""
    return all(
        not c.isalpha()
        or unicodedata.name(c, "").startswith(("LATIN", "HANGUL", "CJK", "GREEK"))
        for c in text.removeprefix("▁")
    )


def _is_ours(text: str) -> bool:
    bare = text.removeprefix("▁")
    return bare.isascii() or any("가" <= c <= "힣" for c in bare)


def corpus_texts(shared: Path) -> Iterator[str]:
    """Every text of the data folder's tables; labels and ids come along, harmless."""
    for path in sorted((shared / "data").rglob("*")):
        if path.suffix in {".jsonl", ".csv", ".txt"}:
            yield from _file_texts(path)
    for path in sorted((shared / "corpus" / "articles").rglob("*")):
        if path.suffix in {".jsonl", ".tsv"}:
            yield from _file_texts(path)


def _file_texts(path: Path) -> Iterator[str]:
    with path.open(encoding="utf-8", errors="replace", newline="") as lines:
        if path.suffix == ".jsonl":
            for line in lines:
                yield from _strings(json.loads(line))
        else:
            delimiter = "\t" if path.suffix == ".tsv" else ","
            csv.field_size_limit(1 << 24)
            for row in csv.reader(lines, delimiter=delimiter):
                yield from (cell for cell in row if cell)


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _strings(key)
            yield from _strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)
