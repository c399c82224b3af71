"""`terraform --mistakes`: the named mistakes and a sample of mutants, their score, and what survived."""

from __future__ import annotations

import time
import tomllib
from collections import Counter
from pathlib import Path

from local import ROOT, Unusable, say

from mutation import killing, sampling
from mutation.killing import Result
from mutation.mutants import Edit, Mutant

EQUIVALENTS = Path(__file__).parent / "equivalents.toml"
LEAST_PERCENT = 90


def equivalents() -> dict[str, str]:
    """Why a mutant that survives is no fault, by its name."""
    return {one["mutant"]: one["reason"] for one in tomllib.loads(EQUIVALENTS.read_text()).get("equivalent", [])}


def named() -> list[Mutant]:
    """The mistakes that are planted whatever the sample is. Raises Unusable where the code has changed under one."""
    from mistakes import MISTAKES

    found = []
    for one in MISTAKES:
        text = (ROOT / one.file).read_text()
        starts = [at for at in range(len(text)) if text.startswith(one.right, at)]
        if not starts:
            raise Unusable(f"{one.name}: {one.file} no longer says what would be spoilt.")
        edits = tuple(Edit(at, at + len(one.right), one.wrong) for at in starts)
        found.append(Mutant(one.file, one.kind, "named", one.name, edits, mistake=one.name, caught_by=one.caught_by))
    return found


def run(names: list[str], *, count: int, seed: int, jobs: int, variables: dict[str, str]) -> bool:
    """Returns whether the score is too low, or a named mistake is not refused for what is wrong with it."""
    began = time.monotonic()
    everything = sampling.all_mutants(ROOT)
    reasons = equivalents()
    if stale := reasons.keys() - {one.name for one in everything}:
        raise Unusable("equivalents.toml names what is no mutant any more:\n" + "\n".join(sorted(stale)))
    mistakes = [one for one in named() if not names or one.mistake in names]
    chosen = [one for one in everything if one.name in names]
    if unknown := set(names) - {one.name for one in (*mistakes, *chosen)}:
        raise Unusable(f"No mistake is called {', '.join(sorted(unknown))}.")
    if not names:
        chosen = sampling.sample(everything, count, seed)
    say(f"{len(everything)} mutants are possible; {len(chosen)} by seed {seed}, and {len(mistakes)} named mistakes.")
    work = [*mistakes, *chosen]
    results = killing.Checks(variables, jobs, killing.progress(len(work))).judge(work)
    missed = [one for one in results if one.mutant.mistake and not one.killed_by]
    sampled = [one for one in results if not one.mutant.mistake]
    low = _report(sampled, reasons) if sampled else False
    for one in missed:
        say(f"NOT refused for « {one.mutant.caught_by} »: {one.mutant.name}")
    say(f"{len(mistakes) - len(missed)} of {len(mistakes)} named mistakes refused for what is wrong with them.")
    say(f"{time.monotonic() - began:.0f} s")
    return low or bool(missed)


def _report(results: list[Result], reasons: dict[str, str]) -> bool:
    killed = [one for one in results if one.killed_by]
    survivors = [one for one in results if not one.killed_by]
    same = [one for one in survivors if one.mutant.name in reasons]
    say("\nRefused by:")
    for check, number in Counter(one.killed_by for one in killed).most_common():
        say(f"{number:>5}  {check}")
    say("\nOf each kind:")
    for kind in sampling.KINDS:
        own = [one for one in results if one.mutant.kind == kind.name]
        if own:
            say(f"{sum(bool(one.killed_by) for one in own):>5} of {len(own):<4} {kind.name}")
    say("\nSurvivors:" if survivors else "\nNo survivor.")
    for one in survivors:
        say(f"  {one.mutant.name}\n      {reasons.get(one.mutant.name, 'NO REASON: a rule or a test is missing')}")
    tried = len(results) - len(same)
    percent = 100 * len(killed) / tried if tried else 100
    say(
        f"\nScore: {len(killed)} of {tried} refused, {percent:.1f} % (at least {LEAST_PERCENT}); "
        f"{len(same)} more change nothing that matters (equivalents.toml)."
    )
    if wrongly := [one.mutant.name for one in killed if one.mutant.name in reasons]:
        say("equivalents.toml names what is refused:\n" + "\n".join(wrongly))
    return percent < LEAST_PERCENT or bool(wrongly)
