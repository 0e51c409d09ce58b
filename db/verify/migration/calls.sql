-- Migration: calls.

BEGIN;

ROLLBACK;
