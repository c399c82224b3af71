"""Which check refuses a mutant: the cheapest first, and the next one only for what is left.

Terraform's files: the rules on the plan of one environment, then on those of the others, then the module's own tests.
Programs: their tests. Everything else: the rules on the repository.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from local import PYTHON, ROOT, Unusable, say
from planned_worlds import PLANNED
from rules import CODE_RULES, RULES, broken
from terraform_cli import WORK, copy, terraform

from mutation import grouping
from mutation.mutants import Mutant
from mutation.planning import TREES, Changed, Copies, Planned, Refused, alike, as_planned, remembered
from mutation.sampling import POLICIES, RELEASING, SCRIPTS, TERRAFORM

FIRST = "production"
PLANNED_KINDS = (TERRAFORM, POLICIES)
RESULTS = TREES / "results"
# Far beyond what a busy machine takes: only a program that never ends is refused for it.
LONGEST_TEST_SECONDS = 900
# What the rules on the repository and the tests of programs read.
READ = (".github", "ansible", "apps", "deploy", "docs", "packer", "terraform", "webmarket")
# What tests of programs read beside themselves.
SHARED = (
    *("deploy/tests/conftest.py", *RELEASING),
    *("deploy/platform_tests/rules/launching.py", "deploy/platform_tests/beyond_moto.py"),
)
READ_FILES = ("manage.py", "pyproject.toml", "requirements.txt", "README.md", "Makefile", ".env.example")


@dataclass(frozen=True)
class Result:
    """`killed_by` is empty for a survivor."""

    mutant: Mutant
    killed_by: str = ""
    says: str = ""
    seconds: float = 0


Report = Callable[[Result], None]


class Checks:
    """All that can refuse a mutant; `report` hears of each as soon as it is decided."""

    def __init__(self, variables: dict[str, str], jobs: int, report: Report) -> None:
        self.variables = variables
        self.jobs = jobs
        self.report = report
        self.results: dict[Mutant, Result] = {}
        self._free = list(range(jobs))
        self._lock = threading.Lock()

    def judge(self, mutants: list[Mutant]) -> list[Result]:
        """In the order of the mutants."""
        self._be_sound()
        planned = [one for one in mutants if one.kind in PLANNED_KINDS]
        others = [one for one in mutants if one.kind not in PLANNED_KINDS]
        self._together(self._judge_by_rules, [one for one in mutants if one.kind != SCRIPTS])
        self._plan_all(self._left(planned))
        self._together(self._judge_by_module, self._left(planned))
        programs = [one for one in others if one.kind == SCRIPTS]
        if failing := sorted({RELEASING[one.file] for one in programs if _fails_as_it_is(RELEASING[one.file])}):
            raise Unusable(f"Tests fail before anything is changed: {failing}")
        self._together(self._judge_by_tests, programs)
        for one in mutants:
            if one not in self.results:
                self._decide(Result(one))
        return [self.results[one] for one in mutants]

    def _be_sound(self) -> None:
        """A check that refuses the code as it is proves nothing."""
        if found := broken(CODE_RULES, ROOT):
            raise Unusable("The code itself breaks a rule:\n" + "\n".join(found))

    def _decide(self, result: Result) -> None:
        with self._lock:
            self.results[result.mutant] = result
            self.report(result)

    def _left(self, mutants: Iterable[Mutant]) -> list[Mutant]:
        return [one for one in mutants if one not in self.results]

    def _together(self, work: Callable, items: list) -> None:
        with ThreadPoolExecutor(self.jobs) as pool:
            for _ in pool.map(work, items):
                pass

    def _slot(self) -> _Slot:
        return _Slot(self._free, self._lock)

    # --- Plans -------------------------------------------------------------------------------------------------------

    def _plan_all(self, mutants: list[Mutant]) -> None:
        for environment in (FIRST, *(name for name in PLANNED if name != FIRST)):
            concerned = [one for one in self._left(mutants) if _concerns(one, environment) and not _is_tested(one)]
            if not concerned:
                continue
            (clean,) = self._plans(environment, [()]).values()
            if problems := problems_of(as_planned(environment, clean)):
                raise Unusable(f"{environment} itself breaks a rule:\n" + "\n".join(problems))
            # What is no Terraform, such as a list in JSON, stops the whole plan.
            named = [one for one in concerned if one.mistake and one.file.endswith(".tf")]
            groups, alone = grouping.groups([one for one in concerned if not one.mistake])
            work = [partial(self._judge_named, environment, named)]
            work += [partial(self._judge_group, environment, clean, group) for group in groups]
            self._together(lambda judge: judge(), work)
            # A second environment is planned for what stays within a block: the rest is the same in all.
            alone += [one for one in self._left(concerned) if one.mistake]
            self._judge_copies(environment, [one for one in alone if environment == FIRST or _is_of(one, environment)])

    def _plans(self, environment: str, copies: list[Changed]) -> dict[Changed, dict]:
        """Of each copy, from the store or made now."""
        found = {one: stored for one in copies if (stored := remembered(environment, one)) is not None}

        def work(batch: list[Changed]) -> dict[Changed, dict]:
            with self._slot() as number:
                return Copies(f"{environment}{number}", environment, self.variables).plan(batch)

        with ThreadPoolExecutor(self.jobs) as pool:
            for planned in pool.map(work, alike([one for one in copies if one not in found], environment)):
                found |= planned
        return found

    def _judge_named(self, environment: str, mistakes: list[Mutant]) -> None:
        """All in one copy; each is looked for by what must be said of it, and planned alone where that is not found."""
        compatible = _apart(mistakes)
        if len(compatible) < 2:
            return
        began = time.monotonic()
        planned = as_planned(environment, self._plans(environment, [compatible])[compatible])
        if isinstance(planned, Refused):
            # One of them cannot be planned at all, and hides the others.
            middle = len(compatible) // 2
            for half in (compatible[:middle], compatible[middle:]):
                self._judge_named(environment, list(half))
            return
        problems, seconds = problems_of(planned), (time.monotonic() - began) / len(compatible)
        for one in compatible:
            if says := _reason(one, problems):
                self._decide(Result(one, f"plan of {environment}", says, seconds))

    def _judge_group(self, environment: str, clean: dict, group: tuple[Mutant, ...]) -> None:
        began, changed = time.monotonic(), remembered(environment, group)
        while group and changed is None:
            with self._slot() as number:
                refused, changed = Copies(f"{environment}{number}", environment, self.variables).attempt(group)
            for one, says in refused.items():
                self._decide(Result(one, f"plan of {environment}", f"Terraform refuses it: {says}"))
            group = tuple(one for one in group if one not in refused)
            if not refused and changed is None:
                break
        if not group or changed is None:
            # What Terraform refuses and no block is named for: halves, until it is one mutant's.
            middle = len(group) // 2
            for half in (group[:middle], group[middle:]) if middle else ():
                self._judge_group(environment, clean, half)
            return
        seconds = (time.monotonic() - began) / len(group)
        for one in group:
            world = grouping.judged_alone(environment, clean, changed, one, group)
            if world and (says := _reason(one, problems_of(world))):
                self._decide(Result(one, f"plan of {environment}", says, seconds))

    def _judge_copies(self, environment: str, mutants: list[Mutant]) -> None:
        began = time.monotonic()
        for (one,), found in self._plans(environment, [(one,) for one in mutants]).items():
            planned: Planned = as_planned(environment, found)
            is_refused = isinstance(planned, Refused)
            problems = [f"Terraform refuses it: {planned.says}"] if is_refused else problems_of(planned)
            if says := _reason(one, problems):
                self._decide(Result(one, f"plan of {environment}", says, (time.monotonic() - began) / len(mutants)))

    # --- Modules' own tests ------------------------------------------------------------------------------------------

    def _judge_by_module(self, one: Mutant) -> None:
        began = time.monotonic()
        folder = "/".join(one.file.split("/")[1:3])
        if not (ROOT / "terraform" / folder / "tests").is_dir():
            return
        with self._slot() as number:
            says = _remembered(_whole_tree(one), lambda: self._test_module(one, folder, number))
        if reason := _reason(one, [says] if says else []):
            self._decide(Result(one, f"terraform test of {folder}", reason, time.monotonic() - began))

    def _test_module(self, one: Mutant, folder: str, number: int) -> str:
        tree = copy(f"mutants/tests{number}")
        changed = tree / one.file.removeprefix("terraform/")
        changed.write_text(one.applied(changed.read_text()))
        ok, output = terraform(tree / folder, self.variables, "init", "-backend=false")
        if ok:
            ok, output = terraform(tree / folder, self.variables, "test")
        # Terraform wraps its output at the width of a terminal, with a margin.
        flat = " ".join(output.replace("│", " ").split())
        return "" if ok else flat[max(flat.find("Error: "), 0) :]

    # --- The repository's other files --------------------------------------------------------------------------------

    def _judge_by_rules(self, one: Mutant) -> None:
        began = time.monotonic()
        with self._slot() as number, changed_repository(number, one) as root:
            try:
                problems = broken(CODE_RULES, root)
            except Exception as error:
                # A file that cannot be read as what it is, such as YAML without its first lines.
                problems = [f"{type(error).__name__}: {error}"]
        if says := _reason(one, problems):
            self._decide(Result(one, "rules on the repository", says, time.monotonic() - began))

    def _judge_by_tests(self, one: Mutant) -> None:
        began = time.monotonic()
        tests = RELEASING[one.file]
        key = _files([*tests, *SHARED], one)
        with self._slot() as number:
            says = _remembered(key, lambda: _test_programs(number, one, tests))
        if reason := _reason(one, [says] if says else []):
            self._decide(Result(one, ", ".join(Path(test).name for test in tests), reason, time.monotonic() - began))


class _Slot:
    """A number that no other thread has meanwhile."""

    def __init__(self, free: list[int], lock: threading.Lock) -> None:
        self.free, self.lock = free, lock

    def __enter__(self) -> int:
        with self.lock:
            self.number = self.free.pop()
        return self.number

    def __exit__(self, *_: object) -> None:
        with self.lock:
            self.free.append(self.number)


def _apart(mutants: list[Mutant]) -> Changed:
    """Those whose changes do not overlap one before."""
    chosen: list[Mutant] = []
    for one in mutants:
        taken = [edit for other in chosen if other.file == one.file for edit in other.edits]
        if all(edit.end <= old.start or edit.start >= old.end for edit in one.edits for old in taken):
            chosen.append(one)
    return tuple(chosen)


def problems_of(world) -> list[str]:
    """A rule that cannot read what a mutant has left refuses it as well."""
    found = []
    for rule in RULES:
        try:
            found += broken((rule,), world)
        except Exception as error:
            found.append(f"{rule.name}: {type(error).__name__}: {error}")
    return found


def _concerns(mutant: Mutant, environment: str) -> bool:
    return "/environments/" not in mutant.file or f"/environments/{environment}/" in mutant.file


def _is_tested(mistake: Mutant) -> bool:
    """Whether a named mistake is what the tests of its module name."""
    folder = ROOT / "/".join(mistake.file.split("/")[:3]) / "tests"
    return bool(mistake.caught_by) and any(
        mistake.caught_by in path.read_text() for path in folder.glob("*.tftest.hcl")
    )


def _is_of(mutant: Mutant, environment: str) -> bool:
    return f"/environments/{environment}/" in mutant.file


def _reason(mutant: Mutant, problems: list[str]) -> str:
    """Why it is refused; a named mistake for what is named alone."""
    for one in problems:
        if mutant.caught_by in one:
            return one.split("\n")[0] if not mutant.caught_by else f"… {mutant.caught_by} …"
    return ""


def _files(names: Iterable[str], mutant: Mutant) -> str:
    whole = hashlib.sha256(mutant.file.encode())
    for name in sorted(set(names)):
        path = ROOT / name
        text = path.read_text() if path.exists() else ""
        whole.update((mutant.applied(text) if name == mutant.file else text).encode())
    return whole.hexdigest()[:32]


def _whole_tree(mutant: Mutant) -> str:
    names = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "terraform").rglob("*")
        if path.is_file() and path.suffix in (".tf", ".hcl", ".json") and ".terraform" not in path.parts
    ]
    return _files(names, mutant)


def _remembered(key: str, work: Callable[[], str]) -> str:
    """What a test said of the same text before; nothing where it passed."""
    path = RESULTS / f"{key}.json"
    if not path.exists():
        RESULTS.mkdir(parents=True, exist_ok=True)
        says = work()
        path.write_text(json.dumps(says))
    return json.loads(path.read_text())


class changed_repository:
    """The repository with one file changed, in a copy made of links; a link to the right file afterwards."""

    def __init__(self, number: int, mutant: Mutant) -> None:
        self.root = TREES / f"repository{number}"
        self.mutant = mutant
        self.right = ROOT / mutant.file
        self.wrong = self.root / mutant.file

    def __enter__(self) -> Path:
        _link_all(self.root)
        text = self.right.read_text()
        self.wrong.unlink()
        self.wrong.write_text(self.mutant.applied(text))
        self.wrong.chmod(self.right.stat().st_mode)
        # Python reads a module anew when its time is another, in whole seconds.
        moment = 1_000_000_000 + int.from_bytes(hashlib.sha256(self.mutant.name.encode()).digest()[:3])
        os.utime(self.wrong, (moment, moment))
        return self.root

    def __exit__(self, *_: object) -> None:
        self.wrong.unlink()
        os.link(self.right, self.wrong)


_linked: set[Path] = set()


def _link_all(target: Path) -> None:
    if target in _linked:
        return
    shutil.rmtree(target, ignore_errors=True)
    ignored = shutil.ignore_patterns("__pycache__", ".terraform*", "node_modules")
    for name in READ:
        shutil.copytree(ROOT / name, target / name, copy_function=os.link, ignore=ignored)
    for name in READ_FILES:
        if (ROOT / name).exists():
            os.link(ROOT / name, target / name)
    _linked.add(target)


def _test_programs(number: int, one: Mutant, tests: tuple[str, ...]) -> str:
    with changed_repository(number, one) as root:
        try:
            done = subprocess.run(
                [str(PYTHON), "-m", "pytest", "-x", "-p", "no:cacheprovider", *tests],
                cwd=root,
                env={
                    **os.environ,
                    "PYTHONPYCACHEPREFIX": str(WORK / f"pycache{number}"),
                    "AWS_EC2_METADATA_DISABLED": "true",
                },
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=LONGEST_TEST_SECONDS,
            )
        except subprocess.TimeoutExpired:
            return f"Its tests did not end within {LONGEST_TEST_SECONDS // 60} minutes."
    if done.returncode == 0:
        return ""
    failed = [line for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR", "E  "))]
    return (failed or [done.stdout[-300:]])[-1]


def _fails_as_it_is(tests: tuple[str, ...]) -> bool:
    """Remembered for the same text, as everything else."""
    nothing = Mutant("", SCRIPTS, "", "", ())

    def run() -> str:
        command = [str(PYTHON), "-m", "pytest", "-x", "-p", "no:cacheprovider", *tests]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        return done.stdout[-600:] if done.returncode else ""

    return bool(_remembered(_files([*tests, *SHARED], nothing), run))


def progress(total: int) -> Report:
    count = 0

    def report(result: Result) -> None:
        nonlocal count
        count += 1
        verdict = f"killed by {result.killed_by}" if result.killed_by else "SURVIVED"
        say(f"{count:>4}/{total} {result.seconds:>5.1f} s  {verdict}  {result.mutant.name}")
        if result.says:
            say(f"{'':>15}{result.says[:170]}")

    return report
