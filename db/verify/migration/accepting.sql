-- Migration: accepting.

BEGIN;

ROLLBACK;
