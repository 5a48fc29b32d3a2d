-- 0 where this is the installation; 1 while it is being moved to here; 2 once it was moved away.
ALTER TABLE installation ADD COLUMN moved INTEGER NOT NULL DEFAULT 0;
