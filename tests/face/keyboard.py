"""Somebody without a mouse: tabs, arrows, Space, Enter and letters, and sees where they are."""

from dataclasses import dataclass

from playwright.sync_api import Locator, Page

_MOST = 300  # tabs to what is wanted; nobody should need as many
# What is wrong with the place that the focus is at, in words, or nothing.
_PROBLEM = """() => {
  const at = document.activeElement;
  if (!at || at === document.body) return "nothing has the focus";
  const called = `${at.tagName.toLowerCase()} "${(at.innerText || at.name || "").slice(0, 40)}"`;
  const painted = (element) => {
    // In a drawing a thick line says it.
    if (element.ownerSVGElement)
      return [...element.children].some((e) => parseFloat(getComputedStyle(e).strokeWidth) >= 3);
    const { outlineStyle, outlineWidth, outlineColor } = getComputedStyle(element);
    const seen = !/rgba\\(.*, 0\\)|transparent/.test(outlineColor);
    return outlineStyle !== "none" && parseFloat(outlineWidth) >= 2 && seen;
  };
  const around = at.closest("label");
  // The calendar's button inside a day is the browser's own, and so is its mark.
  const inside = ["date", "time"].includes(at.type) && !at.matches(":focus");
  if (!inside && !painted(at) && !(around && painted(around)))
    return `no focus is seen at ${called}`;
  const boxes = [...at.getClientRects()].filter((box) => box.width > 0 && box.height > 0);
  if (!boxes.length) return `the focus is at nothing that is seen: ${called}`;
  const points = boxes.flatMap(({ left, right, top, bottom }) => [
    [(left + right) / 2, (top + bottom) / 2],
    [left + 2, top + 2], [right - 2, top + 2], [left + 2, bottom - 2], [right - 2, bottom - 2],
  ]).filter(([x, y]) => x >= 0 && y >= 0 && x < innerWidth && y < innerHeight);
  if (!points.length) return `the focus is off the screen: ${called}`;
  const owns = ([x, y]) => at.contains(document.elementFromPoint(x, y));
  if (!points.some(owns)) return `nothing is seen of ${called}`;
  for (const [x, y] of points) {
    let over = document.elementFromPoint(x, y);
    if (!over || over.contains(at) || at.contains(over)) continue;
    for (; over && !over.contains(at); over = over.parentElement) {
      if (["fixed", "sticky"].includes(getComputedStyle(over).position))
        return `${called} is hidden under .${over.className}`;
    }
  }
  return null;
}"""
# How many places of the page Tab can reach: of circles to choose from, one.
_REACHABLE = """() => {
  const all = "a[href], button, input, select, textarea, summary, [tabindex='0']";
  const groups = new Set();
  return [...document.querySelectorAll(all)].filter((each) => {
    if (each.tabIndex < 0 || each.disabled || !each.checkVisibility({ visibilityProperty: true }))
      return false;
    if (each.type !== "radio") return true;
    const key = each.form ? [...document.forms].indexOf(each.form) + each.name : each.name;
    return !groups.has(key) && groups.add(key);
  }).length;
}"""
_AT = """() => {
  const at = document.activeElement;
  return at === document.body ? -1 : [...document.querySelectorAll("*")].indexOf(at);
}"""


@dataclass(frozen=True)
class Keyboard:
    """Hands on the keys of one page."""

    page: Page

    def reach(self, target: Locator, *, key: str = "Tab") -> None:
        """Tab until one of the targets has the focus; wherever it goes on the way it is seen."""
        passed = 0
        while not _has_focus(target):
            assert passed < _MOST, f"not reached with {_MOST} tabs: {target}"
            self._tab(key)
            passed += 1
        self.check_focus()

    def follow(self, name: str, *, inside: Locator | None = None) -> None:
        """Reach a link, and go where it leads."""
        self._go((inside or self.page).get_by_role("link", name=name).first)

    def press(self, name: str, *, inside: Locator | None = None) -> None:
        """Reach a button that sends something, press it, and wait for what it brings."""
        self._go((inside or self.page).get_by_role("button", name=name).first)

    def unfold(self, words: str, *, inside: Locator | None = None) -> None:
        """Reach what is folded away, and open it."""
        summary = (inside or self.page).locator("summary", has_text=words).first
        self.reach(summary)
        self.page.keyboard.press("Enter")
        assert summary.evaluate("each => each.parentElement.open")

    def write(self, label: str, text: str) -> None:
        """Reach a field and type."""
        field = self.page.get_by_label(label, exact=True).locator("visible=true").first
        self.reach(field)
        self.page.keyboard.type(text)

    def tick(self, name: str, *, of: str = "") -> None:
        """Reach a box, and tick it."""
        box = self._group(of).get_by_role("checkbox", name=name).first
        self.reach(box)
        self.page.keyboard.press("Space")
        assert box.is_checked()
        self.check_focus()

    def choose(self, name: str, *, of: str) -> None:
        """Reach a group of circles, and go to one of them with the arrows."""
        circles = self._group(of).get_by_role("radio")
        self.reach(circles)
        wanted = circles.evaluate_all(
            "(all, name) => all.findIndex(e => e.closest('label').innerText.trim() === name)",
            name,
        )
        assert wanted >= 0, f"no {name!r} of {of!r}"
        steps = wanted - int(circles.evaluate_all("all => all.indexOf(document.activeElement)"))
        for _ in range(abs(steps)):
            self.page.keyboard.press("ArrowDown" if steps > 0 else "ArrowUp")
            self.check_focus()
        if not circles.nth(wanted).is_checked():
            self.page.keyboard.press("Space")
        assert circles.nth(wanted).is_checked()

    def pick(self, label: str, words: str) -> None:
        """Reach a list that opens, and go down to one of its lines."""
        select = self.page.get_by_label(label, exact=True).locator("visible=true").first
        self.reach(select)
        lines = select.locator("option").all_inner_texts()
        for _ in lines:
            if select.evaluate("each => each.selectedOptions[0].label") == words:
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"no {words!r} of {lines}")

    def check_focus(self) -> None:
        """Fail unless the place that has the focus is seen, and seen to have it."""
        problem = self.page.evaluate(_PROBLEM)
        assert problem is None, f"{problem} ({self.page.url})"

    def around(self, key: str = "Tab") -> int:
        """Tab once around the page; return how many places were passed."""
        self.page.evaluate("document.activeElement.blur()")
        seen: list[int] = []
        while len(seen) < _MOST:
            self._tab(key)
            at = int(self.page.evaluate(_AT))
            if at == -1 or (seen and at == seen[0]):
                return len(set(seen))
            if not seen or at != seen[-1]:
                seen.append(at)
            assert len(seen) == len(set(seen)), f"back at a place before the end: {self.page.url}"
        raise AssertionError(f"no end of the page is reached: {self.page.url}")

    def reachable(self) -> int:
        """Return how many places Tab should pass."""
        return int(self.page.evaluate(_REACHABLE))

    def _tab(self, key: str) -> None:
        self.page.keyboard.press(key)
        if int(self.page.evaluate(_AT)) != -1:  # behind the last place is the browser itself
            self.check_focus()

    def _go(self, target: Locator) -> None:
        self.reach(target)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def _group(self, name: str) -> Locator:
        body = self.page.locator("main")
        return body.get_by_role("group", name=name).first if name else body


def _has_focus(target: Locator) -> bool:
    return bool(target.evaluate_all("all => all.includes(document.activeElement)"))
