-- Purpose: Cohort entry: the first candidate that meets every criterion.
-- Reads: cohort_candidate, criterion_check
-- Writes: cohort_entry
-- Grain: one row a cohort and person
-- Binds: none
-- Days: none counted
WITH failed AS (
    SELECT DISTINCT cohort, person_no, era_no
    FROM criterion_check
    WHERE NOT met
),
qualified AS (
    SELECT
        c.cohort,
        c.person_no,
        c.era_no,
        c.day_0,
        row_number() OVER (PARTITION BY c.cohort, c.person_no ORDER BY c.candidate_no) AS qualified_no
    FROM cohort_candidate AS c
    LEFT JOIN failed AS f ON f.cohort = c.cohort AND f.person_no = c.person_no AND f.era_no = c.era_no
    WHERE f.person_no IS NULL
)
SELECT
    cohort,
    person_no,
    era_no,
    day_0 AS entry_date
FROM qualified
WHERE qualified_no = 1
