"""Step half of the environments while the pictures of the others are copied to the GPU and a network looks at them.

python examples/double_buffering.py --num-envs 64 --steps 256
python examples/double_buffering.py --plain     # one after the other, with the same results

Steps write into pinned tensors (``envs.bind``), which a GPU reads without a copy in between. Each half has two of them:
one is being copied while the next step writes the other. Without a GPU the program does the same in plain CPU memory.
"""

import argparse
import hashlib
import time
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import nullcontext

import numpy as np
import torch

from nes_py import NESVectorEnv
from nes_py.envs.bricks import ACTIONS, GAME, ROM_PATH


class Half:
    """Some of the environments, the memory that they write into, and their place on the device."""

    def __init__(self, count: int, seed: int, steps: int, device: torch.device, num_threads: int | None) -> None:
        self.envs = NESVectorEnv(
            ROM_PATH,
            count,
            game=GAME,
            actions=ACTIONS,
            noop_max=30,
            autoreset_mode="SameStep",
            num_threads=num_threads,
        )
        pinned = device.type == "cuda"
        shape = self.envs.observation_space.shape
        self.pictures = [torch.empty(shape, dtype=torch.uint8, pin_memory=pinned) for _ in range(2)]
        self.rewards = [torch.empty(count, pin_memory=pinned) for _ in range(2)]
        # All is checked here, once.
        self.bindings = [
            self.envs.bind(observations=pictures, rewards=rewards)
            for pictures, rewards in zip(self.pictures, self.rewards, strict=True)
        ]
        # What a learner needs later.
        self.all_pictures = torch.empty((steps + 1, *shape), dtype=torch.uint8, device=device)
        self.all_rewards = torch.empty((steps + 1, count), device=device)
        self.stream = torch.cuda.Stream(device) if pinned else None
        self.bindings[0].use()
        self.envs.reset(seed=seed)
        self.rewards[0].zero_()

    def act(self, t: int, network: torch.nn.Module) -> np.ndarray:
        """Copy step t to the device and return the network's actions. The halves' copies do not wait for each other."""
        with torch.cuda.stream(self.stream) if self.stream is not None else nullcontext():
            self.all_pictures[t].copy_(self.pictures[t % 2], non_blocking=True)
            self.all_rewards[t].copy_(self.rewards[t % 2], non_blocking=True)
            with torch.no_grad():
                actions = network(self.all_pictures[t].float() / 255).argmax(dim=1)
            return actions.cpu().numpy()  # waits for the copy and the network

    def step(self, t: int, actions: np.ndarray) -> None:
        """Take a step, which writes what ``act`` of step t does not read."""
        self.bindings[(t + 1) % 2].use()
        self.envs.step(actions)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--num-envs", type=int, default=64)
    parser.add_argument("--steps", type=int, default=256)
    parser.add_argument("--num-threads", type=int, help="threads of each half")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--plain", action="store_true", help="without overlap")
    args = parser.parse_args()

    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    if device.type == "cpu":
        print("no GPU: the buffers are plain CPU memory, and the network runs on the CPU")
    torch.manual_seed(args.seed)
    network = torch.nn.Sequential(
        torch.nn.Conv2d(4, 16, 8, 4),
        torch.nn.ReLU(),
        torch.nn.Conv2d(16, 16, 4, 2),
        torch.nn.ReLU(),
        torch.nn.Flatten(),
        torch.nn.Linear(16 * 9 * 9, len(ACTIONS)),
    ).to(device)
    counts = [args.num_envs - args.num_envs // 2, args.num_envs // 2]
    halves = [
        Half(count, args.seed + number * counts[0], args.steps, device, args.num_threads)
        for number, count in enumerate(counts)
        if count
    ]
    begin = time.perf_counter()
    with ThreadPoolExecutor(len(halves)) as pool:
        # The step of each half that is under way. It runs without the GIL.
        running: list[Future[None] | None] = [None] * len(halves)
        for t in range(args.steps):
            for number, half in enumerate(halves):
                step = running[number]
                if step is not None:
                    step.result()
                actions = half.act(t, network)
                running[number] = pool.submit(half.step, t, actions)
                if args.plain:
                    running[number].result()
        for step in running:
            if step is not None:
                step.result()
    for half in halves:
        half.act(args.steps, network)
    seconds = time.perf_counter() - begin

    checksum = hashlib.sha256()
    for half in halves:
        checksum.update(half.all_pictures.cpu().numpy().tobytes())
        checksum.update(half.all_rewards.cpu().numpy().tobytes())
        half.envs.close()
    points = sum(float(half.all_rewards.sum()) for half in halves)
    frames = 4 * args.steps * args.num_envs
    print(f"{frames:,} frames, {points:.0f} points, checksum {checksum.hexdigest()[:16]}")
    print(f"{frames / seconds:,.0f} frames per second")


if __name__ == "__main__":
    main()
