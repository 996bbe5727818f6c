-- Purpose: Cohort entry: the first candidate that meets every criterion. A category of overlapping days has those members
--     of the exposure that began later who entered the one that began earlier as well.
-- Reads: cohort_candidate, criterion_check, cohort_rule
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
),
entered AS (
    SELECT cohort, person_no, era_no, day_0
    FROM qualified
    WHERE qualified_no = 1
)
SELECT
    n.cohort,
    n.person_no,
    n.era_no,
    n.day_0 AS entry_date
FROM entered AS n
JOIN cohort_rule AS r ON r.cohort = n.cohort
LEFT JOIN entered AS o ON o.cohort = r.also_entered AND o.person_no = n.person_no
WHERE r.also_entered IS NULL OR o.person_no IS NOT NULL
