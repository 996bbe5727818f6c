-- Purpose: Eras that a person enters with: the first candidate that meets every criterion or, where every era may be an
--     entry, all of them.
-- Reads: candidate_check, study_rule
-- Writes: entry_era
-- Grain: one row a cohort, person and entry
-- Binds: none
-- Days: none counted
WITH qualified AS (
    SELECT
        cohort,
        person_no,
        era_no,
        day_0,
        row_number() OVER (PARTITION BY cohort, person_no ORDER BY candidate_no) AS entry_no
    FROM candidate_check
    WHERE failed_at IS NULL
)
SELECT
    q.cohort,
    q.person_no,
    q.era_no,
    q.day_0 AS entry_date,
    q.entry_no
FROM qualified AS q
CROSS JOIN study_rule AS s
WHERE q.entry_no = 1 OR s.entries = 'all'
