"""A real browser that looks at a page: what does not fit, load or read, and its picture.

`python -m tests.browser FOLDER` writes the pictures of what the monitor sends.
"""

import html
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Literal, NamedTuple, get_args

import pytest

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars")
_SECONDS = 120

# The contrast of WCAG 2.2, success criterion 1.4.3.
_LOOK = """
onload = () => {
  const seen = [...document.querySelectorAll('iframe')].map((it) => see(it.contentDocument));
  document.body.textContent = JSON.stringify(seen);
};
const see = (page) => {
  const look = (element) => page.defaultView.getComputedStyle(element);
  const parts = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = (colour) => {
    const [r, g, b] = parts(colour).map((c) => c / 255)
      .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = look(at).backgroundColor;
      if (!/, 0\\)$/.test(colour)) return colour;
    }
    return 'rgb(255, 255, 255)';
  };
  const faint = [];
  for (const element of page.body.querySelectorAll('*')) {
    const said = [...element.childNodes].filter((it) => it.nodeType === 3)
      .map((it) => it.data.trim()).join(' ').trim();
    const style = look(element);
    if (!said || style.display === 'none' || parseFloat(style.fontSize) < 3) continue;
    const pair = [light(style.color), light(ground(element))].sort((a, b) => b - a);
    const contrast = (pair[0] + 0.05) / (pair[1] + 0.05);
    const large = parseFloat(style.fontSize) >= 18.5 && style.fontWeight >= 700;
    if (contrast < (large ? 3 : 4.5)) faint.push(`${contrast.toFixed(1)} ${said}`);
  }
  const root = page.documentElement;
  return {
    width: root.scrollWidth,
    height: root.scrollHeight,
    ground: look(page.body).backgroundColor,
    broken: [...page.images].filter((it) => !it.naturalWidth).map((it) => it.alt),
    faint,
  };
};
"""


Mode = Literal["light", "dark"]


class Window(NamedTuple):
    """What a page is looked at in; `width` in CSS pixels."""

    width: int
    mode: Mode = "light"


PHONE_AND_DESKTOP = [
    Window(width, mode) for width in (400, 800) for mode in get_args(Mode)
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A page as it was laid out; lengths in CSS pixels."""

    width: int
    """What it needs; more than it was given, if something sticks out."""
    height: int
    ground: str
    """The colour behind everything."""
    broken: list[str]
    """What pictures that did not load would show."""
    faint: list[str]
    """Text with less contrast than readers need, after how much it has."""


def program() -> str:
    """The browser's path; skips the test where none is installed."""
    found = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if not found:
        pytest.skip("no Chromium is installed")
    return found


def look(page: str, windows: Sequence[Window]) -> list[Seen]:
    """Lay `page` out in each window, in one run of the browser."""
    text = html.escape(page, quote=True)
    # A frame takes its mode from where it stands.
    frames = "".join(
        f'<iframe style="width: {it.width}px; height: 400px; border: 0; '
        f'color-scheme: {it.mode}" srcdoc="{text}"></iframe>'
        for it in windows
    )
    around = f'<!doctype html><meta charset="utf-8"><script>{_LOOK}</script>{frames}'
    told = _run(around, "--dump-dom")
    found = re.search(r"<body>(\[.*\])</body>", told, re.DOTALL)
    if not found:
        raise AssertionError(f"the browser did not lay the page out: {told[-400:]}")
    return [Seen(**it) for it in json.loads(html.unescape(found[1]))]


def photograph(page: str, path: Path, window: Window) -> None:
    """Write a PNG of the whole page."""
    (seen,) = look(page, [window])
    mode = ["--force-dark-mode"] if window.mode == "dark" else []
    size = f"--window-size={window.width},{seen.height}"
    _run(page, f"--screenshot={path}", size, *mode)


def _run(page: str, *flags: str) -> str:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "page.html"
        file.write_text(page, "utf-8")
        profile = f"--user-data-dir={folder}/profile"
        done = subprocess.run(
            [program(), *_FLAGS, profile, *flags, file.as_uri()],
            capture_output=True,
            check=True,
            timeout=_SECONDS,
            env={**os.environ, "HOME": folder},
        )
    return done.stdout.decode("utf-8", errors="replace")


def main() -> None:
    from tests.test_pictures import LANGUAGES, MAILS, mail

    folder = Path(sys.argv[1]).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    for kind, language in product(MAILS, LANGUAGES):
        for window in PHONE_AND_DESKTOP:
            path = folder / f"{kind}-{language}-{window.width}-{window.mode}.png"
            photograph(mail(kind, language), path, window)
            sys.stdout.write(f"{path}\n")


if __name__ == "__main__":
    main()
