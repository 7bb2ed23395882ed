"""What large letters lose: text beside the screen, cut off, or one over the other."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from playwright.sync_api import Page

# What is lost on the page, in words: beside the screen, cut off, or under something else.
_LOST = """() => {
  const wide = document.documentElement;
  const lost = [];
  if (wide.scrollWidth > wide.clientWidth)
    lost.push(`the page scrolls sideways: ${wide.scrollWidth} of ${wide.clientWidth}`);
  const aside = ".hidden, .trap, .skip, .scroll, [hidden]";
  const pieces = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    const text = node.data.trim();
    const box = node.parentElement;
    if (!text || box.closest(aside) || !box.checkVisibility({ visibilityProperty: true })) continue;
    if (["SCRIPT", "STYLE", "OPTION", "TEXTAREA"].includes(box.tagName)) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const { left, right, top, bottom } of range.getClientRects()) {
      if (right - left < 1) continue;
      if (right > wide.clientWidth + 1 || left < -1) lost.push(`beside the screen: ${text}`);
      // Letters fill the middle of their line.
      const quarter = (bottom - top) / 4;
      pieces.push({ node, text, left, right, top: top + quarter, bottom: bottom - quarter });
    }
    for (let at = box; at && at !== document.body; at = at.parentElement) {
      const { overflowX, overflowY } = getComputedStyle(at);
      const cut = overflowX !== "visible" && at.scrollWidth > at.clientWidth + 1;
      if (cut || (overflowY !== "visible" && at.scrollHeight > at.clientHeight + 1))
        lost.push(`cut off: ${text}`);
    }
  }
  for (const select of document.querySelectorAll("select")) {
    if (!select.checkVisibility()) continue;
    const style = getComputedStyle(select);
    const pen = document.createElement("canvas").getContext("2d");
    pen.font = style.font;
    const padding = parseFloat(style.paddingLeft) + parseFloat(style.paddingRight);
    const room = select.clientWidth - padding;
    const words = select.selectedOptions[0]?.label ?? "";
    if (pen.measureText(words).width > room + 1) lost.push(`cut off: ${words}`);
  }
  // What stays on the screen lies over the rest, and the rest moves.
  const stays = ({ node }) => {
    let at = node.parentElement;
    const moves = () => !["sticky", "fixed"].includes(getComputedStyle(at).position);
    while (at && moves()) at = at.parentElement;
    return at;
  };
  pieces.sort((one, other) => one.top - other.top);
  pieces.forEach((one, index) => {
    for (const other of pieces.slice(index + 1)) {
      if (other.top >= one.bottom - 1) break;
      const across = Math.min(one.right, other.right) - Math.max(one.left, other.left);
      const down = Math.min(one.bottom, other.bottom) - other.top;
      if (one.node !== other.node && across > 2 && down > 2 && !stays(one) && !stays(other))
        lost.push(`one over the other: ${one.text} / ${other.text}`);
    }
  });
  return [...new Set(lost)].map((each) => each.slice(0, 160));
}"""
# How much of the screen bars cover that stay while the page moves.
_COVERED = """() => {
  scrollTo(0, document.documentElement.scrollHeight / 3);
  const share = [...document.querySelectorAll("body *")].reduce((sum, each) => {
    if (!["sticky", "fixed"].includes(getComputedStyle(each).position)) return sum;
    const { top, bottom, width } = each.getBoundingClientRect();
    if (width < innerWidth / 2) return sum;  // a column beside the text covers none of it
    return sum + Math.max(0, Math.min(bottom, innerHeight) - Math.max(top, 0)) / innerHeight;
  }, 0);
  scrollTo(0, 0);
  return share;
}"""
_SPACED = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`* { line-height: 1.5 !important; letter-spacing: .12em !important;
    word-spacing: .16em !important; } p { margin-bottom: 2em !important; }`);
  document.adoptedStyleSheets = [sheet];
}"""


@dataclass(frozen=True)
class Look:
    """A way to look at a page."""

    name: str
    width: int
    height: int
    is_spaced: bool = False

    def __str__(self) -> str:
        return f"{self.name}, {self.width} px"


CLOSE = Look("400 % zoom", 320, 256)
SPACED = Look("spaced", 390, 844, is_spaced=True)
WIDE_SPACED = Look("spaced", 1280, 1000, is_spaced=True)
LARGE = Look("large text", 390, 844)
WIDE_LARGE = Look("large text", 1280, 1000)


def lost_on(page: Page, look: Look) -> list[str]:
    """Return what is lost on the open page, and where."""
    page.set_viewport_size({"width": look.width, "height": look.height})
    page.evaluate(_SPACED if look.is_spaced else "document.adoptedStyleSheets = []")
    page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
    lost: list[str] = page.evaluate(_LOST)
    share: float = page.evaluate(_COVERED)
    if share > 1 / 3:
        lost.append(f"{share:.0%} of the screen is covered by bars")
    return [f"{look}: {urlsplit(page.url).path}: {each}" for each in lost]
