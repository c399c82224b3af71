"""Capital letters drawn with one line of the pen, for labels. Ten units high, so that no font file is needed."""

import math
import unicodedata

from apps.demo.catalogue.illustrations.pen import Pen

GLYPHS: dict[str, tuple[float, str]] = {
    "A": (8, "M0 10L4 0L8 10M1.6 6.4H6.4"),
    "B": (6, "M0 0V10H3.3A2.6 2.6 0 0 0 3.3 4.8H0M0 0H3A2.4 2.4 0 0 1 3 4.8"),
    "C": (8.6, "M8.6 1.8A5 5 0 1 0 8.6 8.2"),
    "D": (7.8, "M0 0V10H2.8A5 5 0 0 0 2.8 0Z"),
    "E": (5.4, "M5.4 0H0V10H5.4M0 5H4.6"),
    "F": (5.4, "M5.4 0H0V10M0 5H4.6"),
    "G": (8.8, "M8.6 1.8A5 5 0 1 0 8.8 8V5.4H5.6"),
    "H": (7, "M0 0V10M7 0V10M0 5H7"),
    "I": (0.1, "M0 0V10"),
    "J": (4.6, "M4.6 0V7A2.5 2.8 0 0 1 0 8.4"),
    "K": (6.4, "M0 0V10M6.4 0L0 6M2.3 4L6.4 10"),
    "L": (5, "M0 0V10H5"),
    "M": (9, "M0 10V0L4.5 6L9 0V10"),
    "N": (7, "M0 10V0L7 10V0"),
    "O": (10, "M5 0A5 5 0 1 0 5 10A5 5 0 1 0 5 0Z"),
    "P": (6, "M0 10V0H3.2A2.8 2.8 0 0 1 3.2 5.6H0"),
    "Q": (10, "M5 0A5 5 0 1 0 5 10A5 5 0 1 0 5 0ZM6.4 7L9.6 10.4"),
    "R": (6.2, "M0 10V0H3.2A2.8 2.8 0 0 1 3.2 5.6H0M3.2 5.6L6.2 10"),
    "S": (6, "M5.8 1.5C5 .3 3.9 0 3 0C1.3 0 .2 1 .2 2.4C.2 5.6 6 4.2 6 7.5C6 9 4.8 10 3 10C1.8 10 .6 9.5 0 8.4"),
    "T": (7, "M0 0H7M3.5 0V10"),
    "U": (7, "M0 0V6.5A3.5 3.5 0 0 0 7 6.5V0"),
    "V": (8, "M0 0L4 10L8 0"),
    "W": (11, "M0 0L2.8 10L5.5 2L8.2 10L11 0"),
    "X": (7, "M0 0L7 10M7 0L0 10"),
    "Y": (7.5, "M0 0L3.75 5L7.5 0M3.75 5V10"),
    "Z": (6.4, "M0 0H6.4L0 10H6.4"),
    "0": (6.4, "M3.2 0A3.2 5 0 1 0 3.2 10A3.2 5 0 1 0 3.2 0Z"),
    "1": (2.4, "M0 2.2L2.4 0V10"),
    "2": (6.2, "M.2 2.6C.4 1 1.6 0 3.1 0C4.8 0 6 1.1 6 2.7C6 5 2 7 0 10H6.2"),
    "3": (
        6.2,
        "M.2 1.8C1 .5 2 0 3 0C4.6 0 5.8 1 5.8 2.5C5.8 4 4.6 4.8 2.6 4.8C4.8 4.8 6.2 5.8 6.2 7.4C6.2 9 4.8 10 3 10C1.6 10 .5 9.4 0 8.2",
    ),
    "4": (6.4, "M4.6 10V0L0 7H6.4"),
    "5": (6, "M5.4 0H1L.6 4.4C3 3.4 6 4 6 6.9C6 9 4.4 10 2.8 10C1.5 10 .6 9.6 0 8.6"),
    "6": (6.2, "M5 0C2 1.4 0 4 0 6.9A3.1 3.1 0 1 0 3.1 3.8C1.4 3.8 0 5.2 0 6.9"),
    "7": (6, "M0 0H6L2 10"),
    "8": (6, "M3 0A2.4 2.3 0 1 0 3 4.6A2.4 2.3 0 1 0 3 0ZM3 4.6A3 2.7 0 1 0 3 10A3 2.7 0 1 0 3 4.6Z"),
    "9": (6.2, "M1.2 10C4.2 8.6 6.2 6 6.2 3.1A3.1 3.1 0 1 0 3.1 6.2C4.8 6.2 6.2 4.8 6.2 3.1"),
    "%": (
        8,
        "M7 0L1 10M1.8 .4A1.6 1.6 0 1 0 1.8 3.6A1.6 1.6 0 1 0 1.8 .4ZM6.2 6.4A1.6 1.6 0 1 0 6.2 9.6A1.6 1.6 0 1 0 6.2 6.4Z",
    ),
    "-": (3.6, "M0 5.4H3.6"),
    "’": (1.2, "M1.2 -.6L.4 2"),
    "°": (2.6, "M1.3 0A1.3 1.3 0 1 0 1.3 2.6A1.3 1.3 0 1 0 1.3 0Z"),
    " ": (3.4, ""),
    "\u202f": (2.4, ""),
}
ACCENTS = {
    "\u0301": "M-.6 -1.7L1.2 -3.4",
    "\u0300": "M.6 -1.7L-1.2 -3.4",
    "\u0302": "M-1.7 -1.6L0 -3.2L1.7 -1.6",
    "\u0308": "M-1.4 -2.2V-2.1M1.4 -2.2V-2.1",
    "\u0327": "M.4 10.4C1.6 11 1.2 12.6 -.4 12.4",
}


