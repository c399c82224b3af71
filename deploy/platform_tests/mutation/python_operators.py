"""Changes for the worse in the release's and the hosts' programs."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from mutation.mutants import Edit, Mutant

COMPARISONS = {
    ast.Eq: ("==", "!="),
    ast.NotEq: ("!=", "=="),
    ast.Lt: ("<", ">="),
    ast.LtE: ("<=", ">"),
    ast.Gt: (">", "<="),
    ast.GtE: (">=", "<"),
    ast.In: (" in ", " not in "),
    ast.NotIn: (" not in ", " in "),
    ast.Is: (" is ", " is not "),
    ast.IsNot: (" is not ", " is "),
}
# What they print is for people, and what they take is argparse's own.
SILENT = {"print", "say", "add_argument", "warning", "info", "chmod_note"}


class Reader(ast.NodeVisitor):
    def __init__(self, file: str, text: str, kind: str) -> None:
        self.file, self.kind = file, kind
        self.text = text
        self.found: list[Mutant] = []
        self.within: list[str] = []
        self.starts = [0]
        for line in text.splitlines(keepends=True):
            self.starts.append(self.starts[-1] + len(line))
        self.lines = text.splitlines(keepends=True)

    def offset(self, line: int, column: int) -> int:
        """Of a position that the parser counts in bytes."""
        return self.starts[line - 1] + len(self.lines[line - 1].encode()[:column].decode())

    def span(self, node: ast.AST) -> tuple[int, int]:
        return self.offset(node.lineno, node.col_offset), self.offset(node.end_lineno, node.end_col_offset)

    def add(self, node: ast.AST, operator: str, edit: Edit) -> None:
        start, end = self.span(node)
        words = " ".join(self.text[start:end].split())
        place = ".".join(self.within) + ": " + (words if len(words) < 80 else f"{words[:77]}…")
        self.found.append(Mutant(self.file, self.kind, operator, place.removeprefix(": "), (edit,)))

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self.within.append(node.name)
        for statement in node.body:
            self.visit(statement)
        self.within.pop()

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self.within.append(node.name)
        self.generic_visit(node)
        self.within.pop()

    def visit_If(self, node: ast.If) -> None:
        if "__name__" not in ast.dump(node.test):
            start, end = self.span(node.test)
            self.add(node.test, "turn a condition", Edit(start, end, f"not ({self.text[start:end]})"))
            self.generic_visit(node)

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        words = (" and ", " or ") if isinstance(node.op, ast.And) else (" or ", " and ")
        between = self.span(node.values[0])[1], self.span(node.values[1])[0]
        if (at := self.text.find(words[0].strip(), *between)) >= 0:
            self.add(node, "and for or", Edit(at, at + len(words[0].strip()), words[1].strip()))
        self.generic_visit(node)

    def visit_Compare(self, node: ast.Compare) -> None:
        word, other = COMPARISONS[type(node.ops[0])]
        between = self.span(node.left)[1], self.span(node.comparators[0])[0]
        if len(node.ops) == 1 and (at := self.text.find(word.strip(), *between)) >= 0:
            self.add(node, "turn a comparison", Edit(at, at + len(word.strip()), other.strip()))
        self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        start, end = self.span(node)
        if isinstance(node.value, bool):
            self.add(node, "flip a boolean", Edit(start, end, str(not node.value)))
        elif isinstance(node.value, int) and node.value > 1:
            lower = node.value // 10 if node.value >= 10 else node.value - 1
            self.add(node, "lower a number", Edit(start, end, str(lower)))

    def visit_Expr(self, node: ast.Expr) -> None:
        if not isinstance(node.value, ast.Call):
            return
        called = node.value.func
        name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
        if name not in SILENT:
            start, end = self.span(node)
            self.add(node, "drop a statement", Edit(start, end, "pass"))
            self.generic_visit(node)

    def visit_Raise(self, node: ast.Raise) -> None:
        start, end = self.span(node)
        self.add(node, "drop a statement", Edit(start, end, "pass"))

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value:
            self.visit(node.value)


def mutants(file: str, text: str, kind: str) -> Iterator[Mutant]:
    reader = Reader(file, text, kind)
    reader.visit(ast.parse(text))
    yield from reader.found
