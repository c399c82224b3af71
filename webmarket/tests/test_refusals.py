"""HTTP statuses of domain errors are in one table, and nowhere in the domain."""

import ast
import inspect
import pkgutil
from functools import cache
from importlib import import_module
from pathlib import Path

from django.conf import settings

import apps
from apps.api.errors import answer
from apps.common.errors import DomainError
from apps.common.http import STATUS_OF_CODE
from apps.orders.services.moves import TransitionRefused

FACES = ("storefront", "api", "backoffice", "operations")
# Admin forms and pages that are still in domain apps.
OF_A_FACE = ("admin", "admin.py", "forms.py", "migrations", "tests", "middleware")


def refusals() -> list[type[DomainError]]:
    """All DomainError classes of the project."""
    for module in pkgutil.walk_packages(apps.__path__, "apps."):
        if ".tests" not in module.name and ".migrations" not in module.name:
            import_module(module.name)
    found, kinds = [], [DomainError]
    while kinds:
        kind = kinds.pop()
        found.append(kind)
        kinds += kind.__subclasses__()
    return [kind for kind in found if kind.__module__.startswith("apps.") and ".tests" not in kind.__module__]


def takes_code(kind: type[DomainError]) -> bool:
    return list(inspect.signature(kind.__init__).parameters)[1] == "code"


def sources() -> list[Path]:
    return [path for path in (settings.BASE_DIR / "apps").rglob("*.py") if "tests" not in path.parts]


def in_domain(path: Path) -> bool:
    parts = path.relative_to(settings.BASE_DIR / "apps").parts
    return parts[0] not in FACES and not set(parts) & set(OF_A_FACE) and parts != ("common", "http.py")


@cache
def all_calls() -> list[ast.Call]:
    trees = (ast.parse(path.read_text()) for path in sources())
    return [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call)]


def calls(name: str) -> list[ast.Call]:
    return [call for call in all_calls() if getattr(call.func, "id", getattr(call.func, "attr", "")) == name]


def codes() -> set[str]:
    codes = set()
    for kind in refusals():
        if takes_code(kind):
            given = [call.args[0] for call in calls(kind.__name__)]
            assert given, f"nobody raises {kind.__name__}"
            codes |= {argument.value for argument in given if isinstance(argument, ast.Constant)}
        else:
            codes.add(kind.code)
    return codes


def test_every_code_of_the_domain_has_its_status():
    assert codes() - set(STATUS_OF_CODE) == set()


def test_the_table_names_no_code_that_nobody_uses():
    assert set(STATUS_OF_CODE) - codes() == set()


def test_a_refusal_that_tells_of_an_orders_state_is_answered_with_a_status():
    refusal = TransitionRefused("Non.", status="SHIPPED", to="CANCELLED")
    response = answer(refusal, {})
    assert response is not None
    assert (response.status_code, response.data) == (409, {"code": "transition_refused", "detail": "Non."})


def test_the_domain_names_no_status():
    found = []
    for path in filter(in_domain, sources()):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import | ast.ImportFrom) else []
            if "HTTPStatus" in names:
                found.append(f"{path}:{node.lineno}")
            if isinstance(node, ast.keyword) and node.arg == "status" and isinstance(node.value, ast.Constant):
                found += [f"{path}:{node.value.lineno}"] if isinstance(node.value.value, int) else []
    assert found == []
