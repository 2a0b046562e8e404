"""A real browser for the tests: headless Chromium, driven by selenium; nothing leaves the machine.

Without Chromium, its driver or selenium, tests that need them are skipped with a notice; with
FOLLOWLAB_BROWSER=required, as in `.ci/run`, they fail.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import pytest

__all__ = ["browser", "complaints", "needs_browser", "resize", "shot"]

FLAGS: Final = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--hide-scrollbars",
)  # fmt: skip
PHONE: Final = 600  # pixels below which a screen is a phone's


def _found(*names: str) -> str | None:
    return next((path for path in map(shutil.which, names) if path), None)


CHROMIUM: Final = _found("chromium", "chromium-browser", "google-chrome")
DRIVER: Final = _found("chromedriver", "chromium.chromedriver")
MISSING: Final = [
    what
    for what, there in (
        ("Chromium", CHROMIUM),
        ("chromedriver", DRIVER),
        ("selenium", find_spec("selenium")),
    )
    if not there
]
REQUIRED: Final = os.environ.get("FOLLOWLAB_BROWSER") == "required"

needs_browser: Final = pytest.mark.skipif(
    bool(MISSING) and not REQUIRED,
    reason=f"not here: {', '.join(MISSING)} (apt install chromium chromium-driver)",
)


@contextmanager
def browser(profile: Path, width: int = 1280, height: int = 900) -> Iterator[Any]:
    """Yield a driver of a fresh browser, as one visitor has it, with a window of this size."""
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM or "chromium"
    for flag in (*FLAGS, f"--window-size={width},{height}", f"--user-data-dir={profile}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    try:
        resize(driver, width, height)
        yield driver
    finally:
        driver.quit()


def resize(driver: Any, width: int, height: int) -> None:
    """Give the page exactly this room, as a phone has it if it is narrow."""
    size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < PHONE}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)


def complaints(driver: Any) -> list[str]:
    """Return what the browser has complained of since the last call: errors, failed loads."""
    return [entry["message"] for entry in driver.get_log("browser") if entry["level"] == "SEVERE"]


def shot(driver: Any, path: Path, width: int, height: int | None = None) -> None:
    """Save a picture of the page at this width; of all of it if no height is given."""
    resize(driver, width, height or 900)
    whole = driver.execute_script("return document.documentElement.scrollHeight")
    resize(driver, width, height or int(whole))
    driver.save_screenshot(str(path))
