-- Purpose: Treatment episodes that can be used; copies of a row made one.
-- Reads: treatment_checked
-- Writes: treatment
-- Grain: one row a person, substance, start and stop
-- Binds: none
-- Days: without a stop the treatment goes on at the data cut
SELECT DISTINCT person_id, substance, start_date, stop_date
FROM treatment_checked
WHERE set_aside IS NULL
