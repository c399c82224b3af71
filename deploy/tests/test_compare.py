"""A page that became slower fails the comparison; a noisy machine does not."""

import itertools
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

BENCH = Path(__file__).resolve().parents[1] / "bench"
# Two commits of one second with one text are one commit.
NUMBERS = itertools.count()
MODULES = ("compare", "run", "plots", "svg", "nginx")


@pytest.fixture
def compare(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    monkeypatch.syspath_prepend(str(BENCH))
    import compare

    yield compare
    for name in MODULES:
        sys.modules.pop(name, None)


def turns(speed: float, noise: float, count: int, seed: int) -> list[float]:
    rng = random.Random(seed)
    return [speed * rng.lognormvariate(0, noise) for _ in range(count)]


@pytest.mark.parametrize(
    ("speed", "noise", "expected"),
    [
        (1.0, 0.03, "as fast"),
        (1.3, 0.03, "as fast"),
        (0.7, 0.03, "slower"),
        (0.8, 0.02, "slower"),
        (0.85, 0.3, "in doubt"),
    ],
)
def test_the_median_must_be_above_with_confidence(compare, speed, noise, expected):
    assert compare.verdict(turns(speed, noise, 35, seed=1)) == expected


def test_noise_alone_never_fails(compare):
    """However much of it: what does not change the median does not make a page slower."""
    for seed in range(200):
        assert compare.verdict(turns(1.0, 0.25, 17, seed)) != "slower"


def test_few_turns_say_nothing(compare):
    assert compare.interval([0.5] * 5) == (0.0, float("inf"))
    assert compare.interval([0.5] * 11) == (0.5, 0.5)


class Answering:
    def __init__(self, cost: float, failure: str = "") -> None:
        self.cost, self.failure, self.asked = cost, failure, 0

    def ask(self, page, times: int) -> dict:
        self.asked += 1
        return {"error": self.failure} if self.failure else {"cpu": self.cost, "queries": 5}


def compared(compare, base: Answering, here: Answering):
    return compare.compare([compare.Page("home", "uncached", ("/",))], base, here, seconds=5)


def test_a_page_slower_than_the_base_ends_with_an_error(compare):
    (page,) = found = compared(compare, Answering(1.0), Answering(1.25))
    assert (page.verdict, compare.exit_code(found)) == ("slower", 1)
    (page,) = found = compared(compare, Answering(1.0), Answering(1.1))
    assert (page.verdict, compare.exit_code(found)) == ("as fast", 0)


def test_a_page_that_the_base_does_not_have_is_new_and_one_that_fails_here_is_broken(compare):
    (page,) = found = compared(compare, Answering(1, "404 Not Found"), Answering(1))
    assert (page.verdict, compare.exit_code(found)) == ("new", 0)
    (page,) = found = compared(compare, Answering(1), Answering(1, "500"))
    assert (page.verdict, compare.exit_code(found)) == ("broken", 1)


class TestTheBase:
    @pytest.fixture
    def repository(self, compare, tmp_path, monkeypatch) -> Path:
        monkeypatch.setattr(compare, "ROOT", tmp_path)
        for name in ("AUTHOR", "COMMITTER"):
            monkeypatch.setenv(f"GIT_{name}_NAME", "x")
            monkeypatch.setenv(f"GIT_{name}_EMAIL", "x@example.com")
        self.git(tmp_path, "init", "--quiet", "--initial-branch=main")
        self.commit(tmp_path)
        return tmp_path

    def git(self, folder: Path, *arguments: str) -> str:
        done = subprocess.run(["git", "-C", str(folder), *arguments], check=True, capture_output=True, text=True)  # noqa: S607
        return done.stdout.strip()

    def commit(self, folder: Path) -> str:
        self.git(folder, "commit", "--quiet", "--allow-empty", f"--message={next(NUMBERS)}")
        return self.git(folder, "rev-parse", "HEAD")

    def test_without_history_there_is_none(self, compare, repository):
        with pytest.raises(compare.Incomparable):
            compare.base_commit()

    def test_on_a_branch_it_is_where_the_branch_began(self, compare, repository):
        began = self.git(repository, "rev-parse", "HEAD")
        self.git(repository, "checkout", "--quiet", "-b", "work")
        self.commit(repository)
        self.commit(repository)
        self.git(repository, "checkout", "--quiet", "main")
        self.commit(repository)
        self.git(repository, "checkout", "--quiet", "work")
        assert compare.base_commit() == began

    def test_on_main_it_is_the_commit_before(self, compare, repository):
        before = self.git(repository, "rev-parse", "HEAD")
        self.commit(repository)
        assert compare.base_commit() == before
