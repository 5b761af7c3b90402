"""Demonstrations: play, store the buttons as a movie, and build a data set of observations and actions from it.

    python examples/demonstrations.py record demo.fm2            # in a window (pip install nes-py[human])
    python examples/demonstrations.py record demo.fm2 --script   # a program plays, no window
    python examples/demonstrations.py replay demo.fm2 demo.npz

A movie contains only buttons, a few bytes per frame. Replaying it reproduces the pictures exactly.
"""

import argparse

import numpy as np

from nes_py.envs.bricks import BricksEnv
from nes_py.movie import Movie

BALL_X, PADDLE_X = 0x14, 0x16


def record(path: str, frames: int, script: bool) -> None:
    env = BricksEnv(render_mode=None if script else "human")
    env.reset(seed=0)
    movie = env.record_movie()
    if script:
        for _ in range(frames):
            offset = int(env.ram[BALL_X]) - int(env.ram[PADDLE_X]) - 13
            if env.step(0x01 | (0x80 if offset > 4 else 0x40 if offset < -4 else 0))[2]:
                break
    else:
        from nes_py.play import play_human

        play_human(env)
    if len(movie) == 0:  # an earlier movie stays
        raise SystemExit("nothing was played")
    movie.save(path)
    print(f"wrote {len(movie)} frames to {path}")


def replay(path: str, output: str, every: int) -> None:
    env = BricksEnv()
    env.reset(seed=0)
    pictures, buttons = [], []
    movie = Movie.load(path)
    held = movie.inputs[:, 0]
    before = None
    for frame in movie.play(env):  # after each frame
        if before is not None and frame % every == 0:
            pictures.append(before)
            buttons.append(held[frame])
        before = env.observation("grayscale")
    points = int(env.ram_values([(0x1E, 3, "little")])[0])
    np.savez_compressed(output, pictures=np.array(pictures), buttons=np.array(buttons, np.uint8))
    print(f"wrote {len(pictures)} pairs of picture and buttons to {output}; {points} points")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser("record")
    one.add_argument("movie")
    one.add_argument("--script", action="store_true")
    one.add_argument("--frames", type=int, default=3600)
    other = commands.add_parser("replay")
    other.add_argument("movie")
    other.add_argument("output")
    other.add_argument("--every", type=int, default=4)
    args = parser.parse_args()
    if args.command == "record":
        record(args.movie, args.frames, args.script)
    else:
        replay(args.movie, args.output, args.every)


if __name__ == "__main__":
    main()
