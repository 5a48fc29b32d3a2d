-- The server's statistics copy values of columns, and would keep them when their rows are gone: of these they take none.
ALTER TABLE organisation ALTER COLUMN name SET STATISTICS 0;
ALTER TABLE "user" ALTER COLUMN name SET STATISTICS 0, ALTER COLUMN password_hash SET STATISTICS 0;
ALTER TABLE observation ALTER COLUMN blind SET STATISTICS 0, ALTER COLUMN sealed SET STATISTICS 0;
ALTER TABLE link ALTER COLUMN mark SET STATISTICS 0;
ALTER TABLE tombstone ALTER COLUMN mark SET STATISTICS 0;
ALTER TABLE erased ALTER COLUMN mark SET STATISTICS 0;
ALTER TABLE legal_hold ALTER COLUMN reason SET STATISTICS 0;
ALTER TABLE token ALTER COLUMN secret_hash SET STATISTICS 0;
