"""Pictures in a mail: small charts without words, so that they need no font.

Colours are chosen to read on white and on a dark sheet alike; the ground is
transparent. What a picture shows stands beside it as text, for those who see none.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from PIL import Image, ImageDraw

POSITIVE, NEGATIVE = (31, 157, 147, 255), (217, 105, 42, 255)
QUIET, VOLUME = (139, 150, 161, 255), (139, 150, 161, 150)

DENSITY = 2
"""Pixels of the file for each of the page: sharp on phones."""

SMOOTH = 4
"""Drawn so many times larger and scaled down: smooth edges."""

HALF, GAP, VOLUME_HEIGHT = 18, 4, 10
HEIGHT = 2 * HALF + GAP + VOLUME_HEIGHT + 1
DAY = 13
"""Page pixels: half of the score's field, and what is below it; a day's width."""

COLOURS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A PNG that the HTML shows as `cid:<cid>`."""

    cid: str
    png: bytes
    width: int
    """In pixels of the page, as is the height."""
    height: int
    alt: str


def days(
    scores: Sequence[float | None], counts: Sequence[int], *, cid: str, alt: str
) -> Picture:
    """A bar for each day: above the line for good news, below for bad.

    Under it, in grey, how many documents there were, the most being full height.
    """
    return Picture(
        cid=cid,
        png=_days(tuple(scores), tuple(counts)),
        width=DAY * len(scores),
        height=HEIGHT,
        alt=alt,
    )


# A digest that is too long is laid out again and again, with the same pictures.
@lru_cache(maxsize=256)
def _days(scores: tuple[float | None, ...], counts: tuple[int, ...]) -> bytes:
    width = DAY * len(scores)
    scale = DENSITY * SMOOTH
    image = Image.new("RGBA", (width * scale, HEIGHT * scale))
    draw = ImageDraw.Draw(image)

    def box(
        left: float, top: float, right: float, bottom: float, fill: tuple[int, ...]
    ) -> None:
        edges = [round(edge * scale) for edge in (left, top, right, bottom)]
        draw.rounded_rectangle(edges, radius=1.5 * scale, fill=fill)

    busiest = max(counts, default=0)
    for index, (score, count) in enumerate(zip(scores, counts, strict=True)):
        left, right = index * DAY + 2, (index + 1) * DAY - 2
        if count:
            high = max(1.5, VOLUME_HEIGHT * count / busiest)
            box(left, HEIGHT - high, right, HEIGHT, VOLUME)
        if score is not None:
            bar = max(1.5, HALF * min(abs(score), 1.0))
            if score < 0:
                box(left, HALF, right, HALF + bar, NEGATIVE)
            else:
                box(left, HALF - bar, right, HALF, POSITIVE if score else QUIET)
    box(0, HALF - 0.5, width, HALF + 0.5, QUIET)
    return _png(image, (width * DENSITY, HEIGHT * DENSITY))


def _png(image: Image.Image, size: tuple[int, int]) -> bytes:
    small = image.resize(size, Image.Resampling.LANCZOS)
    few = small.quantize(COLOURS, method=Image.Quantize.FASTOCTREE)
    written = io.BytesIO()
    few.save(written, "PNG", optimize=True)
    return written.getvalue()
