-- Purpose: Doses that can be used; two on one day are one.
-- Reads: administration_checked
-- Writes: administration
-- Grain: one row a person, substance and day
-- Binds: none
-- Days: none counted
SELECT DISTINCT person_id, substance, date
FROM administration_checked
WHERE set_aside IS NULL
