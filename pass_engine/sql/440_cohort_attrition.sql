-- Purpose: Persons left after each step on the way into a cohort, in the order in which the steps are applied.
-- Reads: person_here, person_in_study, candidate_check, criterion_rule, cohort_rule, study_rule
-- Writes: cohort_attrition
-- Grain: one row a cohort and step
-- Binds: none
-- Days: none counted
WITH furthest AS (
    SELECT
        cohort,
        person_no,
        max(CASE WHEN failed_at IS NULL THEN 1 ELSE 0 END) = 1 AS is_entered,
        max(failed_at) AS failed_at
    FROM candidate_check
    GROUP BY cohort, person_no
),
stopped AS (
    SELECT cohort, CASE WHEN NOT is_entered THEN failed_at END AS failed_at, count(*) AS persons
    FROM furthest
    GROUP BY cohort, CASE WHEN NOT is_entered THEN failed_at END
),
registered AS (
    SELECT 1 AS position, count(*) AS persons FROM person_here
    UNION ALL
    SELECT 2 AS position, count(*) AS persons FROM person_in_study
),
remaining AS (
    SELECT r.cohort, g.position, g.persons
    FROM cohort_rule AS r CROSS JOIN registered AS g
    UNION ALL
    SELECT f.cohort, 3 AS position, CAST(sum(f.persons) AS BIGINT) AS persons
    FROM stopped AS f
    GROUP BY f.cohort
    UNION ALL
    SELECT f.cohort, 3 + r.position AS position, CAST(sum(f.persons) AS BIGINT) AS persons
    FROM stopped AS f
    JOIN criterion_rule AS r ON r.cohort = f.cohort AND (f.failed_at IS NULL OR f.failed_at > r.position)
    GROUP BY f.cohort, r.position
),
step AS (
    SELECT r.cohort, 1 AS position, 'persons' AS step FROM cohort_rule AS r
    UNION ALL
    SELECT r.cohort, 2 AS position, 'registry_overlap' AS step
    FROM cohort_rule AS r JOIN study_rule AS s ON s.has_registry_overlap
    UNION ALL
    SELECT r.cohort, 3 AS position, 'exposed' AS step FROM cohort_rule AS r
    UNION ALL
    SELECT r.cohort, 3 + r.position AS position, r.criterion AS step FROM criterion_rule AS r
),
counted AS (
    SELECT s.cohort, s.position, s.step, coalesce(l.persons, 0) AS persons
    FROM step AS s
    LEFT JOIN remaining AS l ON l.cohort = s.cohort AND l.position = s.position
)
SELECT
    cohort,
    position,
    step,
    persons,
    coalesce(lag(persons) OVER (PARTITION BY cohort ORDER BY position) - persons, 0) AS excluded
FROM counted
