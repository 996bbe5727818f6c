-- Purpose: Cohort entry: the first candidate that meets every criterion.
-- Reads: candidate_check
-- Writes: cohort_entry
-- Grain: one row a cohort and person
-- Binds: none
-- Days: none counted
WITH first_qualified AS (
    SELECT cohort, person_no, min(candidate_no) AS candidate_no
    FROM candidate_check
    WHERE failed_at IS NULL
    GROUP BY cohort, person_no
)
SELECT
    c.cohort,
    c.person_no,
    c.era_no,
    c.day_0 AS entry_date
FROM candidate_check AS c
JOIN first_qualified AS q ON q.cohort = c.cohort AND q.person_no = c.person_no AND q.candidate_no = c.candidate_no
