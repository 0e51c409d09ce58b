-- Migration: pairing.

BEGIN;

ROLLBACK;
