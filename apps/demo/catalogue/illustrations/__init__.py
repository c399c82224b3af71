"""The demo shop's illustrations: composed as SVG from a small vocabulary of motifs, drawn by resvg.

    svg = render("bottle", tint="prune", glass="bouteille", text="CÔTES")
    png = rasterise(svg, width=1200)

One hand for all of them: the palette of the shop's design, two tones with the light from the upper left, a sheet in
the tint of the rayon with a paler disc, a shadow on the ground and the grain of paper.
"""

from collections.abc import Callable
from functools import cache

import resvg_py

from apps.demo.catalogue.illustrations import bakery, dairy, house, packets, produce, vessels
from apps.demo.catalogue.illustrations.palette import TINTS, dark, pale
from apps.demo.catalogue.illustrations.pen import SIZE, Pen, ellipse

MOTIFS: dict[str, Callable[..., None]] = {
    motif.__name__: motif
    for module in (bakery, dairy, house, packets, produce, vessels)
    for motif in vars(module).values()
    if callable(motif) and getattr(motif, "__module__", "") == module.__name__ and not motif.__name__.startswith("_")
}
GROUND = 502
"""Where motifs stand on the sheet."""
SCALE = 1.12


def render(motif: str, *, tint: str = "lin", lift: float = 0, size: float = 1, **options: object) -> str:
    """The SVG of one illustration. KeyError for an unknown motif, emblem, colour or tint; TypeError for an option."""
    pen = Pen()
    sheet = TINTS[tint]
    pen.flat(f"M0 0H{SIZE}V{SIZE}H0Z", sheet)
    pen.flat(ellipse(300, 300, 244), pale(sheet, 0.5))
    pen.flat("M0 " + str(GROUND - 46) + f"H{SIZE}V{SIZE}H0Z", dark(sheet, 0.05), 0.55)
    with pen.at(300, GROUND - lift, size * SCALE):
        MOTIFS[motif](pen, **options)
    pen.flat(_grain(), "#2B1F2A", 0.05)
    return pen.svg()


@cache
def _grain() -> str:
    """Specks of paper, always the same."""
    specks = []
    seed = 7
    for _ in range(240):
        seed = (seed * 48271) % 2147483647
        x = seed % SIZE
        seed = (seed * 48271) % 2147483647
        y = seed % SIZE
        specks.append(f"M{x} {y}h{1 + seed % 3}v1h-{1 + seed % 2}Z")
    return "".join(specks)


def rasterise(svg: str, *, width: int) -> bytes:
    """PNG, square. No font is loaded: letters are paths."""
    return resvg_py.svg_to_bytes(svg_string=svg, width=width, height=width, skip_system_fonts=True)
