-- Migration: judging.

BEGIN;

ROLLBACK;
