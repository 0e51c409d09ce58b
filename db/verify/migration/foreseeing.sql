-- Migration: foreseeing.

BEGIN;

ROLLBACK;
