-- Purpose: Periods under follow-up; one without a start, or that ends before it starts, is set aside.
-- Reads: observation_candidate
-- Writes: observation_period
-- Grain: one row a person and period
-- Binds: none
-- Days: both ends belong to the period
SELECT DISTINCT person_id, start_date, end_date
FROM observation_candidate
WHERE start_date <= end_date
