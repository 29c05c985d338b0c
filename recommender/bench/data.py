"""Generates interactions with the numbers of MovieLens-20M (people, titles, positives; both follow power laws).
Each person has a few of forty tastes."""

import numpy as np

TASTES = 40


def interactions(people, titles, positives, seed=1):
    """A sorted array of title numbers for each person."""
    random = np.random.default_rng(seed)
    popularity = 1 / np.arange(1, titles + 1) ** 0.9
    popularity = popularity[random.permutation(titles)] / popularity.sum()
    taste = random.integers(0, TASTES, titles)
    members = [np.flatnonzero(taste == number) for number in range(TASTES)]
    shares = [np.cumsum(popularity[own]) / popularity[own].sum() for own in members]
    everything = np.cumsum(popularity)
    activity = random.lognormal(0, 1.1, people)
    counts = np.maximum(5, np.round(activity / activity.sum() * positives)).astype(int)
    counts = np.minimum(counts, titles // 4)

    rows = []
    for count in counts:
        drawn = int(count * 1.35) + 3  # some are drawn twice
        by_taste = int(drawn * 0.75)
        parts = []
        for number in random.integers(0, TASTES, 3):
            places = np.searchsorted(shares[number], random.random(by_taste // 3))
            parts.append(members[number][places.clip(max=len(members[number]) - 1)])
        parts.append(np.searchsorted(everything, random.random(drawn - by_taste)).clip(max=titles - 1))
        row = np.unique(np.concatenate(parts))
        if len(row) > count:
            row = np.sort(random.choice(row, count, replace=False))
        rows.append(row.astype(np.uint32))
    return rows


def hold_out(rows, people=3000, share=5, seed=9):
    """Takes a fifth from some people's rows, in place, and returns it by person."""
    random = np.random.default_rng(seed)
    held = {}
    for person in random.choice(len(rows), people, replace=False):
        row = rows[person]
        out = random.choice(len(row), max(1, len(row) // share), replace=False)
        held[int(person)] = row[out]
        rows[person] = np.delete(row, out)
    return held


def compressed(rows):
    """The start of each row and the end of the last, and the concatenated rows."""
    return np.concatenate([[0], np.cumsum([len(row) for row in rows])]), np.concatenate(rows)


def ndcg(people, titles, rows, held):
    """NDCG@100 of the held-out titles."""
    discounts = 1 / np.log2(np.arange(2, 102))
    gains = []
    for person, wanted in held.items():
        scores = titles @ people[person]
        scores[rows[person]] = -np.inf
        best = np.argpartition(-scores, 100)[:100]
        best = best[np.argsort(-scores[best])]
        hits = np.isin(best, wanted)
        gains.append((hits * discounts).sum() / discounts[: min(len(wanted), 100)].sum())
    return float(np.mean(gains))
