"""How modules may know each other, beyond what import-linter's layers say."""

import ast
from graphlib import CycleError, TopologicalSorter

import grimp
import pytest
from django.conf import settings

# By the first word of a function's name.
PLACES = {
    "purge": {"retention.py", "tasks.py"},
    "anonymise": {"retention.py", "tasks.py"},
    "collect": {"personal_data.py"},
    "erase": {"personal_data.py", "views"},
    "forget": set(),
}
FACES = ("demo", "backoffice", "storefront", "api", "operations", "notifications")
SCREENS = ("django.contrib.admin", "unfold", "import_export.admin", "simple_history.admin")


def imported(source: str) -> set[str]:
    """Whole names: `from django.contrib import admin` is `django.contrib.admin`."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {each.name for each in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{each.name}" for each in node.names}
    return found


def test_screens_of_the_admin_stand_in_the_back_office_alone():
    """A domain app knows no HTML, and the other faces are not for staff."""
    apps = settings.BASE_DIR / "apps"
    found = {
        f"{path.relative_to(apps)}: {name}"
        for path in apps.rglob("*.py")
        if path.relative_to(apps).parts[0] != "backoffice"
        for name in imported(path.read_text())
        if any(name == each or name.startswith(f"{each}.") for each in SCREENS)
    }
    assert not found


def test_no_name_of_a_url_points_from_the_domain_to_a_face():
    """`reverse("storefront:…")` would be an import upward that no import shows."""
    apps = settings.BASE_DIR / "apps"
    namespaces = tuple(f"{face}:" for face in (*FACES, "admin"))
    found = {
        f"{path.relative_to(apps)}:{node.lineno}: {node.value}"
        for path in apps.rglob("*.py")
        if path.relative_to(apps).parts[0] not in FACES and "tests" not in path.parts
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith(namespaces)
    }
    assert not found


def test_no_module_imports_itself_by_way_of_others():
    """Imports inside functions count: they only put the circle off. Those for type checkers alone do not."""
    graph = grimp.build_graph("apps", exclude_type_checking_imports=True)
    modules = TopologicalSorter({each: graph.find_modules_directly_imported_by(each) for each in graph.modules})
    try:
        modules.prepare()
    except CycleError as error:
        pytest.fail(" imports\n".join(reversed(error.args[1])))


def test_retention_and_personal_data_have_one_place_in_each_app():
    wrong = []
    for path in (settings.BASE_DIR / "apps").rglob("*.py"):
        places = {path.name, path.parent.name}
        if "tests" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef):
                verb, *rest = node.name.split("_")
                if rest and verb in PLACES and not PLACES[verb] & places:
                    wrong.append(f"{path}:{node.lineno} {node.name}")
    assert not wrong
