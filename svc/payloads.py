"""What comes in: bodies, files, query parameters. A bad shape is a 400 before SQL is asked.

Bodies are read in one place, `read_body`, whatever is wrong with them on the wire.
"""

from __future__ import annotations

import codecs
import hashlib
import io
import json
import secrets
import string
import tempfile
from pathlib import PurePath
from typing import IO, TYPE_CHECKING, Any, NamedTuple, NoReturn, TypeAlias, cast

from flask import g
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.formparser import MultiPartParser

from svc.chunks import ChunkTooLargeError, limit_chunks
from svc.errors import Problem
from svc.surface.values import BadValueError, day, text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from flask import Request

Shape: TypeAlias = "Mapping[str, Callable[[Any], Any]]"

JSON_TYPE = "application/json"
MULTIPART_TYPE = "multipart/form-data"
PARTS = 12
CHUNK_BYTES = 256 * 1024
# What the reader of multipart bodies may hold: a piece of a file, or a part that is none.
FORM_BYTES = 4 * CHUNK_BYTES
KEY_MAXIMUM = 200
# Letters only: digits at random are a card number now and then, and that is refused in an id.
KEY_MADE = 28
# What may be said of the month a submission is of.
MONTH: Shape = {"programme": text, "period_start": day, "period_end": day}


def read_body(request: Request, limit: int) -> bytearray:
    """Read the whole JSON body as bytes, at most `limit` of them.

    Raises Problem 413 (before reading, where the length is announced), 415 for another type or
    any Content-Encoding, 400 when the body breaks off or its chunks are broken.
    """
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise _unsupported("send the body without Content-Encoding")
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    if request.mimetype != JSON_TYPE or charset not in {"utf-8", "utf8"}:
        raise _unsupported(f"send Content-Type: {JSON_TYPE}")
    announced = request.content_length
    if announced is not None and announced > limit:
        raise _too_large(limit)
    limit_chunks(request, limit)
    body = bytearray()
    while chunk := _read_chunk(request, limit):
        body += chunk
        if len(body) > limit:
            raise _too_large(limit)
    if announced is not None and len(body) != announced:
        raise _unreadable()
    return body


class UploadedFile(NamedTuple):
    """A file of a multipart body, on disk: its name, its bytes and their checksum."""

    name: str
    content: IO[bytes]
    size: int
    sha256: str


def read_files(request: Request, limit: int, *names: str) -> dict[str, UploadedFile]:
    """Read a multipart body that has exactly these files, see `read_form`."""
    return read_form(request, limit, dict.fromkeys(names, uploaded_file), *names)


def read_form(request: Request, limit: int, shape: Shape, *required: str) -> dict[str, Any]:
    """Read a multipart body of this shape, each file into a temporary file on disk.

    `limit` bounds the whole body, in bytes. The caller closes the files; they have no name and are
    gone then. Raises Problem 413 (before reading, where the length is announced), 415 for another
    type or any Content-Encoding, 400 when the body breaks off or has other parts.
    """
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise _unsupported("send the body without Content-Encoding")
    boundary = request.mimetype_params.get("boundary", "")
    if request.mimetype != MULTIPART_TYPE or not boundary.isascii() or not boundary:
        raise _unsupported(f"send Content-Type: {MULTIPART_TYPE} with {', '.join(shape)}")
    request.max_content_length = limit
    limit_chunks(request, limit)
    parser = MultiPartParser(_new_file, max_form_memory_size=FORM_BYTES, max_form_parts=PARTS)
    try:
        form, parts = parser.parse(request.stream, boundary.encode(), request.content_length)
    except (RequestEntityTooLarge, ChunkTooLargeError) as error:
        raise _too_large(limit) from error
    except Exception as error:
        raise _unreadable() from error
    given = [*form, *(name for name, _ in parts.items(multi=True))]
    wrong = [name for name in given if given.count(name) > 1]
    try:
        if wrong:
            raise wrong_parameter([{"path": wrong[0], "code": "given_twice"}])
        if "check_form" in g:  # of a browser: it carries more than what is asked for
            form = g.check_form(form)
            # An input for a file that was left out is sent without a name.
            left_out = [name for name, part in parts.items() if not part.filename]
            for name in left_out:
                parts.pop(name).close()
        return parse({**form, **parts}, shape, *required)
    except Problem:
        for _, part in parts.items(multi=True):
            part.close()
        raise


def texts_of(request: Request, most: int) -> list[tuple[str, str]]:
    """Return the texts in the first `most` bytes of a multipart body, none of one that is broken.

    Nothing is written to disk, and of files nothing is kept.
    """
    boundary = request.mimetype_params.get("boundary", "").encode()
    parser = MultiPartParser(_no_file, max_form_memory_size=most, max_form_parts=PARTS)
    request.max_content_length = None
    limit_chunks(request, most)
    try:
        # As if it ended here; after a whole body nothing more is looked at.
        body = request.stream.read(most) + b"\r\n--" + boundary + b"--\r\n"
        form, _ = parser.parse(io.BytesIO(body), boundary, len(body))
    except Exception:
        return []
    return list(form.items(multi=True))


def read_object(request: Request, limit: int) -> dict[str, Any]:
    """Read a small JSON object, once; no body at all counts as an empty object.

    Raises Problem as `read_body` does, and 400 when it is no object.
    """
    if "body" in g:
        return cast("dict[str, Any]", g.body)
    if not request.content_length and "Transfer-Encoding" not in request.headers:
        return {}
    try:
        value = read_json(read_body(request, limit).decode())
    except (ValueError, RecursionError) as error:
        raise Problem(status=400, code="invalid_json", title="the body is not JSON") from error
    if not isinstance(value, dict):
        raise Problem(status=400, code="invalid_json", title="the body is not a JSON object")
    g.body = value
    return value


