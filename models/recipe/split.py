"""Which rows are kept out of training: the same answer everywhere, without torch.

A row belongs to a group by its text without case, digits, spaces and punctuation, so
that no title lies on both sides, not even with another figure in it.
"""

import hashlib

HELD_OUT = "held-out"
CALIBRATION = "calibration"
TRAIN = "train"

_SEED = "monitor-1"
_HELD_OUT_SHARE = 0.20
_CALIBRATION_SHARE = 0.04


def text_group(text: str) -> str:
    """What two texts share when one merely repeats the other."""
    return "".join(c for c in text.casefold() if c.isalpha())


def part_of(text: str) -> str:
    """HELD_OUT for a fifth of all texts, CALIBRATION for a twenty-fifth, else TRAIN."""
    digest = hashlib.sha256(f"{_SEED}\n{text_group(text)}".encode()).digest()
    place = int.from_bytes(digest[:8]) / 2**64
    if place < _HELD_OUT_SHARE:
        return HELD_OUT
    if place < _HELD_OUT_SHARE + _CALIBRATION_SHARE:
        return CALIBRATION
    return TRAIN
