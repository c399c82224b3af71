"""The colours of the illustrations: those of the shop's design, and the few that food and crockery need beside them."""

TINTS = {
    "sauge": "#DFE9D9",
    "miel": "#F8E8C0",
    "brique": "#F3D9CC",
    "ciel": "#D9E7EE",
    "prune": "#E9DCEA",
    "olive": "#E8E9C9",
    "argile": "#ECDCCB",
    "menthe": "#D5ECE2",
    "rose": "#F7DCDF",
    "lin": "#EFE9DD",
}
"""The ground of each rayon, under the names that `Category.tint` holds; the same as in the shop's style sheet."""

COLOURS = {
    "papier": "#FBF8F2",
    "blanc": "#FFFDF8",
    "encre": "#1E2923",
    "feuille": "#256B4C",
    "tomate": "#C5412A",
    "soleil": "#E8B23F",
    "mousse": "#3F7D4E",
    "pre": "#6FA35B",
    "tendre": "#A9C77B",
    "sauge": "#9DB492",
    "olive": "#7C8442",
    "bouteille": "#2C4A38",
    "cerise": "#A62B2B",
    "framboise": "#C24862",
    "rose": "#E3A09B",
    "peche": "#F2B98C",
    "abricot": "#EFA24B",
    "orange": "#E07B2C",
    "potiron": "#D9652A",
    "citron": "#F2CF4A",
    "miel": "#D8942C",
    "ambre": "#B96A1E",
    "creme": "#F7ECD2",
    "beurre": "#F4DC93",
    "ivoire": "#EFE3C6",
    "croute": "#C98A45",
    "pain": "#DDAA66",
    "mie": "#F3DFB4",
    "kraft": "#CDA777",
    "bois": "#C8995F",
    "noyer": "#8A5A38",
    "cacao": "#6A4231",
    "chocolat": "#4A2D24",
    "vin": "#6A1F30",
    "prune": "#6D3F63",
    "lavande": "#9486BD",
    "ocean": "#33617F",
    "ciel": "#8FB6C9",
    "nuit": "#27405A",
    "acier": "#C6CCCB",
    "ardoise": "#6C7775",
    "sable": "#DCCBAA",
    "verre": "#DCE9E4",
    "terre": "#B5684A",
}
SHADOW = "#2B1F2A"
LIGHT = "#FFF8E8"


def colour(name: str) -> str:
    """A colour of the palette by name; a `#rrggbb` passes through. KeyError for a name that does not exist."""
    return name if name.startswith("#") else COLOURS[name]


def mix(first: str, second: str, share: float) -> str:
    """`share` of the second colour in the first, from 0 to 1."""
    first, second = colour(first), colour(second)
    channels = (
        round(int(first[at : at + 2], 16) * (1 - share) + int(second[at : at + 2], 16) * share) for at in (1, 3, 5)
    )
    return "#" + "".join(f"{channel:02X}" for channel in channels)


def dark(name: str, share: float = 0.18) -> str:
    return mix(name, SHADOW, share)


def pale(name: str, share: float = 0.3) -> str:
    return mix(name, LIGHT, share)
