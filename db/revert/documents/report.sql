-- Removes documents as people see them.

BEGIN;

DROP FUNCTION api.read_chunk(uuid, integer);
DROP FUNCTION report.packet_pages(uuid, uuid);
DROP VIEW report.attachments;
DROP VIEW report.cards;
DROP VIEW report.document_notices;
DROP VIEW report.document_pages;
DROP VIEW report.documents;

COMMIT;
