"""Objects and parts of uploads are in memory while they are handled: a film of 2 GB takes 6.5 GB, a range of it 2 GB.

Each part is written on arrival to a file next to the objects, at its offset in the object. A completed upload becomes
the object by a rename of that file. Large objects are read from their file in pieces.
"""

import contextlib
import errno
import functools
import itertools
import os
import shutil
import tempfile
import weakref

from patches.wrap import rewrite, wrap

# Smaller objects and ranges are answered from memory, as before.
LARGE = 8 << 20
PIECE = 1 << 20
# The errors of `copy_file_range` where the kernel or the file system cannot do it.
CANNOT_COPY = (errno.ENOSYS, errno.EOPNOTSUPP, errno.EXDEV, errno.EINVAL)


def apply():
    from ministack.services import s3

    if not s3.S3_PERSIST:
        return
    folder = s3.DATA_DIR.rstrip("/") + "-parts"
    # Uploads do not survive a restart.
    shutil.rmtree(folder, ignore_errors=True)

    s3._file_of_object = _file_of_object
    rewrite(
        s3, "_get_object", {"body = _read_body(bucket_name, key, obj)": "body = _file_of_object(bucket_name, key, obj)"}
    )
    wrap(s3, "_get_object", _get_object)

    s3._file_of_part = functools.partial(_file_of_part, folder)
    rewrite(s3, "_upload_part", {'"body": body,': '"body": _file_of_part(upload, pn, body),'})
    rewrite(
        s3,
        "_complete_multipart_upload",
        {
            'hashlib.md5(stored["body"]).digest()': 'bytes.fromhex(stored["etag"].strip(\'"\'))',
            'b"".join(combined_parts)': "_joined(combined_parts)",
        },
    )
    s3._joined = _joined
    wrap(s3, "_atomic_write", _atomic_write)


class File:
    """A part of a file, in place of its bytes."""

    def __init__(self, path, offset=0, length=None, descriptor=None):
        self.path = path
        # A part of an open file reads that file, even when another one has taken its path.
        self._descriptor = os.open(path, os.O_RDONLY) if descriptor is None else os.dup(descriptor)
        self._closing = weakref.finalize(self, os.close, self._descriptor)
        self.offset = offset
        self.length = os.fstat(self._descriptor).st_size if length is None else length

    def __len__(self):
        return self.length

    def __bytes__(self):
        return os.pread(self._descriptor, self.length, self.offset)

    def __getitem__(self, part):
        start, stop, _step = part.indices(self.length)
        piece = File(self.path, self.offset + start, max(0, stop - start), self._descriptor)
        return piece if len(piece) > LARGE else bytes(piece)

    def pieces(self):
        for start in range(0, self.length, PIECE):
            yield os.pread(self._descriptor, min(PIECE, self.length - start), self.offset + start)

    def copy_to(self, descriptor, offset):
        """Copies it to another file, without reading it into memory."""
        left, source = self.length, self.offset
        while left:
            copied = _copy(self._descriptor, descriptor, left, source, offset)
            if not copied:
                raise EOFError(f"{self.path} ends at {source}, {left} bytes too early")
            left, source, offset = left - copied, source + copied, offset + copied


# ------------------------------------------------------------------------------------------------------------ reading


def _file_of_object(bucket, key, obj):
    from ministack.services import s3

    if obj.get("body") is None and obj["size"] > LARGE:
        return File(s3._object_disk_path(bucket, key))
    return s3._read_body(bucket, key, obj)


def _get_object(original, *args, **kwargs):
    from ministack.core.responses import StreamingResponse

    status, headers, body = original(*args, **kwargs)
    if not isinstance(body, File):
        return status, headers, body

    async def send_pieces(send, _receive):
        for piece in body.pieces():
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    return status, {**headers, "Content-Length": str(len(body))}, StreamingResponse(send_pieces)


# ------------------------------------------------------------------------------------------------------------ writing


class Part:
    """A part of an upload, in its file. It has no open descriptor: uploads have thousands of parts."""

    def __init__(self, files, path, offset, length):
        # The reference to the files prevents the deletion of their folder.
        self.files, self.path, self.offset, self.length = files, path, offset, length

    def __len__(self):
        return self.length

    def __bytes__(self):
        return bytes(self.open())

    def open(self):
        return File(self.path, self.offset, self.length)


class _Files:
    """The files of one upload: one for the parts at their final offset, and one for each other part."""

    def __init__(self, folder):
        os.makedirs(folder, exist_ok=True)
        self.folder = tempfile.mkdtemp(dir=folder)
        self.joined = os.path.join(self.folder, "joined")
        # The length of the first part, which all but the last have. Until it is known, no part has an offset.
        self.slot = None
        weakref.finalize(self, shutil.rmtree, self.folder, ignore_errors=True)

    def put(self, number, body):
        if number == 1 and self.slot is None:
            self.slot = len(body)
        has_offset = len(body) == self.slot
        path = self.joined if has_offset else os.path.join(self.folder, str(number))
        offset = (number - 1) * self.slot if has_offset else 0
        with _writing(path) as descriptor:
            _write(descriptor, body, offset)
        return Part(self, path, offset, len(body))


def _file_of_part(folder, upload, number, body):
    if "files" not in upload:
        upload["files"] = _Files(folder)
    return upload["files"].put(number, body)


def _joined(parts):
    """The concatenated parts. A part that was copied from another object is bytes."""
    ends = list(itertools.accumulate(map(len, parts)))
    files = next((part.files for part in parts if isinstance(part, Part)), None)
    if files is None or ends[-1] <= LARGE:
        return b"".join(map(bytes, parts))

    starts = [end - len(part) for part, end in zip(parts, ends, strict=True)]
    has_offset = [isinstance(part, Part) and part.path == files.joined for part in parts]
    in_place = all(part.offset == start for part, start, has in zip(parts, starts, has_offset, strict=True) if has)
    path = files.joined if in_place else os.path.join(files.folder, "rewritten")
    with _writing(path) as descriptor:
        for part, start, has in zip(parts, starts, has_offset, strict=True):
            if in_place and has:
                continue
            if isinstance(part, Part):
                part.open().copy_to(descriptor, start)
            else:
                _write(descriptor, part, start)
        os.ftruncate(descriptor, ends[-1])
    whole = File(path)
    whole.files = files
    return whole


def _atomic_write(original, path, data, **how):
    if isinstance(data, File):
        os.replace(data.path, path)
    else:
        original(path, data, **how)


@contextlib.contextmanager
def _writing(path):
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _copy(source, destination, length, source_offset, offset):
    """Copies some bytes between two files; returns their number, which is 0 at the end of the source."""
    try:
        return os.copy_file_range(source, destination, length, source_offset, offset)
    except OSError as error:
        if error.errno not in CANNOT_COPY:
            raise
    piece = os.pread(source, min(PIECE, length), source_offset)
    _write(destination, piece, offset)
    return len(piece)


def _write(descriptor, data, offset):
    data = memoryview(data)
    while data:
        written = os.pwrite(descriptor, data, offset)
        data, offset = data[written:], offset + written
