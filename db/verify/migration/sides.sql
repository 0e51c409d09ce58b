-- Migration: sides.

BEGIN;

ROLLBACK;
