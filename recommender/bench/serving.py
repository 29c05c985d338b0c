"""How fast `serve` starts with a large artefact, and how fast it ranks: by its header Server-Timing, which excludes the
network."""

import datetime
import http.client
import json
import random
import subprocess
import time

import data

RECOMMENDER = "target/release/marquee-recommender"
TITLES, PEOPLE, POSITIVES, DIMENSIONS = 100_000, 20_000, 600_000, 128
GENRES = ["drama", "comedy", "thriller", "documentary", "animation", "western", "romance", "horror"]
WORDS = [f"word{number}" for number in range(5_000)]
TODAY = datetime.date(2026, 1, 2)
PORT = 18_555
# The number of days over which the catalogue grew evenly.
CATALOGUE_DAYS, CREATORS = 1_000, 5_000
STARTS, REQUESTS = 7, 1_000
MOST_SECONDS = 60


def title(draw, title_id, days):
    """A title of this age in days."""
    return {
        "title_id": title_id,
        "name": " ".join(draw.choices(WORDS, k=3)),
        "description": " ".join(draw.choices(WORDS, k=20)),
        "genres": draw.sample(GENRES, 2),
        "published_at": f"{TODAY - datetime.timedelta(days)}T00:00:00Z",
        "creator_id": f"c{draw.randrange(CREATORS)}",
    }


def artefact(folder):
    """Trains on a generated catalogue."""
    draw = random.Random(1)
    for channel in ("titles", "interactions", "config"):
        (folder / channel).mkdir()
    with open(folder / "titles/all.jsonl", "w") as file:
        for number in range(TITLES):
            file.write(json.dumps(title(draw, f"t{number:06}", draw.randrange(CATALOGUE_DAYS))) + "\n")
    with open(folder / "interactions/all.jsonl", "w") as file:
        for person, watched in enumerate(data.interactions(PEOPLE, TITLES, POSITIVES)):
            for number in watched:
                line = {
                    "account_id": f"p{person}",
                    "title_id": f"t{number:06}",
                    "at": "2026-01-01T00:00:00Z",
                    "weight": 1,
                }
                file.write(json.dumps(line) + "\n")
    (folder / "config/hyperparameters.json").write_text(json.dumps({"dimensions": DIMENSIONS, "iterations": 4}))
    options = [word for name in ("titles", "interactions", "config") for word in (f"--{name}", str(folder / name))]
    model = folder / "model"
    command = [RECOMMENDER, "train", *options, "--model", str(model), "--output", str(folder)]
    subprocess.run(command, check=True, capture_output=True)
    return model


def start(model):
    """The running server, and the seconds until it answered."""
    started = time.perf_counter()
    server = subprocess.Popen(
        [RECOMMENDER, "serve", "--model", str(model), "--port", str(PORT)], stderr=subprocess.DEVNULL
    )
    while time.perf_counter() - started < MOST_SECONDS:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=5)
            connection.request("GET", "/ping")
            if connection.getresponse().status == 200:
                return server, time.perf_counter() - started
        except ConnectionRefusedError:
            time.sleep(0.0005)
    raise TimeoutError("serve does not answer")


def request(draw, *rows):
    """Rows for a person with twenty actions and some hidden titles."""
    ids = [f"t{draw.randrange(TITLES):06}" for _ in range(60)]
    actions = [{"title_id": seen, "at": "2026-01-01T00:00:00Z", "watched_share": draw.random()} for seen in ids[:20]]
    person = {"id": "someone", "actions": actions, "hidden": ids[20:]}
    return {"version": 1, "kind": "rows", "day": str(TODAY), "person": person, "rows": list(rows)}


def personal(draw):
    """The personal row alone."""
    return request(draw, {"kind": "personal", "limit": 20})


def home(draw):
    """All rows of the home page, with the newest titles as candidates: the model knows half of them."""
    asked = request(
        draw, {"kind": "personal", "limit": 20}, *({"kind": kind, "limit": 12} for kind in ("new", "popular"))
    )
    because = [
        {"kind": "because", "title_id": seen["title_id"], "limit": 12} for seen in asked["person"]["actions"][:2]
    ]
    known = [f"t{number:06}" for number in draw.sample(range(TITLES), 100)]
    candidates = [title(draw, title_id, 3) for title_id in known + [f"u{number}" for number in range(100)]]
    return {**asked, "rows": asked["rows"] + because, "candidates": candidates}


def rank(connection, requests):
    """The milliseconds that the server needed for each request."""
    milliseconds = []
    for asked in requests:
        connection.request("POST", "/invocations", json.dumps(asked), {"content-type": "application/json"})
        answer = connection.getresponse()
        body = json.loads(answer.read())
        assert [len(row["items"]) for row in body["rows"]] == [row["limit"] for row in asked["rows"]], body
        milliseconds.append(float(answer.getheader("server-timing").split("dur=")[1]))
    milliseconds.sort()
    return {"p50": milliseconds[len(milliseconds) // 2], "p99": milliseconds[len(milliseconds) * 99 // 100]}


def measure(folder):
    model = artefact(folder)
    starts = []
    for _ in range(STARTS):
        server, seconds = start(model)
        starts.append(seconds * 1000)
        server.terminate()
        server.wait()
    server, _ = start(model)
    try:
        connection = http.client.HTTPConnection("127.0.0.1", PORT)
        draw = random.Random(2)
        ranked = {kind.__name__: rank(connection, (kind(draw) for _ in range(REQUESTS))) for kind in (personal, home)}
        with open(f"/proc/{server.pid}/status") as status:
            memory = next(int(line.split()[1]) for line in status if line.startswith("VmRSS")) / 1024
    finally:
        server.terminate()
        server.wait()
    return {
        "titles": TITLES,
        "dimensions": DIMENSIONS,
        "artefact_mib": round(sum(file.stat().st_size for file in model.iterdir()) / 2**20, 1),
        "start_ms": {"median": round(sorted(starts)[STARTS // 2], 1), "worst": round(max(starts), 1)},
        "personal_row_ms": ranked["personal"],
        "home_page_ms": ranked["home"],
        "memory_mib": round(memory, 1),
    }
