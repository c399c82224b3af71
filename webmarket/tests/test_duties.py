"""docs/duties.md names code and tests that exist."""

import ast
import re

from django.conf import settings

ROW = re.compile(r"^\| (?!duty|---)(.+?) \|$", re.M)


def rows() -> list[list[str]]:
    text = (settings.BASE_DIR / "docs" / "duties.md").read_text()
    return [[cell.strip() for cell in row.split(" | ")] for row in ROW.findall(text) if not row.startswith("---")]


def functions(path: str) -> set[str]:
    tree = ast.parse((settings.BASE_DIR / path).read_text())
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_each_duty_has_its_source_code_test_and_screen():
    assert len(rows()) > 10
    incomplete = [row[0] for row in rows() if len(row) != 6 or not all(row)]
    assert incomplete == []


def test_each_named_place_and_test_exists():
    missing = []
    for _duty, _source, _since, code, test, _screen in rows():
        path, _sep, name = test.strip("`").partition("::")
        if not (settings.BASE_DIR / code.strip("`")).exists():
            missing.append(code)
        if not (settings.BASE_DIR / path).is_file() or name not in functions(path) or not name.startswith("test_"):
            missing.append(test)
    assert missing == []
