-- Migration: comparing.

BEGIN;

ROLLBACK;