def _letters(text: str, spacing: float) -> tuple[float, list[tuple[float, float, str, str]]]:
    """The width of the text and its letters: (x, width, path, path of the accent)."""
    x, placed = 0.0, []
    for letter in unicodedata.normalize("NFC", text.upper()):
        base, *marks = unicodedata.normalize("NFD", letter)
        width, path = GLYPHS[base]
        placed.append((x, width, path, "".join(ACCENTS[mark] for mark in marks)))
        x += width + spacing
    return x - spacing, placed


def write(
    pen: Pen,
    text: str,
    *,
    x: float = 0,
    y: float,
    height: float,
    fill: str,
    within: float | None = None,
    weight: float = 1.5,
    spacing: float = 3,
) -> None:
    """Centred on x with its baseline at y; made smaller until it is no wider than `within`."""
    width, letters = _letters(text, spacing)
    scale = height / 10
    if within is not None and width * scale > within:
        scale = within / width
    with pen.at(x - width * scale / 2, y - 10 * scale, scale):
        for left, letter_width, path, accent in letters:
            with pen.at(left, 0):
                if path:
                    pen.line(path, fill, weight)
                if accent:
                    with pen.at(letter_width / 2, 0):
                        pen.line(accent, fill, weight * 0.85)


def write_around(
    pen: Pen,
    text: str,
    *,
    radius: float,
    height: float,
    fill: str,
    flatten: float = 1,
    weight: float = 1.5,
    spacing: float = 3.4,
) -> None:
    """On a circle around (0, 0), centred on its top; `flatten` presses the circle into an ellipse."""
    width, letters = _letters(text, spacing)
    scale = height / 10
    for left, letter_width, path, accent in letters:
        angle = (left + letter_width / 2 - width / 2) * scale / radius
        with (
            pen.at(radius * math.sin(angle), -radius * flatten * math.cos(angle), scale, math.degrees(angle) * flatten),
            pen.at(-letter_width / 2, -10),
        ):
            if path:
                pen.line(path, fill, weight)
            if accent:
                with pen.at(letter_width / 2, 0):
                    pen.line(accent, fill, weight * 0.85)
