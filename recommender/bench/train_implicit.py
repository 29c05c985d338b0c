"""Trains with `implicit` on a matrix file of examples/factorize.rs, and prints the same figures."""

import resource
import sys
import time

import numpy as np
import scipy.sparse
from implicit.cpu.als import AlternatingLeastSquares


def main():
    path, factors, dimensions, iterations, threads = sys.argv[1:]
    numbers = np.fromfile(path, "<u4")
    people, titles = int(numbers[0]), int(numbers[1])
    starts = numbers[2 : people + 3].astype(np.int32)
    indices = numbers[people + 3 :].astype(np.int32)
    del numbers
    matrix = scipy.sparse.csr_matrix((np.ones(len(indices), np.float32), indices, starts), (people, titles))
    model = AlternatingLeastSquares(
        factors=int(dimensions),
        iterations=int(iterations),
        regularization=10.0,
        alpha=5.0,
        num_threads=int(threads),
        random_state=1,
    )

    started = time.perf_counter()
    model.fit(matrix, show_progress=False)
    seconds = time.perf_counter() - started

    with open(factors, "wb") as file:
        model.user_factors.astype("<f4").tofile(file)
        model.item_factors.astype("<f4").tofile(file)
    print(seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


if __name__ == "__main__":
    main()
