-- The server's statistics copy values of columns, and would keep them when their rows are gone: of these they take none.
ALTER TABLE installation_key ALTER COLUMN wrapped SET STATISTICS 0;
ALTER TABLE organisation_key ALTER COLUMN wrapped SET STATISTICS 0;
ALTER TABLE device_key ALTER COLUMN wrapped SET STATISTICS 0;
ALTER TABLE next_device_key ALTER COLUMN wrapped SET STATISTICS 0;
ALTER TABLE backup_key ALTER COLUMN wrapped SET STATISTICS 0;
ALTER TABLE erased_device ALTER COLUMN mark SET STATISTICS 0;
ALTER TABLE erased ALTER COLUMN mark SET STATISTICS 0;
