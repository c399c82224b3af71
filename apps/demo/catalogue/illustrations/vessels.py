"""Bottles, jars, tins, pots: turned bodies that carry a label."""

from apps.demo.catalogue.illustrations.emblems import emblem
from apps.demo.catalogue.illustrations.lettering import write
from apps.demo.catalogue.illustrations.palette import dark, mix, pale
from apps.demo.catalogue.illustrations.pen import Pen, Profile, arched, band, box, curve, ellipse, scatter, turned

BOTTLES: dict[str, Profile] = {
    "bordeaux": [(19, -385), (19, -290), (64, -225), (64, 0)],
    "bourgogne": [(19, -385), (20, -310), (70, -178), (70, 0)],
    "biere": [(18, -350), (20, -270), (62, -180), (62, 0)],
    "huile": [(17, -375), (17, -310), (66, -268), (66, 0)],
    "jus": [(28, -355), (28, -305), (78, -225), (78, 0)],
    "lait": [(36, -345), (33, -310), (78, -215), (78, 0)],
    "limonade": [(20, -370), (22, -300), (72, -195), (72, 0)],
    "sirop": [(20, -370), (20, -318), (62, -255), (62, 0)],
    "fiole": [(24, -236), (24, -214), (70, -176), (70, 0)],
}


def _label(
    pen: Pen,
    half: float,
    top: float,
    bottom: float,
    *,
    paper: str = "papier",
    ink: str = "encre",
    text: str = "",
    sub: str = "",
    mark: str = "",
    mark_ink: str = "",
    stripe: str = "",
    bow: float = 5,
) -> None:
    """A printed label around a round body: emblem above, name below, a coloured stripe along its foot."""
    pen.flat(arched(-half, half, top, bottom, bow), paper)
    with pen.clipped(arched(-half, half, top, bottom, bow)), pen.at(0, bow):
        height = bottom - top
        if stripe:
            pen.flat(arched(-half, half, bottom - height * 0.16 - bow, bottom + 20, bow), stripe)
        if not stripe:
            pen.line(f"M{-half} {top + 8 - bow}Q0 {top + 8 + bow} {half} {top + 8 - bow}", ink, 1.6, 0.7)
            pen.line(f"M{-half} {bottom - 8 - bow}Q0 {bottom - 8 + bow} {half} {bottom - 8 - bow}", ink, 1.6, 0.7)
        room = height * (0.84 if stripe else 1)
        if mark:
            scale = min(room * 0.42, half * 1.0) / 44
            emblem(pen, mark, mark_ink or ink, y=top + room * ((0.33 if sub else 0.37) if text else 0.5), scale=scale)
        if text:
            size = min(room * 0.17, 24)
            write(
                pen,
                text,
                y=top + room * ((0.72 if sub else 0.79) if mark else 0.56),
                height=size,
                fill=ink,
                within=half * 1.52,
                weight=1.7,
            )
        if sub:
            write(pen, sub, y=top + room * (0.86 if mark else 0.74), height=size * 0.52, fill=ink, within=half * 1.3)


def bottle(
    pen: Pen,
    *,
    shape: str = "bordeaux",
    glass: str = "bouteille",
    drink: str = "",
    level: float = 0.62,
    cap: str = "vin",
    closing: str = "capsule",
    paper: str = "papier",
    ink: str = "encre",
    text: str = "",
    sub: str = "",
    mark: str = "",
    mark_ink: str = "",
    stripe: str = "",
    scale: float = 0.96,
) -> None:
    """`drink` shows through clear glass up to `level` of the height; without it the glass itself is coloured."""
    profile = BOTTLES[shape]
    outline = turned(profile, 14)
    mouth, top = profile[0]
    half = profile[-1][0]
    shoulder = profile[-2][1]
    with pen.at(0, 0, scale):
        pen.shadow(half * 1.25)
        pen.flat(outline, glass)
        if drink:
            with pen.clipped(outline):
                surface = top * level if level < 1 else top
                pen.flat(box(-half, surface, 2 * half, -surface), drink)
                pen.flat(ellipse(0, surface, half, 7), pale(drink, 0.3))
                pen.flat(band(profile, -1, -0.9), glass, 0.55)
                pen.flat(band(profile, 0.9, 1), glass, 0.4)
                pen.flat(box(-half, -12, 2 * half, 12), glass, 0.5)
        with pen.clipped(outline):
            _label(
                pen,
                half,
                max(shoulder * 0.94, -168),
                max(shoulder * 0.2, -38),
                paper=paper,
                ink=ink,
                text=text,
                sub=sub,
                mark=mark,
                mark_ink=mark_ink,
                stripe=stripe,
            )
        pen.volume(profile, outline, 0.3)
        _close(pen, closing, cap, mouth, top)


