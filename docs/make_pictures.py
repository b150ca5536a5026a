"""Make the pictures of README.md: the demo's report page and the reading room.

Usage: python docs/make_pictures.py        (needs chromium, chrome or edge, and xvfb
where there is no display)
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

from nvc.cli import main as nvc

IMAGES = Path(__file__).parent / "images"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome", "msedge")
WIDTH, HEIGHT = 1180, 1460


def main() -> int:
    """Write ``docs/images/*.png``; return an exit code."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        sys.stderr.write(f"no browser was found; looked for {', '.join(BROWSERS)}\n")
        return 2
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        code = nvc(["demo", "--quiet", "--out", str(folder / "report")])
        if code:
            return code
        picture = folder / "report.png"
        _photograph(browser, folder / "report" / "report.html", picture)
        IMAGES.mkdir(exist_ok=True)
        _cropped(picture).save(IMAGES / "report.png", optimize=True)
    return _reading_room()


def _reading_room() -> int:
    """Let the viewer's pictures be taken on a display, made where there is none."""
    command = [sys.executable, str(Path(__file__).with_name("viewer_pictures.py"))]
    if not os.environ.get("DISPLAY") and shutil.which("xvfb-run"):
        command = ["xvfb-run", "-a", "-s", "-screen 0 1920x1200x24", *command]
    return subprocess.run(command, check=False).returncode


def _photograph(browser: str, page: Path, picture: Path) -> None:
    """Take the top of a page as PNG."""
    command = [
        browser,
        "--headless",
        "--disable-gpu",
        "--hide-scrollbars",
        "--no-sandbox",  # the page is ours, and root has no sandbox
        f"--user-data-dir={picture.parent / 'profile'}",
        f"--window-size={WIDTH},{HEIGHT}",
        f"--screenshot={picture}",
        page.as_uri(),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=120)


def _cropped(picture: Path) -> Image.Image:
    """Cut the empty end of a page off."""
    image = Image.open(picture).convert("RGB")
    rows = np.asarray(image).reshape(image.height, -1)
    used = np.flatnonzero((rows != rows[:, :1]).any(axis=1))
    last = int(used.max()) + 1 if used.size else image.height
    return image.crop((0, 0, image.width, last))


if __name__ == "__main__":
    sys.exit(main())
