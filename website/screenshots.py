"""The two screenshots of the website in the README: docs/site-overview.png and docs/site-record.png.

Chromium opens the site that was built, from its folder, and Pillow reduces each picture to few colours. Other fonts
give other bytes, so that no test can compare them; docs/releasing.md says when to take them again.
"""

from __future__ import annotations

import io
import shutil
from pathlib import Path

__all__ = ["PICTURES", "NoBrowser", "screenshots"]

#: What is shown: the file below docs/, the page, and how much of it is seen.
PICTURES = {
    "site-overview.png": ("index.html", 1384),
    "site-record.png": ("record/fac-al-gjader/index.html", 900),
}
_WIDTH = 1200
_COLOURS = 64


class NoBrowser(Exception):
    """There is no Chromium, or no Playwright to drive it; the text says what to install."""


def screenshots(site: Path, folder: Path) -> list[Path]:
    """Show pages of a site in Chromium, and write what is seen into a folder. Raises NoBrowser."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not program:
        raise NoBrowser("Chromium was not found. On Debian, install it with `apt-get install chromium`, and try again.")
    try:
        from PIL import Image
        from playwright.sync_api import sync_playwright
    except ModuleNotFoundError as missing:
        raise NoBrowser(f"The Python package {missing.name} is not installed. Run `make validate`.") from missing
    written = []
    with sync_playwright() as playwright:
        arguments = ["--headless", "--no-sandbox", "--disable-gpu"]
        browser = playwright.chromium.launch(executable_path=program, args=arguments)
        page = browser.new_page(color_scheme="light", locale="en-GB", timezone_id="UTC")
        for name, (path, height) in PICTURES.items():
            page.set_viewport_size({"width": _WIDTH, "height": height})
            page.goto((site / path).resolve().as_uri())
            seen = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
            few = seen.quantize(_COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
            few.save(folder / name, optimize=True)
            written.append(folder / name)
        browser.close()
    return written
