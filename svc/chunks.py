"""Chunked bodies whose next chunk is announced larger than the body may be: over at once.

gunicorn believes any size and waits for so many bytes, as long as the client keeps still.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gunicorn.http.body import Body, ChunkedReader

if TYPE_CHECKING:
    from flask import Request

LARGEST = 2**31
"""What a chunk may announce before anybody has said how large the body may be."""


class ChunkTooLargeError(Exception):
    """A chunk is announced that is larger than the whole body may be."""


class LimitedReader(ChunkedReader):  # type: ignore[misc]
    """Reads chunks of at most `largest` bytes."""

    largest = LARGEST

    def parse_chunk_size(self, unreader: Any, data: Any = None) -> tuple[int, Any]:  # noqa: ANN401
        """Read the size of the next chunk. Raises ChunkTooLargeError, and what gunicorn does."""
        size, rest = super().parse_chunk_size(unreader, data)
        if size > self.largest:
            raise ChunkTooLargeError
        return size, rest


def limit_request(request: Any) -> None:  # noqa: ANN401 - gunicorn has no types
    """Have the body of a request of gunicorn read by a LimitedReader, if it is chunked."""
    if isinstance(request.body.reader, ChunkedReader):
        request.body = Body(LimitedReader(request, request.unreader))


def limit_chunks(request: Request, largest: int) -> None:
    """Say how large the body of a request may be, before it is read."""
    reader = getattr(request.environ.get("wsgi.input"), "reader", None)
    if isinstance(reader, LimitedReader):
        reader.largest = largest
