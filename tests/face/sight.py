"""What is looked for on every page: barriers, movement, styles and scripts within the page."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlsplit

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request

from tests.face.visitor import Stop

PHONE, DESK = (320, 640), (1280, 1000)
MOST_SHIFT = 0.01
SETTLED = 1000  # milliseconds after the page was loaded
_LAWS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
_RULES = {
    "runOnly": [*_LAWS, "best-practice"],
    "rules": {"target-size": {"enabled": True}},
    "resultTypes": ["violations"],
}
# The themes differ in nothing but colors, and these rules alone look at them.
_RULES_OF_COLORS = {
    "runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]},
    "resultTypes": ["violations"],
}
_THEMES: Mapping[Literal["light", "dark"], Mapping[str, Any]] = {
    "light": _RULES,
    "dark": _RULES_OF_COLORS,
}
# Counts every move of what somebody may be reading, from the first paint on.
COUNT_SHIFTS = """
  window.shifts = [];
  new PerformanceObserver((list) => {
    for (const { value, hadRecentInput, sources } of list.getEntries()) {
      if (hadRecentInput) continue;
      const moved = sources.map(({ node }) => node?.outerHTML?.slice(0, 80) ?? node?.nodeName);
      window.shifts.push({ value, moved });
    }
  }).observe({ type: "layout-shift", buffered: true });
