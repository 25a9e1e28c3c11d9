"""A headless Chromium that complains about everything a strict page must not do."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from playwright.sync_api import Browser as Chromium
from playwright.sync_api import ConsoleMessage, Page, Request, sync_playwright

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
]
PROGRAMS = ("chromium", "chromium-browser", "google-chrome")


def program() -> str | None:
    """The installed browser, `ORION_TEST_BROWSER` first."""
    named = os.environ.get("ORION_TEST_BROWSER")
    return named or next(filter(None, map(shutil.which, PROGRAMS)), None)


@contextmanager
def chromium(executable: str) -> Iterator[Chromium]:
    """A running browser; its event loop lives in this thread, so no ORM meanwhile."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        yield browser
        browser.close()


class Browser:
    """Opens pages of one server and remembers what went wrong on them."""

    def __init__(self, chromium: Chromium, url: str) -> None:
        self.chromium = chromium
        self.url = url
        self.problems: list[str] = []

    def open(
        self,
        path: str,
        *,
        width: int = 1440,
        height: int = 900,
        dark: bool = False,
        javascript: bool = True,
    ) -> Page:
        """A page in a context of its own, loaded."""
        context = self.chromium.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            java_script_enabled=javascript,
            base_url=self.url,
        )
        page = context.new_page()
        page.on("console", self._on_console)
        page.on(
            "pageerror", lambda error: self.problems.append(f"script error: {error}")
        )
        page.on("request", self._on_request)
        page.on("requestfailed", self._on_failure)
        answer = page.goto(path)
        if answer is None or not answer.ok:
            status = answer.status if answer else "nothing"
            self.problems.append(f"{path} answered {status}")
        return page

    def close(self) -> None:
        """Close every page."""
        for context in self.chromium.contexts:
            context.close()

    def _on_console(self, message: ConsoleMessage) -> None:
        # Chromium reports violations of the content security policy as errors here.
        if message.type == "error":
            self.problems.append(f"console error: {message.text}")

    def _on_request(self, request: Request) -> None:
        wanted, found = urlsplit(self.url), urlsplit(request.url)
        if found.scheme not in {"data", "blob"} and found.netloc != wanted.netloc:
            self.problems.append(f"foreign request: {request.url}")

    def _on_failure(self, request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # the page was left while loading
            self.problems.append(f"{request.url} failed: {request.failure}")


def sideways(page: Page) -> int:
    """By how many pixels the page is wider than its window."""
    width: int = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    return width
