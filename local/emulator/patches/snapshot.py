"""State is saved only on SIGTERM: `kill -9` (or a power cut) loses all changes since the last start but the objects in
S3.

A thread saves what has changed every few seconds. It uses at most a twentieth of the time.
"""

import contextlib
import hashlib
import json
import logging
import os
import threading
import time

from patches.wrap import wrap

SECONDS = float(os.environ.get("MARQUEE_SNAPSHOT_SECONDS", "3"))
SHARE_OF_TIME = 20
READING = ("GET", "HEAD", "OPTIONS")
MAX_ATTEMPTS = 3

log = logging.getLogger("snapshot")


def apply():
    from ministack import app

    if not app.PERSIST_STATE:
        return
    snapshots = _Snapshots()

    def load(original):
        original()
        snapshots.start()

    def save_all(original, services):
        snapshots.stop()
        original(services)

    wrap(app, "_load_persisted_state", load)
    wrap(app, "save_all", save_all)
    app.app = _noticing_writes(app.app, snapshots)


def _noticing_writes(original, snapshots):
    async def app(scope, receive, send):
        await original(scope, receive, send)
        if scope["type"] == "http" and scope["method"] not in READING:
            snapshots.changed.set()

    return app


class _Snapshots:
    def __init__(self):
        self.changed = threading.Event()
        self._busy = threading.Lock()
        self._stopped = threading.Event()
        self._digests = {}

    def start(self):
        threading.Thread(target=self._run, daemon=True, name="snapshot").start()

    def stop(self):
        """Returns when no snapshot is being written any more; the regular save comes last."""
        self._stopped.set()
        self._busy.acquire()

    def _run(self):
        pause = SECONDS
        while not self._stopped.wait(pause):
            self.changed.wait()
            self.changed.clear()
            started = time.monotonic()
            with self._busy:
                if self._stopped.is_set():
                    return
                self._save()
            pause = max(SECONDS, SHARE_OF_TIME * (time.monotonic() - started))

    def _save(self):
        from ministack import app

        for service, get_state in app._build_persistence_save_dict().items():
            try:
                self._save_service(service, get_state)
            except OSError as error:  # The disk may be full, and have space again after the pause.
                log.error("the state of %s cannot be saved, and will be tried again: %s", service, error)
                self._digests.pop(service, None)
                self.changed.set()

    def _save_service(self, service, get_state):
        if service == "lambda" and not self._is_new(service, _functions_fingerprint()):
            return
        text = _text_of(service, get_state)
        if text is None:
            self._digests.pop(service, None)
        elif service == "lambda" or self._is_new(service, text):
            _write(service, text)

    def _is_new(self, service, text):
        digest = hashlib.blake2b(text.encode()).digest()
        is_new = self._digests.get(service) != digest
        self._digests[service] = digest
        return is_new


def _functions_fingerprint():
    """Distinguishes deployments without reading the code of every function."""
    from ministack.services import lambda_svc

    functions = [
        (str(key), function["config"].get("RevisionId"), function["config"].get("CodeSha256"))
        for key, function in list(lambda_svc._functions._data.items())
    ]
    sources = [str(key) for key in list(lambda_svc._esms._data)]
    return json.dumps([sorted(functions, key=str), sorted(sources)])


def _text_of(service, get_state):
    """The service's state as its file's text; nothing if it changes during each attempt to read it."""
    from ministack.core import persistence

    for _attempt in range(MAX_ATTEMPTS):
        try:
            state = get_state()
            if state is None:
                return None
            version = persistence._state_format_version(service)
            wrapped = {"__ministack_format__": version, "payload": state}
            return json.dumps(wrapped, default=persistence._json_default)
        except RuntimeError:  # "dictionary changed size during iteration"
            continue
        except Exception:
            log.exception("the state of %s cannot be read", service)
            return None
    log.info("%s changes too often for a snapshot; the next one will include it", service)
    return None


def _write(service, text):
    from ministack.core import persistence

    path = os.path.join(persistence.STATE_DIR, f"{service}.json")
    temporary = path + ".snapshot"
    os.makedirs(persistence.STATE_DIR, exist_ok=True)
    try:
        with open(temporary, "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(temporary, path)
    except OSError:
        # A part of a file would take the space that another service's state may need.
        with contextlib.suppress(OSError):
            os.remove(temporary)
        raise