def _close(pen: Pen, closing: str, cap: str, mouth: float, top: float) -> None:
    if closing == "capsule":
        sleeve = [(mouth + 1, top - 2), (mouth + 1, top + 62)]
        pen.flat(turned(sleeve, 2), cap)
        pen.flat(box(-mouth - 4, top - 4, 2 * mouth + 8, 13, 4), dark(cap, 0.1))
        pen.volume(sleeve, turned(sleeve, 2), 0.25)
    elif closing == "couronne":
        pen.form(box(-mouth - 5, top - 10, 2 * mouth + 10, 20, 6), cap, (-8, -2))
        for index in range(5):
            x = -mouth + index * mouth / 2
            pen.line(f"M{x} {top - 2}V{top + 8}", dark(cap, 0.3), 2)
    elif closing == "mecanique":
        pen.flat(box(-mouth - 3, top + 6, 2 * mouth + 6, 14, 5), "acier")
        pen.line(
            f"M{-mouth - 3} {top + 12}C{-mouth - 22} {top + 40} {-mouth - 8} {top + 60} {-mouth + 2} {top + 56}",
            "ardoise",
            3.4,
        )
        pen.line(
            f"M{mouth + 3} {top + 12}C{mouth + 22} {top + 40} {mouth + 8} {top + 60} {mouth - 2} {top + 56}",
            "ardoise",
            3.4,
        )
        pen.form(curve((-mouth, top), (-mouth + 2, top - 22), (mouth - 2, top - 22), (mouth, top)), cap, (-6, -4))
        pen.flat(box(-mouth - 1, top - 3, 2 * mouth + 2, 8, 4), "tomate")
        pen.line(
            f"M{-mouth - 3} {top + 12}C{-mouth - 6} {top - 30} {mouth + 6} {top - 30} {mouth + 3} {top + 12}",
            "ardoise",
            3.4,
        )
    elif closing == "bouchon":
        pen.form(box(-mouth + 4, top - 30, 2 * mouth - 8, 40, 4), cap, (-7, -3))
        pen.flat(box(-mouth - 3, top - 4, 2 * mouth + 6, 16, 6), "verre")
    elif closing == "muselet":
        sleeve = [(mouth + 6, top - 6), (mouth + 2, top + 92)]
        pen.flat(turned(sleeve, 4), cap)
        pen.volume(sleeve, turned(sleeve, 4), 0.25)
        pen.form(
            curve(
                (-mouth - 9, top - 2),
                (-mouth - 7, top - 26),
                (0, top - 34),
                (mouth + 7, top - 26),
                (mouth + 9, top - 2),
            ),
            "sable",
            (-8, -5),
        )
        pen.line(
            f"M{-mouth - 7} {top + 12}L0 {top - 32}L{mouth + 7} {top + 12}M{-mouth - 7} {top + 12}Q0 {top + 20} {mouth + 7} {top + 12}",
            "ardoise",
            2.4,
        )
    elif closing == "pompe":
        pen.form(box(-mouth - 3, top - 20, 2 * mouth + 6, 30, 5), cap, (-12, -4))
        pen.flat(box(-6, top - 52, 12, 34), dark(cap, 0.15))
        pen.form(f"M-14 {top - 66}h64c10 0 14 8 12 20h-12c0 -6 -4 -8 -10 -8h-54Z", cap, (-4, -5))
    elif closing == "pipette":
        pen.form(box(-mouth - 3, top - 26, 2 * mouth + 6, 38, 4), cap, (-10, -2))
        pen.form(
            curve((-13, top - 26), (-14, top - 62), (0, top - 80), (14, top - 62), (13, top - 26)), "encre", (-6, -3)
        )
    else:
        pen.form(box(-mouth - 4, top - 16, 2 * mouth + 8, 34, 6), cap, (-10, -3))
        for index in range(1, 6):
            x = -mouth - 4 + index * (mouth + 4) / 3
            pen.line(f"M{x:.1f} {top - 6}V{top + 12}", dark(cap, 0.22), 1.8)


