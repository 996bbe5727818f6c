-- Purpose: Eras that a person enters with: the first candidate that meets every criterion or, where every era may be an entry,
--     all of them.
-- Reads: cohort_candidate, criterion_check, study_rule
-- Writes: entry_era
-- Grain: one row a cohort, person and entry
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
        row_number() OVER (PARTITION BY c.cohort, c.person_no ORDER BY c.candidate_no) AS entry_no
    FROM cohort_candidate AS c
    LEFT JOIN failed AS f ON f.cohort = c.cohort AND f.person_no = c.person_no AND f.era_no = c.era_no
    WHERE f.person_no IS NULL
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
