"""`make bench-recommender`: compares training with the library `implicit` in the same run on the same data.

It measures serving, too.
Both train with the same dimensions, iterations and threads, in processes of their own, one after the other, so that
other load on the machine affects both equally. Each has its best hyperparameters for this data."""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import data
import numpy as np
import serving

PEOPLE, TITLES, POSITIVES = 138_493, 26_744, 10_000_000
ITERATIONS = 8
ROUNDS = 3
FACTORIZE = Path("target/release/examples/factorize")
IMPLICIT = Path(__file__).with_name("train_implicit.py")


def ours(matrix, factors, dimensions, threads):
    command = [FACTORIZE, matrix, factors, dimensions, ITERATIONS, 0.2, 0.003, 1.0]
    return measured(command, {"RAYON_NUM_THREADS": threads})


def theirs(matrix, factors, dimensions, threads):
    command = [sys.executable, IMPLICIT, matrix, factors, dimensions, ITERATIONS, threads]
    return measured(command, {"OPENBLAS_NUM_THREADS": 1})


def measured(command, environment):
    """Seconds of training and peak memory in MiB, which the program prints."""
    environment = os.environ | {name: str(value) for name, value in environment.items()}
    out = subprocess.run([str(word) for word in command], env=environment, check=True, capture_output=True, text=True)
    seconds, kibibytes = out.stdout.split()[-2:]
    return float(seconds), int(kibibytes) / 1024


def quality(factors, dimensions, rows, held):
    numbers = np.fromfile(factors, "<f4").reshape(-1, dimensions)
    return data.ndcg(numbers[:PEOPLE], numbers[PEOPLE:], rows, held)


def training(folder):
    matrix = folder / "matrix"
    rows = data.interactions(PEOPLE, TITLES, POSITIVES)
    held = data.hold_out(rows)
    starts, indices = data.compressed(rows)
    np.concatenate([[PEOPLE, TITLES], starts, indices]).astype("<u4").tofile(matrix)
    print(f"{PEOPLE} people, {TITLES} titles, {len(indices)} positives, {ITERATIONS} iterations, 2 threads")
    names = ["d", "ours s", "implicit s", "ratio", "ours MiB", "implicit MiB", "our NDCG", "implicit's"]
    print(" ".join(f"{name:>12}" for name in names))
    for dimensions in (64, 256):
        pairs = [
            (ours(matrix, folder / "ours", dimensions, 2), theirs(matrix, folder / "theirs", dimensions, 2))
            for _ in range(ROUNDS)
        ]
        ratio = statistics.median(one[0] / other[0] for one, other in pairs)
        mine, other = min(pair[0] for pair in pairs), min(pair[1] for pair in pairs)
        found = [quality(folder / name, dimensions, rows, held) for name in ("ours", "theirs")]
        figures = [dimensions, mine[0], other[0], ratio, mine[1], other[1], *found]
        print(" ".join(f"{figure:>12.4g}" for figure in figures), flush=True)
    one, two = (min(ours(matrix, folder / "ours", 64, threads)[0] for _ in range(2)) for threads in (1, 2))
    print(f"scaling, d=64: 1 thread {one:.2f} s, 2 threads {two:.2f} s, {one / two:.2f} times as fast")


def main():
    with tempfile.TemporaryDirectory() as folder:
        training(Path(folder))
        print(json.dumps(serving.measure(Path(folder)), indent=2))


if __name__ == "__main__":
    main()