JARS: dict[str, Profile] = {
    "confiture": [(84, -232), (104, -200), (104, 0)],
    "miel": [(92, -206), (112, -176), (112, 0)],
    "haut": [(74, -276), (88, -240), (88, 0)],
    "petit": [(80, -168), (92, -146), (92, 0)],
    "epice": [(54, -214), (60, -196), (60, 0)],
}


def jar(
    pen: Pen,
    *,
    shape: str = "confiture",
    filling: str = "abricot",
    pieces: str = "",
    lid: str = "blanc",
    cover: str = "",
    paper: str = "papier",
    ink: str = "encre",
    text: str = "",
    sub: str = "",
    mark: str = "",
    mark_ink: str = "",
    stripe: str = "",
    scale: float = 1,
) -> None:
    """A glass jar. `cover` names a cloth (« vichy ») tied over the lid; `pieces` what floats in it (« cornichons »)."""
    profile = JARS[shape]
    outline = turned(profile, 26)
    mouth, top = profile[0]
    half = profile[-1][0]
    with pen.at(0, 0, scale):
        pen.shadow(half * 1.2)
        pen.flat(outline, mix("verre", filling, 0.2))
        inner = turned(
            [(w - 7, y + (14 if index == 0 else 0)) for index, (w, y) in enumerate(profile[:-1])] + [(half - 7, -8)], 20
        )
        pen.flat(inner, filling)
        with pen.clipped(inner):
            pen.flat(box(-half, top, 2 * half, 24), pale(filling, 0.35))
            if pieces:
                PIECES[pieces](pen, half, top)
        with pen.clipped(outline):
            _label(
                pen,
                half * 0.86,
                -profile[-2][1] * -0.84,
                -profile[-2][1] * -0.16,
                paper=paper,
                ink=ink,
                text=text,
                sub=sub,
                mark=mark,
                mark_ink=mark_ink,
                stripe=stripe,
            )
        pen.volume(profile, outline, 0.38)
        if cover:
            _cloth_cover(pen, mouth, top, lid)
        else:
            ring = [(mouth + 7, top - 36), (mouth + 7, top + 8)]
            pen.flat(turned(ring, 4), lid)
            pen.flat(ellipse(0, top - 36, mouth + 7, 9), pale(lid, 0.35))
            for y in (top - 14, top - 4):
                pen.line(f"M{-mouth - 7} {y}Q0 {y + 10} {mouth + 7} {y}", dark(lid, 0.25), 1.8, 0.7)
            pen.volume(ring, turned(ring, 4), 0.3)


def _cloth_cover(pen: Pen, mouth: float, top: float, fill: str) -> None:
    hem = [(-mouth - 30, top + 30)]
    count = 8
    for index in range(1, count):
        x = -mouth - 30 + index * (2 * mouth + 60) / count
        hem.append((x, top + (46 if index % 2 else 32)))
    hem.append((mouth + 30, top + 30))
    shape = curve(
        *hem,
        (mouth + 14, top - 4),
        (mouth + 4, top - 34),
        (0, top - 44),
        (-mouth - 4, top - 34),
        (-mouth - 14, top - 4),
    )
    pen.flat(shape, "blanc")
    with pen.clipped(shape):
        for x in range(-int(mouth) - 40, int(mouth) + 44, 22):
            pen.flat(box(x, top - 50, 11, 110), fill, 0.55)
        for y in range(int(top) - 50, int(top) + 60, 22):
            pen.flat(box(-mouth - 40, y, 2 * mouth + 80, 11), fill, 0.55)
        pen.flat(box(mouth * 0.5, top - 50, mouth, 120), "#2B1F2A", 0.14)
    pen.line(f"M{-mouth - 8} {top + 2}Q0 {top + 16} {mouth + 8} {top + 2}", "kraft", 5)
    pen.line(
        f"M0 {top + 10}C-26 {top - 8} -30 {top + 24} 0 {top + 11}C28 {top - 8} 32 {top + 26} 2 {top + 11}M0 {top + 11}L-12 {top + 34}M2 {top + 11}L16 {top + 34}",
        "kraft",
        3.6,
    )