def read_json(text: str) -> Any:  # noqa: ANN401 - as many types as values
    """Read JSON without double keys, NaN and Infinity. Raises ValueError, RecursionError."""
    return json.loads(
        text, object_pairs_hook=_object_without_duplicates, parse_constant=_refuse_constant
    )


def read_query(request: Request, shape: Shape, *required: str) -> dict[str, Any]:
    """Read the query parameters, each known and given once. Raises Problem 400."""
    return parse(given_once(request), shape, *required)


def given_once(request: Request) -> dict[str, Any]:
    """Return the query parameters; of one given twice the list, which no reader takes."""
    return {name: given[0] if len(given) == 1 else given for name, given in request.args.lists()}


def parse(values: Mapping[str, Any], shape: Shape, *required: str) -> dict[str, Any]:
    """Read every member of `shape` from `values`; what is absent or null is None.

    Raises Problem 400 with one error for each member that is wrong, unknown or missing.
    """
    errors: list[dict[str, Any]] = []
    errors += [{"path": name, "code": "unknown"} for name in values if name not in shape]
    errors += [{"path": name, "code": "missing"} for name in required if values.get(name) is None]
    parsed: dict[str, Any] = {}
    for name, read in shape.items():
        value = values.get(name)
        try:
            parsed[name] = None if value is None else read(value)
        except BadValueError as error:
            errors += error.told(name)
    if errors:
        raise wrong_parameter(errors)
    return parsed


def wrong_parameter(errors: list[dict[str, Any]]) -> Problem:
    """Make a 400 with one error for each wrong parameter; of a closed list, with its values."""
    return Problem(
        status=400,
        code="invalid_parameter",
        title="a parameter is wrong, unknown or missing",
        field=errors[0]["path"],
        errors=errors,
    )


def idempotency_key(request: Request) -> str:
    """Read the caller's Idempotency-Key, or make a new one. Raises Problem 400."""
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return "".join(secrets.choice(string.ascii_lowercase) for _ in range(KEY_MADE))
    if not (key.isascii() and key.isprintable() and 1 <= len(key.strip()) <= KEY_MAXIMUM):
        raise Problem(
            status=400,
            code="invalid_parameter",
            title="the Idempotency-Key is not 1 to 200 printable characters",
            field="Idempotency-Key",
            errors=[{"path": "Idempotency-Key", "code": "invalid_text"}],
        )
    return key.strip()


def why_not_text(body: bytearray) -> str | None:
    """Tell why PostgreSQL could not take these bytes as text, or None when it can."""
    zero = body.find(b"\0")
    if zero >= 0:
        return f"NUL byte at position {zero}"
    decoder = codecs.getincrementaldecoder("utf-8")()
    with memoryview(body) as view:
        for start in range(0, len(view), CHUNK_BYTES):
            piece = view[start : start + CHUNK_BYTES]
            try:
                decoder.decode(piece, final=start + CHUNK_BYTES >= len(view))
            except UnicodeDecodeError as error:
                pending = len(error.object) - len(piece)
                return f"not UTF-8 at position {start - pending + error.start}"
    return None


def _new_file(*_: object, **__: object) -> IO[bytes]:
    """Make the temporary file a part goes to."""
    return cast("IO[bytes]", tempfile.TemporaryFile())  # the caller closes it


def _no_file(*_: object, **__: object) -> IO[bytes]:
    """Make a place for a part that is thrown away."""
    return io.BytesIO()


def uploaded_file(value: object) -> UploadedFile:
    """Read a part that is a file. Raises BadValueError."""
    if not isinstance(value, FileStorage):
        raise BadValueError("not_a_file")
    name = text(PurePath((value.filename or "").replace("\\", "/")).name).strip()
    if not 1 <= len(name) <= KEY_MAXIMUM:
        raise BadValueError("invalid_file_name")
    content = value.stream
    content.seek(0)
    checksum, size = hashlib.sha256(), 0
    while piece := content.read(CHUNK_BYTES):
        checksum.update(piece)
        size += len(piece)
    content.seek(0)
    return UploadedFile(name, content, size, checksum.hexdigest())


def _read_chunk(request: Request, limit: int) -> bytes:
    """Read some more of the body. What a server raises for broken chunks is its own affair."""
    try:
        return request.stream.read(CHUNK_BYTES)
    except ChunkTooLargeError as error:
        raise _too_large(limit) from error
    except Exception as error:
        raise _unreadable() from error


def _object_without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make an object whose members are all different. Raises ValueError."""
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("duplicate key")
    return value


def _refuse_constant(name: str) -> NoReturn:
    """Refuse NaN and Infinity, which are not JSON. Raises ValueError."""
    raise ValueError(name)


def _unsupported(hint: str) -> Problem:
    """Make a 415 that says what would do."""
    return Problem(
        status=415, code="unsupported_media_type", title="unsupported kind of body", hint=hint
    )


def _too_large(limit: int) -> Problem:
    """Make a 413 that names the limit in bytes."""
    return Problem(
        status=413, code="too_large", title="the body is too large", detail=f"limit {limit} bytes"
    )


def _unreadable() -> Problem:
    """Make a 400 for a body that broke off."""
    return Problem(status=400, code="unreadable_body", title="the body could not be read")
