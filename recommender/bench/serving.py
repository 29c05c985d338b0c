"""How fast `serve` starts with a large artefact, and how fast it ranks: by its own account (the header Server-Timing),
since the network is not what is measured."""

import http.client
import json
import random
import subprocess
import time

import data

RECOMMENDER = "target/release/marquee-recommender"
TITLES, PEOPLE, POSITIVES, DIMENSIONS = 100_000, 20_000, 600_000, 128
GENRES = ["drama", "comedy", "thriller", "documentary", "animation", "western", "romance", "horror"]
PORT = 18_555
STARTS, REQUESTS = 7, 1_000
MOST_SECONDS = 60


def artefact(folder):
    """Trains on a generated catalogue."""
    draw = random.Random(1)
    for channel in ("titles", "interactions", "config"):
        (folder / channel).mkdir()
    words = [f"word{number}" for number in range(5_000)]
    with open(folder / "titles/all.jsonl", "w") as file:
        for number in range(TITLES):
            title = {
                "title_id": f"t{number:06}",
                "name": " ".join(draw.choices(words, k=3)),
                "description": " ".join(draw.choices(words, k=20)),
                "genres": draw.sample(GENRES, 2),
            }
            file.write(json.dumps(title) + "\n")
    with open(folder / "interactions/all.jsonl", "w") as file:
        for person, row in enumerate(data.interactions(PEOPLE, TITLES, POSITIVES)):
            for title in row:
                line = {
                    "account_id": f"p{person}",
                    "title_id": f"t{title:06}",
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


def request(draw):
    """A personal row for somebody with twenty titles, of which some more are hidden."""
    ids = [f"t{draw.randrange(TITLES):06}" for _ in range(60)]
    actions = [{"title_id": title, "at": "2026-01-01T00:00:00Z", "watched_share": draw.random()} for title in ids[:20]]
    person = {"id": "somebody", "actions": actions, "hidden": ids[20:]}
    return {
        "version": 1,
        "kind": "rows",
        "day": "2026-01-02",
        "person": person,
        "rows": [{"kind": "personal", "limit": 20}],
    }


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
        draw, milliseconds = random.Random(2), []
        for _ in range(REQUESTS):
            connection.request("POST", "/invocations", json.dumps(request(draw)), {"content-type": "application/json"})
            answer = connection.getresponse()
            body = json.loads(answer.read())
            assert len(body["rows"][0]["items"]) == 20, body
            milliseconds.append(float(answer.getheader("server-timing").split("dur=")[1]))
        with open(f"/proc/{server.pid}/status") as status:
            memory = next(int(line.split()[1]) for line in status if line.startswith("VmRSS")) / 1024
    finally:
        server.terminate()
        server.wait()
    milliseconds.sort()
    return {
        "titles": TITLES,
        "dimensions": DIMENSIONS,
        "artefact_mib": round(sum(file.stat().st_size for file in model.iterdir()) / 2**20, 1),
        "start_ms": {"median": round(sorted(starts)[STARTS // 2], 1), "worst": round(max(starts), 1)},
        "rank_ms": {"p50": milliseconds[REQUESTS // 2], "p99": milliseconds[REQUESTS * 99 // 100]},
        "memory_mib": round(memory, 1),
    }