def _gherkins(pen: Pen, half: float, top: float) -> None:
    for index, (x, y, turn) in enumerate(
        (
            (-56, -64, -14),
            (-24, -52, 6),
            (12, -62, -8),
            (48, -54, 12),
            (-44, -170, 8),
            (-6, -176, -10),
            (34, -168, 14),
            (64, -160, -6),
            (-64, -118, 4),
            (66, -100, -4),
        )
    ):
        with pen.at(x, y, turn=turn):
            shape = curve((-14, -46), (0, -54), (14, -44), (15, 0), (13, 42), (0, 52), (-14, 42), (-16, 0))
            pen.form(shape, ("pre", "mousse", "olive")[index % 3], (-6, -4))
            for dx, dy in ((-5, -28), (4, -10), (-6, 8), (3, 26)):
                pen.flat(ellipse(dx, dy, 2.4), "tendre")
    for x, y in ((-36, -108), (20, -112), (54, -30)):
        pen.flat(ellipse(x, y, 10), "creme")


def _grains(pen: Pen, half: float, top: float) -> None:
    for index, (x, y, _turn) in enumerate(scatter(170, 2 * half, -top)):
        pen.flat(ellipse(x, y + top / 2, 5 - index % 3 * 0.8), ("ambre", "noyer", "beurre")[index % 3])


def _herbs(pen: Pen, half: float, top: float) -> None:
    for index, (x, y, turn) in enumerate(scatter(170, 2 * half, -top)):
        with pen.at(x, y + top / 2, turn=turn):
            pen.flat(box(-1.7, -6.5, 3.4, 13, 1.7), ("sauge", "mousse", "creme", "tendre")[index % 4])


PIECES = {"cornichons": _gherkins, "graines": _grains, "herbes": _herbs}


def tin(
    pen: Pen,
    *,
    body: str = "ocean",
    paper: str = "",
    ink: str = "encre",
    text: str = "",
    sub: str = "",
    mark: str = "",
    mark_ink: str = "",
    lid: str = "acier",
    half: float = 100,
    height: float = 200,
) -> None:
    """An upright metal box seen slightly from above: tea, biscuits, crème de marrons."""
    profile = [(half, -height), (half, 0)]
    outline = turned(profile, 10)
    pen.shadow(half * 1.2)
    pen.flat(outline, body)
    with pen.clipped(outline):
        _label(
            pen,
            half * (0.8 if paper else 1),
            -height * 0.8,
            -height * 0.12,
            paper=paper or body,
            ink=ink,
            text=text,
            sub=sub,
            mark=mark,
            mark_ink=mark_ink,
        )
    pen.volume(profile, outline, 0.26)
    ring = [(half + 4, -height - 26), (half + 4, -height + 8)]
    pen.flat(turned(ring, 6), lid)
    pen.volume(ring, turned(ring, 6), 0.3)
    pen.form(ellipse(0, -height - 26, half + 4, 15), pale(lid, 0.3), (-10, -5), 0.1)
    pen.line(ellipse(0, -height - 26, half - 12, 10), dark(lid, 0.18), 2)


def flat_tin(
    pen: Pen, *, body: str = "ocean", ink: str = "creme", text: str = "", mark: str = "poisson", mark_ink: str = "acier"
) -> None:
    """A tin of fish lying in front of another that stands behind it."""
    pen.shadow(178)
    with pen.at(34, -66, 0.94, turn=4):
        pen.form(box(-140, -150, 280, 176, 44), dark(body, 0.16), (-10, -8))
        pen.line(box(-122, -132, 244, 140, 34), pale(body, 0.2), 3, 0.5)
    with pen.at(-8, 0):
        pen.form(box(-165, -62, 330, 62, 30), dark("acier", 0.08), (-10, -8))
        pen.form(box(-165, -160, 330, 138, 52), body, (-8, -10), 0.22)
        pen.line(box(-150, -148, 300, 114, 42), ink, 2.6, 0.8)
        pen.line(box(-165, -160, 330, 138, 52), pale("acier", 0.2), 5)
        emblem(pen, mark, mark_ink, y=-112, scale=1.7)
        write(pen, text, y=-52, height=19, fill=ink, within=230, weight=1.7)
        pen.line(ellipse(118, -92, 15, 11), pale("acier", 0.3), 5)


