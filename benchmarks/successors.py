"""Counts which opcode follows which: ``python benchmarks/successors.py``, after ``make bench``.

Runs ``FRAMES`` frames of each game of ``make bench`` in play and of each bundled one, instruction by instruction, and
writes ``csrc/cpu/successors.hpp``. Games weigh the same. Idle loops do not count: the fast policy skips them.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict, deque
from pathlib import Path

from play_profile import BUNDLED, GAMES, in_play
from play_worker import held

from nes_py.emulator import NESEmulator

HEADER = Path(__file__).resolve().parents[1] / "csrc" / "cpu" / "successors.hpp"
START = 400  # frames of a bundled game before the count, so that it is in play
FRAMES = 100
#: How many successors an opcode has in the header, and the least share of each in what follows it.
SUCCESSORS, LEAST_SHARE = 4, 0.05
#: The least share of a pair in all that is executed.
LEAST_PAIR = 0.0002
#: An instruction that finds the registers as it did at its last turn, so many instructions before at most, is idle.
IDLE_LOOP = 8

TEXT = """\
// Which opcodes are likely to follow each opcode, the most frequent first. Counted in eight games in play; the file is
// written by benchmarks/successors.py.
#pragma once

#include <array>

namespace nes {{

inline constexpr int kMostSuccessors = {most};
inline constexpr int kNoSuccessor = -1;

inline constexpr auto kSuccessors = [] {{
    struct Row {{
        int opcode;
        int followers[kMostSuccessors];  // 0: no more, for BRK never follows often
    }};
    constexpr Row rows[] = {{
{rows}
    }};
    std::array<std::array<int, kMostSuccessors>, 256> table{{}};
    for (auto& followers : table) followers.fill(kNoSuccessor);
    for (const Row& row : rows) {{
        for (int rank = 0; rank < kMostSuccessors; ++rank) {{
            if (row.followers[rank]) table[row.opcode][rank] = row.followers[rank];
        }}
    }}
    return table;
}}();

}}  // namespace nes
"""


def count(emulator: NESEmulator, frame: int) -> Counter[tuple[int, int]]:
    """Plays ``FRAMES`` frames from one on; returns how often each pair of opcodes was executed."""
    pairs: Counter[tuple[int, int]] = Counter()
    pad = emulator.controller(0)
    before: int | None = None
    recent: deque[tuple[int, ...]] = deque(maxlen=IDLE_LOOP)
    end = emulator.frame_count + FRAMES
    while emulator.frame_count < end:
        pad[0] = held(frame + FRAMES - end + emulator.frame_count)
        trace = emulator.trace()
        opcode = emulator.peek(trace.pc)
        registers = (trace.pc, trace.a, trace.x, trace.y, trace.p, trace.s)
        idle = registers in recent
        recent.append(registers)
        if before is not None and not idle:
            pairs[before, opcode] += 1
        before = None if idle else opcode
        emulator.step_instruction()
    return pairs


def main() -> None:
    """Writes the header."""
    shares: dict[int, Counter[int]] = defaultdict(Counter)
    # Each game's emulator and the number of its next frame.
    games = {name: (in_play(game["rom"], game["state"]), 0) for name, game in json.loads(GAMES.read_text()).items()}
    games |= {name: (in_play(name, "", START), START) for name in BUNDLED}
    for name, (emulator, frame) in games.items():
        pairs = count(emulator, frame)
        print(f"{name}: {pairs.total():,} pairs", flush=True)
        for (first, second), times in pairs.items():
            shares[first][second] += times / pairs.total() / len(games)  # type: ignore[assignment]
    rows, covered = [], 0.0
    for opcode in sorted(shares):
        total = shares[opcode].total()
        chosen = [
            (follower, share)
            for follower, share in shares[opcode].most_common(SUCCESSORS)
            if follower and share >= LEAST_PAIR and share / total >= LEAST_SHARE
        ]
        covered += sum(share for _, share in chosen)
        if chosen:
            rows.append(f"        {{0x{opcode:02X}, {{{', '.join(f'0x{follower:02X}' for follower, _ in chosen)}}}}},")
    HEADER.write_text(TEXT.format(most=SUCCESSORS, rows="\n".join(rows)), encoding="utf-8")
    print(f"{len(rows)} opcodes; {covered:.0%} of what is executed follows as the table says")


if __name__ == "__main__":
    main()
