#!/usr/bin/env python3
"""Draws the tables of docs/benchmarks*.md as SVG files in docs/plots/, and shows them in docs/benchmarks.md.

    deploy/bench/plots.py          run.py does this at its end

Drawn from the tables, so that a picture never says anything else than the page it stands on.
"""

import re
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from svg import Point, Series, dots

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
FOLDER = "plots"
PEERS = Path(__file__).resolve().with_name("peers.toml")
BEGIN, END = "<!-- plots: deploy/bench/plots.py -->", "<!-- /plots -->"
SECTION = re.compile(r"^## ([\d\s,]+) products, (\w+)$")
RANGE = re.compile(r"\*\*([\d.,]+)\*\* \(([\d.,]+) – ([\d.,]+)\)")
PURCHASES = re.compile(r"^Whole guest purchase .*?: ([\d.]+) a second \(([\d.]+) – ([\d.]+)\)")


@dataclass
class Row:
    """A page with one database of one size."""

    page: str
    rate: float
    cpu: float
    reference: str
    ratio: Point | None


@dataclass
class Section:
    database: str
    products: int
    rows: list[Row] = field(default_factory=list)
    purchases: Point | None = None

    @property
    def name(self) -> str:
        return f"{self.products:,} products"


def read(text: str) -> list[Section]:
    """The sections of docs/benchmarks.md, as run.py writes them."""
    sections: list[Section] = []
    names: list[str] = []
    for line in text.splitlines():
        if line.startswith("## "):
            if found := SECTION.match(line):
                sections.append(Section(found[2], int(re.sub(r"\D", "", found[1]))))
            elif sections:
                break
        elif sections and line.startswith("| page"):
            names = _cells(line)
        elif sections and line.startswith("| "):
            cells = dict(zip(names, _cells(line), strict=True))
            rate, cpu, ratio = (cells[name] for name in ("per second (median)", "CPU, ms", "ratio, median (min – max)"))
            sections[-1].rows.append(Row(cells["page"], _number(rate), _number(cpu), cells["of"], _range(ratio)))
        elif sections and (found := PURCHASES.match(line)):
            sections[-1].purchases = Point(*map(float, found.groups()))
    return sections


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().removeprefix("|").removesuffix("|").split("|")]


def _number(text: str) -> float:
    return float(text.replace(",", ""))


def _range(text: str) -> Point | None:
    found = RANGE.search(text)
    return Point(*map(_number, found.groups())) if found else None


def plotted_database(sections: list[Section]) -> list[Section]:
    """MySQL's, which production has, where it was measured."""
    kinds = {section.database for section in sections}
    return [section for section in sections if section.database == ("mysql" if "mysql" in kinds else min(kinds))]


def plots(sections: list[Section], comments: str, peers: dict) -> Iterator[tuple[str, str, str]]:
    """File name, what stands beside it, and the picture."""
    sections = plotted_database(sections)
    kind = {"mysql": "MySQL", "sqlite": "SQLite"}[sections[0].database]
    for name, reference, title, mark in (
        ("cached", "bare cached page", "Pages from the process's cache", "a bare cached page"),
        ("pages", "bare 20-card page", "Pages rendered anew, and a write", "a bare page of 20 cards"),
        ("nginx", " from cache", "Pages through nginx", "the same page from gunicorn alone"),
    ):
        series = [
            Series(each.name, {row.page: row.ratio for row in each.rows if row.ratio and reference in row.reference})
            for each in sections
        ]
        if any(each.points for each in series):
            series = [each for each in series if each.points]
            about = f"{title}, {kind}: rate, of that of {mark}"
            yield (
                name,
                about,
                dots(f"{title} ({kind})", series, unit="requests per second, of the mark's", mark=(1, mark)),
            )
    cpu = [Series(each.name, {row.page: Point(row.cpu) for row in each.rows}) for each in sections]
    title = f"Processor time of a request ({kind})"
    yield "cpu", f"{title}, without the database's", dots(title, cpu, unit="milliseconds of a worker")
    if bought := {each.name: each.purchases for each in sections if each.purchases}:
        title = f"Whole guest purchases ({kind})"
        picture = dots(
            title, [Series("purchases", bought)], unit="purchases per second, from product page to confirmation"
        )
        yield "purchases", title, picture
    if compared := dict(_comments(comments)):
        by_server: dict[str, dict[str, Point]] = {}
        for (call, server), point in compared.items():
            by_server.setdefault(server, {})[call] = point
        title = "Comments of the API"
        picture = dots(
            title,
            [Series(f"of {server}", points) for server, points in by_server.items()],
            unit="requests per second, of the other server's",
            mark=(1, "the other server"),
        )
        yield "comments", f"{title}, beside a minimal FastAPI and a bare Django", picture
    yield from _peers(sections[0], peers)


def _comments(text: str) -> Iterator[tuple[tuple[str, str], Point]]:
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 5 and (found := re.match(r"([\d.]+) – \*\*([\d.]+)\*\* – ([\d.]+)", cells[4])):
            low, middle, high = map(float, found.groups())
            yield (cells[0], cells[1]), Point(middle, low, high)


def _peers(section: Section, peers: dict) -> Iterator[tuple[str, str, str]]:
    """The shop's ratios at the smallest size beside what others reached, by the same bare page on one machine."""
    own = {row.page: row.ratio for row in section.rows if row.ratio}
    ours = {name: Point(own[page].value) for name, page in peers["pages"].items() if page in own}
    series = [Series("WebMarket+", ours)]
    series += [
        Series(each["name"], {page: Point(value) for page, value in each["ratios"].items()}) for each in peers["peer"]
    ]
    title = "Beside other shops"
    picture = dots(title, series, unit="rate, of a bare page of 20 cards", mark=(1, "the bare page"), is_log=True)
    yield "peers", f"{title}: rate, of the same bare page", picture


def show(text: str, listed: list[tuple[str, str]], sources: list[str]) -> str:
    """The page with the pictures before its first section, in place of those of the last time."""
    text = re.sub(f"{BEGIN}.*?{END}\n\n?", "", text, flags=re.DOTALL)
    pictures = "\n\n".join(f"![{about}]({FOLDER}/{name}.svg)" for name, about in listed)
    block = f"{BEGIN}\n{pictures}\n\n{chr(10).join(sources)}\n{END}\n\n"
    at = text.index("## ")
    return text[:at] + block + text[at:]


def write_plots(page: Path = DOCS / "benchmarks.md") -> list[Path]:
    """Write the pictures of the page's tables beside it; returns their files."""
    peers = tomllib.loads(PEERS.read_text())
    comments = DOCS / "benchmarks-comments.md"
    folder = page.parent / FOLDER
    folder.mkdir(exist_ok=True)
    written, listed = [], []
    for name, about, picture in plots(read(page.read_text()), comments.read_text() if comments.exists() else "", peers):
        path = folder / f"{name}.svg"
        path.write_text(picture)
        written.append(path)
        listed.append((name, about))
    page.write_text(show(page.read_text(), listed, peers["sources"]))
    return written


if __name__ == "__main__":
    for path in write_plots():
        print(path.relative_to(ROOT))