def pot(
    pen: Pen,
    *,
    body: str = "blanc",
    ink: str = "encre",
    text: str = "",
    sub: str = "",
    mark: str = "",
    mark_ink: str = "",
    stripe: str = "",
    lid: str = "papier",
    half: float = 92,
    height: float = 170,
    scale: float = 1,
) -> None:
    """A tapered pot with a flat lid: cream, yoghurt."""
    profile = [(half, -height), (half * 0.84, 0)]
    outline = turned(profile, 14)
    with pen.at(0, 0, scale):
        pen.shadow(half * 1.1)
        pen.flat(outline, body)
        with pen.clipped(outline):
            if stripe:
                pen.flat(arched(-half, half, -height * 0.26, 10, 6), stripe)
            if mark:
                emblem(pen, mark, mark_ink or ink, y=-height * 0.7, scale=height / 165)
            if text:
                write(
                    pen,
                    text,
                    y=-height * 0.31 if mark else -height * 0.45,
                    height=height * 0.13,
                    fill=ink,
                    within=half * 1.4,
                    weight=1.7,
                )
            if sub:
                write(
                    pen, sub, y=-height * 0.1, height=height * 0.08, fill="papier" if stripe else ink, within=half * 1.2
                )
        pen.volume(profile, outline, 0.4)
        ring = [(half + 7, -height - 14), (half + 6, -height + 6)]
        pen.flat(turned(ring, 5), lid)
        pen.volume(ring, turned(ring, 5), 0.2)
        pen.flat(ellipse(0, -height - 14, half + 7, 11), pale(lid, 0.4))


def yoghurts(
    pen: Pen, *, body: str = "papier", lid: str = "feuille", ink: str = "feuille", mark: str = "vache", text: str = ""
) -> None:
    """Four pots, two behind."""
    for x in (-62, 78):
        with pen.at(x, -52):
            pot(pen, body=dark(body, 0.08), lid=lid, half=66, height=126)
    for x, word in ((-92, text), (50, text)):
        with pen.at(x, 0):
            pot(pen, body=body, lid=lid, half=70, height=134, mark=mark, mark_ink=ink, ink=ink, text=word)


def tube(
    pen: Pen,
    *,
    body: str = "blanc",
    cap: str = "feuille",
    ink: str = "feuille",
    text: str = "",
    mark: str = "",
    stripe: str = "sauge",
) -> None:
    """A tube that stands on its cap."""
    pen.shadow(78)
    shape = "M-84 -372H84C80 -260 64 -150 58 -64Q0 -48 -58 -64C-64 -150 -80 -260 -84 -372Z"
    pen.form(shape, body, (-26, 0), 0.14)
    with pen.clipped(shape):
        pen.flat(box(-90, -376, 180, 24), dark(body, 0.12))
        for x in range(-84, 90, 12):
            pen.line(f"M{x} -372V-354", dark(body, 0.24), 1.6)
        pen.flat("M-90 -150C-30 -180 20 -120 90 -156V-40H-90Z", stripe)
        pen.flat("M-90 -128C-30 -158 20 -98 90 -134V-40H-90Z", cap, 0.8)
        pen.flat(box(-66, -350, 12, 270, 6), "#FFFFFF", 0.5)
    if mark:
        emblem(pen, mark, ink, y=-276, scale=1.6)
    write(pen, text, y=-190, height=18, fill=ink, within=112, weight=1.8)
    pen.form(box(-50, -64, 100, 64, 12), cap, (-16, -4))
    for x in range(-36, 40, 14):
        pen.line(f"M{x} -50V-12", dark(cap, 0.25), 2.4)