"""
_AGE = "() => performance.now() - performance.getEntriesByType('navigation')[0].loadEventEnd"
_INLINE = """() => [...document.querySelectorAll("*")].filter((each) => {
  if (each.matches("style, [style]") || [...each.attributes].some(({ name }) => /^on/.test(name)))
    return true;
  return each.matches("script:not([src]):not([type='application/ld+json'])");
}).map((each) => each.outerHTML.slice(0, 120))"""
# Everything that is folded away is looked at, too; then it is folded as it was.
_UNFOLD = """() => {
  window.folded = [...document.querySelectorAll("details")].map((each) => {
    const was = [each, each.open, each.getAttribute("name")];
    each.removeAttribute("name");
    each.open = true;
    return was;
  });
}"""
_FOLD = """() => {
  for (const [each, open] of window.folded) each.open = open;
  for (const [each, , name] of window.folded) if (name) each.setAttribute("name", name);
}"""

# A color that is still fading into the theme's is nobody's to judge.
_RUN = """(rules) => {
  for (const each of document.getAnimations()) each.finish();
  return axe.run(document, rules);
}"""


@dataclass
class Seen:
    """What a walk has come past, and all that was wrong."""

    names: list[str] = field(default_factory=list)
    paths: set[str] = field(default_factory=set)
    barriers: list[str] = field(default_factory=list)
    advice: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)
    inline: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    shifts: list[str] = field(default_factory=list)
    methods: dict[Page, str] = field(default_factory=dict)  # how each tab came to what it shows

    def watch(self, context: BrowserContext, own: str) -> None:
        """Take note of what every page of the window asks for and complains about."""
        context.add_init_script(COUNT_SHIFTS)
        context.on("request", lambda request: self._asked(request, urlsplit(own).netloc))
        context.on("console", self._complained)
        context.on("weberror", lambda error: self.errors.append(str(error.error)))

    def _asked(self, request: Request, own: str) -> None:
        asked = urlsplit(request.url)
        if asked.netloc != own:
            self.strangers.append(request.url)
        if request.is_navigation_request():
            self.methods[request.frame.page] = request.method
            if request.method == "GET":
                self.paths.add(asked.path)

    def _complained(self, message: ConsoleMessage) -> None:
        # A page that says what went wrong counts as a failure to load, and an email is shut off
        # even from our counting.
        ours = "the server responded with a status of", "/page' because the document's frame is"
        if message.type == "error" and not any(each in message.text for each in ours):
            self.errors.append(message.text)


@dataclass(frozen=True)
class Looker:
    """Looks at each stop of a walk, on a phone and on a desk, in both themes."""

    seen: Seen
    desk: Page  # in a window of its own: only in front is a page drawn as it comes
    # Colors and what moves depend on no language: one walk looks for them, the other for the rest.
    is_thorough: bool = True
    settled: int = SETTLED

    def look(self, stop: Stop) -> None:
        """Take note of all that is wrong with a page.

        It comes once more on a desk, to see whether anything moves. An answer to what was sent
        cannot be asked for again.
        """
        self.seen.names.append(stop.name)
        if stop.name.startswith("email-"):
            self._read_mail(stop)
            return
        stop.page.bring_to_front()
        comes_again = self.is_thorough and self.seen.methods[stop.page] == "GET"
        if comes_again:
            # The desk is the visitor's, too: what they may see is shown there.
            self.desk.context.add_cookies(stop.page.context.cookies())
            self.desk.goto(stop.page.url)
        self._feel(stop.page, f"{stop.name}, phone")
        self._inspect(stop.page, stop.name)
        if comes_again:
            self._feel(self.desk, f"{stop.name}, desk", may_come_again=True)

    def _read_mail(self, stop: Stop) -> None:
        """Look at an email in a tab where scripts may run; styles within it are as they must be."""
        html = stop.page.content()
        self.desk.goto("about:blank")
        self.desk.set_content(html)
        self._inspect(self.desk, stop.name)
        _resize(self.desk, DESK)

    def _feel(self, page: Page, where: str, *, may_come_again: bool = False) -> None:
        self.seen.inline += inline_in(page, where)
        shifts = shifts_of(page, where, settled=self.settled)
        if shifts and may_come_again:
            # On a busy machine a long page may be drawn in pieces: what moves always, moves again.
            page.reload()
            shifts = shifts_of(page, where, settled=self.settled)
        self.seen.shifts += shifts

    def _inspect(self, page: Page, name: str) -> None:
        """Look for barriers in both sizes. One tab is made wider: axe takes its time to start."""
        sizes = (("desk", DESK), ("phone", PHONE))
        for size, viewport in sizes if self.is_thorough else sizes[1:]:
            _resize(page, viewport)
            for _rule, is_law, text in barriers(page, is_dark_too=self.is_thorough):
                (self.seen.barriers if is_law else self.seen.advice).append(
                    f"{name}, {size}, {text}"
                )


def inline_in(page: Page, where: str) -> list[str]:
    """Return the styles and scripts within the page, after its own scripts ran."""
    return [f"{where}: {each}" for each in page.evaluate(_INLINE)]


def shifts_of(page: Page, where: str, *, settled: int = SETTLED) -> list[str]:
    """Return what has moved by then, if that is too much."""
    age: float = page.evaluate(_AGE)
    page.wait_for_timeout(max(0, settled - age))
    shifts = page.evaluate("window.shifts")
    if sum(each["value"] for each in shifts) <= MOST_SHIFT:
        return []
    return [f"{where}: {each['value']:.3f} {each['moved']}" for each in shifts]


def barriers(page: Page, *, is_dark_too: bool = True) -> Iterator[tuple[str, bool, str]]:
    """Yield what axe finds in each theme: the rule, whether it is one of WCAG, and where."""
    page.evaluate(_UNFOLD)
    if not page.evaluate("typeof axe == 'object'"):
        page.evaluate(AXE_SCRIPT)
    for theme, rules in _THEMES.items():
        if theme == "dark" and not is_dark_too:
            continue
        page.emulate_media(color_scheme=theme)
        found = page.evaluate(_RUN, rules)
        for each in found["violations"]:
            yield each["id"], "best-practice" not in each["tags"], f"{theme}: {_told(each)}"
    page.emulate_media(color_scheme="light")
    page.evaluate(_FOLD)


def _told(violation: Mapping[str, Any]) -> str:
    nodes = violation["nodes"]
    lines = [
        f"\n    {node['html'][:160]}\n      {node['failureSummary']}".replace("\n  ", " ")
        for node in nodes[:3]
    ]
    return f"{violation['id']} ({len(nodes)} times): {violation['help']}{''.join(lines)}"


def _resize(page: Page, size: tuple[int, int]) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
