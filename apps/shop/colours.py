"""The shop's own colour for buttons and links, held within WCAG 2.2's contrast (AA, 1.4.3: 4.5 to 1)."""

import re
from dataclasses import dataclass

AA = 4.5
PAPER, CARD_DARK, WHITE, INK = "#fbf8f2", "#1e2622", "#ffffff", "#10231a"
STEPS = 40


@dataclass(frozen=True, slots=True)
class Palette:
    """Values of the custom properties that depend on the colour, on light pages and on dark ones."""

    leaf: str
    leaf_deep: str
    leaf_soft: str
    dark_leaf: str
    dark_leaf_deep: str
    dark_leaf_soft: str


def is_colour(text: str) -> bool:
    return bool(re.fullmatch(r"#[0-9a-f]{6}", text))


def contrast(one: str, other: str) -> float:
    """The ratio of two colours, 1 to 21 (https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio)."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def on_paper(colour: str) -> float:
    """The contrast that decides: links on the page's paper. White on a button of this colour has more."""
    return contrast(colour, PAPER)


def palette(colour: str) -> Palette:
    """For a colour that has its contrast on paper; the others are made of it, each with its own."""
    soft = next(
        mixed for step in range(STEPS) if contrast(colour, mixed := mix(colour, WHITE, 0.12 - step * 0.003)) >= AA
    )
    light = next(
        mixed for step in range(STEPS + 1) if contrast(mixed := mix(WHITE, colour, step / STEPS), CARD_DARK) >= 6
    )
    return Palette(
        leaf=colour,
        leaf_deep=mix("#000000", colour, 0.25),
        leaf_soft=soft,
        dark_leaf=light,
        dark_leaf_deep=mix(WHITE, light, 0.3),
        dark_leaf_soft=mix(colour, CARD_DARK, 0.2),
    )


def mix(one: str, other: str, share: float) -> str:
    """`share` of the first colour in the second."""
    share = max(0.0, min(1.0, share))
    parts = zip(_channels(one), _channels(other), strict=True)
    return "#" + "".join(f"{round(a * share + b * (1 - share)):02x}" for a, b in parts)


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(colour: str) -> float:
    red, green, blue = (
        part / 12.92 if (part := channel / 255) <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for channel in _channels(colour)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
