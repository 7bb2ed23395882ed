"""When a page can be used on a slow phone: ``make bench-pages``.

The network is the slow 4G of Lighthouse (150 ms there and back, 1.6 Mbps down, 750 kbps up) and the
processor is four times slower. The browser was never here: nothing is in its cache, and its first
connection waits for two more round trips, which TCP and TLS take and the browser's own throttling
leaves out.
"""

import argparse
import asyncio
import json
import os
import platform
import statistics
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, sync_playwright

from directory.config import PROJECT_FOLDER
from directory.core.clock import utc_now
from tests.chromium import find_chromium
from tests.site import running_site

RESULTS = PROJECT_FOLDER / "benchmarks/pages/first_use.json"
ROUND_TRIP_SECONDS = 0.150
DOWN_BITS, UP_BITS = 1_600_000, 750_000
SLOWER = 4
CONNECT_ROUND_TRIPS = 2
_ARGUMENTS = ["--no-sandbox", "--disable-quic", "--disable-background-networking"]
# Notes when something is painted, the control is there, and the page has time for its events.
_WATCH = """(() => {
  const ask = () => {
    const painted = performance.getEntriesByName("first-contentful-paint")[0];
    if (painted && document.querySelector("%s")?.checkVisibility())
      setTimeout(() => { window.usableAfter = [painted.startTime, performance.now()]; });
    else requestAnimationFrame(ask);
  };
  requestAnimationFrame(ask);
})()"""


@dataclass(frozen=True)
class Visited:
    """A kind of page, and what somebody wants to do first there."""

    name: str
    path: str
    control: str


@dataclass(frozen=True)
class Measured:
    """The medians of one page, in milliseconds."""

    page: str
    first_paint_ms: int
    usable_ms: int
    slowest_ms: int
    is_compressed: bool


def main() -> None:
    """Measure each page, print the medians and keep them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=5)
    times = parser.parse_args().times
    if os.getloadavg()[0] > 1:
        print("This machine is busy: the figures read too high.")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=_ARGUMENTS)
        with running_site(Path(folder)) as site, far_away(site.url) as relay:
            figures = [measure(browser, relay, each, times) for each in visited(browser, site.url)]
        browser.close()
    for each in figures:
        print(
            f"{each.page:14} first paint {each.first_paint_ms:5} ms   usable {each.usable_ms:5} ms"
            f"   slowest of {times}: {each.slowest_ms} ms"
        )
    keep(figures, times)


def visited(browser: Browser, url: str) -> list[Visited]:
    """Return the pages; who the professional is, is looked up."""
    page = browser.new_page(base_url=url)
    page.goto("/search?near=60201&inquiries=yes")
    somebody = page.locator(".result h2 a").first.get_attribute("href") or ""
    inquiry = page.locator("a.button[href*='/inquiry/new']").first.get_attribute("href") or ""
    page.close()
    return [
        Visited("home", "/", "#near"),
        Visited("results", "/search?near=60201", "#near"),
        Visited("professional", somebody, "main .actions a"),
        Visited("inquiry", inquiry, "main input[type=radio]"),
    ]


def measure(browser: Browser, relay: "Relay", what: Visited, times: int) -> Measured:
    """Visit a page repeatedly, each time with a new browser profile."""
    moments = [visit(browser, relay, what) for _ in range(times + 1)][1:]  # the first one warms up
    paints, usable, compressed = zip(*moments, strict=True)
    return Measured(
        page=what.name,
        first_paint_ms=round(statistics.median(paints)),
        usable_ms=round(statistics.median(usable)),
        slowest_ms=round(max(usable)),
        is_compressed=all(compressed),
    )


def visit(browser: Browser, relay: "Relay", what: Visited) -> tuple[float, float, bool]:
    """Return when something was painted and when the control could be used, in milliseconds."""
    context = browser.new_context(
        base_url=relay.url, viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True
    )
    context.add_init_script(_WATCH % what.control)
    page = context.new_page()
    slow_down(page)
    relay.is_first = True
    answer = page.goto(what.path, wait_until="load")
    while not (moments := page.evaluate("window.usableAfter")):
        page.wait_for_timeout(20)
    if what.control == "#near":
        page.locator("#near").press_sequentially("x")
        assert "x" in page.locator("#near").input_value()
    is_compressed = bool(answer and answer.header_value("content-encoding"))
    context.close()
    return moments[0], moments[1], is_compressed


def slow_down(page: Page) -> None:
    """Give the page the network and the processor of a cheap phone."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("Network.enable")
    devtools.send(
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": ROUND_TRIP_SECONDS * 1000,
            "downloadThroughput": DOWN_BITS / 8,
            "uploadThroughput": UP_BITS / 8,
            "connectionType": "cellular4g",
        },
    )
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})


@dataclass
class Relay:
    """The way to the site; the first connection of a visit takes its time to be made."""

    port_behind: int
    url: str = ""
    is_first: bool = False

    async def pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry one connection in both directions until either side ends it."""
        is_first, self.is_first = self.is_first, False
        if is_first:
            await asyncio.sleep(CONNECT_ROUND_TRIPS * ROUND_TRIP_SECONDS)
        behind = await asyncio.open_connection("127.0.0.1", self.port_behind)
        with suppress(asyncio.CancelledError):  # the end of the bench
            await asyncio.gather(_copy(reader, behind[1]), _copy(behind[0], writer))


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError, asyncio.CancelledError):
        while data := await reader.read(1 << 16):
            writer.write(data)
            await writer.drain()
    writer.close()


@contextmanager
def far_away(url: str) -> Iterator[Relay]:
    """Put a relay in front of the site."""
    relay = Relay(urlsplit(url).port or 80)
    loop = asyncio.new_event_loop()
    # In another thread, since the browser's driver runs in this one.
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    start = asyncio.start_server(relay.pass_on, "127.0.0.1", 0)
    server = asyncio.run_coroutine_threadsafe(start, loop).result()
    relay.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield relay
    finally:
        asyncio.run_coroutine_threadsafe(_end(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()


async def _end() -> None:
    open_ones = asyncio.all_tasks() - {asyncio.current_task()}
    for task in open_ones:
        task.cancel()
    await asyncio.gather(*open_ones, return_exceptions=True)


def keep(figures: list[Measured], times: int) -> None:
    """Write the figures down, with what they were measured on."""
    kept = {
        "command": "make bench-pages",
        "on": utc_now().date().isoformat(),
        "machine": f"{os.cpu_count()} cores, {platform.machine()}",
        "load_of_the_machine": round(os.getloadavg()[1], 1),  # with the bench's own
        "conditions": {
            "round_trip_ms": ROUND_TRIP_SECONDS * 1000,
            "round_trips_to_connect": CONNECT_ROUND_TRIPS,
            "down_bits": DOWN_BITS,
            "up_bits": UP_BITS,
            "processor_slower": SLOWER,
            "times": times,
        },
        "pages": [asdict(each) for each in figures],
    }
    RESULTS.write_text(json.dumps(kept, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
