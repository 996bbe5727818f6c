-- Purpose: The same conditions as diagnoses, for history and criteria.
-- Reads: raw_adverse_event
-- Writes: raw_comorbidity
-- Grain: one row a condition occurrence
-- Binds: none
-- Days: none counted; dates are texts as the source has them
SELECT person_id, code_system, coalesce(code, 'no code') AS code, onset_date
FROM raw_adverse_event
