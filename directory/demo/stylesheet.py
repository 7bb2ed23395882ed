"""What the stylesheet says of colors and distances, read from the stylesheet itself."""

import re
from collections import Counter
from dataclasses import dataclass

_BLOCK = re.compile(r":root\s*\{([^}]*)\}")
_COLOR = re.compile(r"--([\w-]+):\s*(#[0-9a-f]{6})\b")
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_SPACE = re.compile(r"(?:margin|padding|gap)[\w-]*:([^;}]*)")
_REM = re.compile(r"(?<![\w.-])(\d*\.?\d+)rem")
_OFTEN = 5  # what is used less often is a detail, no step of a scale

# The background of each color; the rest are backgrounds and lines, which hold no text.
_STANDS_ON = {
    "ink": ("paper", "card", "wash", "notice-wash", "error-wash"),
    "soft": ("paper", "card", "wash", "notice-wash", "error-wash"),
    "accent": ("paper", "card", "wash", "notice-wash", "error-wash"),
    "accent-press": ("paper", "card"),
    "on-accent": ("accent", "accent-press"),
    "error": ("paper", "card"),
    "edge": ("paper", "card", "wash"),
    "notice": ("notice-wash",),
}
# An outline or a bar needs 3:1 by WCAG 1.4.11, words need 4.5:1 by 1.4.3.
_NO_WORDS = frozenset({"edge", "notice"})


@dataclass(frozen=True)
class Color:
    """A variable in both themes, and its lowest contrast on the grounds it stands on."""

    name: str
    light: str
    dark: str
    light_contrast: float | None
    dark_contrast: float | None
    needs: float | None


def colors(css: str) -> list[Color]:
    """Return the colors in the order of the stylesheet."""
    light, dark = (_values(block) for block in _BLOCK.findall(css)[:2])
    return [
        Color(
            name=name,
            light=value,
            dark=dark.get(name, value),
            light_contrast=_lowest(name, light),
            dark_contrast=_lowest(name, {**light, **dark}),
            needs=None if name not in _STANDS_ON else 3.0 if name in _NO_WORDS else 4.5,
        )
        for name, value in light.items()
    ]


def spaces(css: str) -> list[float]:
    """Return the distances used often, in rem, from the smallest."""
    found = Counter(
        float(number)
        for value in _SPACE.findall(_COMMENT.sub("", css))
        for number in _REM.findall(value)
    )
    return sorted(space for space, count in found.items() if count >= _OFTEN)


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colors as WCAG counts it, from 1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _values(block: str) -> dict[str, str]:
    return dict(_COLOR.findall(block))


def _lowest(name: str, theme: dict[str, str]) -> float | None:
    grounds = _STANDS_ON.get(name)
    return min(contrast(theme[name], theme[ground]) for ground in grounds) if grounds else None


def _luminance(color: str) -> float:
    red, green, blue = (_linear(int(color[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    linear: float = part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
    return linear
