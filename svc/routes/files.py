"""The PDFs of a session: handed in here, read by a worker, given back as packets."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from flask import request

from svc import errors, packets, payloads, queries, routes
from svc.db import Call
from svc.routes import attempts, exports
from svc.surface import values

if TYPE_CHECKING:
    import uuid
    from collections.abc import Callable

    from flask.typing import ResponseReturnValue

    from svc.db import Row

PIECE_BYTES = 1024 * 1024
# 10 MiB and what stands around them; the database judges the file itself.
ATTACHMENT_BODY_BYTES = 11 * 1024 * 1024
KINDS = {"car_pdf": "car", "receipt_pdf": "receipts"}


def upload(session_id: uuid.UUID) -> ResponseReturnValue:
    """Store the two PDFs of a session and queue their reading."""
    services = routes.services()
    said = payloads.read_query(request, {"dry_run": values.boolean, **payloads.MONTH})
    said["dry_run"] = bool(said["dry_run"])
    limit = services.settings.max_upload_bytes
    files = payloads.read_files(request, limit, "car", "receipts")
    try:
        answer = take(session_id, files, said, routes.request_id())
    finally:
        for file in files.values():
            file.content.close()
    location = routes.location(answer)
    answer = {**answer, "location": location}
    return answer, 200 if answer["outcome"] == "unchanged" else 202, {"Location": location}


def take(
    session_id: uuid.UUID, files: dict[str, payloads.UploadedFile], said: Row, request_id: str
) -> Row:
    """Store both files and queue their reading. Raises Problem when they are refused."""
    said = {"dry_run": False, **said}
    with attempts.recorded(lambda: _records(files), request_id):
        answer = _hand_in(session_id, files, said, request_id)
    if answer["outcome"] == "refused":
        raise errors.from_refusal(answer)
    return answer


def attach(session_id: uuid.UUID, transaction_id: uuid.UUID) -> ResponseReturnValue:
    """Attach a scan that came in later to a receipt, once the limited child could show it."""
    services = routes.services()
    shape: payloads.Shape = {
        "file": payloads.uploaded_file,
        "expected_revision_id": values.identifier,
        "reason": values.text,
    }
    form = payloads.read_form(request, ATTACHMENT_BODY_BYTES, shape, *shape)
    with form["file"].content as content:
        packets.check_attachment(content)
        content.seek(0)
        request_id = routes.request_id()
        said = {
            "session_id": session_id,
            "transaction_id": transaction_id,
            "expected_revision_id": form["expected_revision_id"],
            "file_name": form["file"].name,
            "bytes": content.read(),
            "reason": form["reason"],
            "request_id": request_id,
        }
    call = Call(queries.ATTACH_DOCUMENT, said)
    return services.database.write(routes.actor(), call, request_id=request_id), 201


def packets_zip(session_id: uuid.UUID) -> ResponseReturnValue:
    """Send every person's packet, finished and unfinished apart, with a manifest."""
    return _send_packets(session_id, None, "application/zip")


def packet(session_id: uuid.UUID, cardholder_id: uuid.UUID) -> ResponseReturnValue:
    """Send one person's packet."""
    return _send_packets(session_id, cardholder_id, "application/pdf")


def _send_packets(
    session_id: uuid.UUID, cardholder_id: uuid.UUID | None, kind: str
) -> ResponseReturnValue:
    """Send packets as they are made; the file name is made of a name key alone."""
    database = routes.services().database
    name, content = packets.packets(database, routes.actor(), session_id, cardholder_id)
    what = "packets.zip" if cardholder_id is None else "packet.pdf"
    about = None if cardholder_id is None else str(cardholder_id)
    said = {"kind": what, "session_id": session_id, "about": about}
    return exports.send(said, kind, content, name)


def _hand_in(
    session_id: uuid.UUID, files: dict[str, payloads.UploadedFile], said: Row, request_id: str
) -> Row:
    """Store and queue the files in one transaction."""
    services = routes.services()

    def transfer(call: Callable[[Call], list[Row]]) -> Row:
        """Describe the files, send what the database does not have, and queue them."""
        described = {**_description(session_id, files, request_id), **said}
        answer: Row = call(Call(queries.BEGIN_UPLOAD, described))[0]["answer"]
        if answer["outcome"] != "wanted":
            return answer
        sent: set[str] = set()
        for kind, name in KINDS.items():
            document, needs_bytes = answer[kind]["document_id"], answer[kind]["needs_bytes"]
            if needs_bytes and document not in sent:
                sent.add(document)
                _send(call, document, files[name])
        queued = {
            "session_id": session_id,
            "request_id": request_id,
            "dry_run": said["dry_run"],
        }
        rows = call(Call(queries.QUEUE_DOCUMENTS, queued))
        return cast("Row", rows[0]["answer"])

    return services.database.converse(
        routes.actor(), transfer, request_id=request_id, timeout=services.settings.import_timeout
    )


def _description(
    session_id: uuid.UUID, files: dict[str, payloads.UploadedFile], request_id: str
) -> Row:
    """Return what the database asks of the files before it wants their bytes."""
    car, receipts = files["car"], files["receipts"]
    return {
        "session_id": session_id,
        "car_name": car.name,
        "car_sha256": car.sha256,
        "car_size": car.size,
        "receipt_name": receipts.name,
        "receipt_sha256": receipts.sha256,
        "receipt_size": receipts.size,
        "request_id": request_id,
    }


def _records(files: dict[str, payloads.UploadedFile]) -> list[Row]:
    """Return what a record of each file says."""
    return [
        {"file_name": file.name, "size": file.size, "sha256": file.sha256}
        for file in files.values()
    ]


def _send(call: Callable[[Call], list[Row]], document_id: str, file: payloads.UploadedFile) -> None:
    """Send a file in pieces; never more than one piece is in memory."""
    file.content.seek(0)
    number = 0
    while piece := file.content.read(PIECE_BYTES):
        parameters = {"document_id": document_id, "chunk_number": number, "bytes": piece}
        call(Call(queries.STORE_CHUNK, parameters))
        number += 1
