-- Purpose: Persons left after each step on the way into a cohort, in the order in which the steps are applied.
-- Reads: person, person_in_study, cohort_candidate, criterion_check, criterion_rule, cohort_rule, cohort_entry,
--     study_rule
-- Writes: cohort_attrition
-- Grain: one row a cohort and step
-- Binds: none
-- Days: none counted
WITH counted_cohort AS (
    SELECT cohort, also_entered
    FROM cohort_rule
    WHERE is_counted
),
first_failure AS (
    SELECT
        c.cohort,
        c.person_no,
        c.era_no,
        min(CASE WHEN NOT k.met THEN k.position END) AS failed_at
    FROM cohort_candidate AS c
    JOIN counted_cohort AS n ON n.cohort = c.cohort
    LEFT JOIN criterion_check AS k
        ON k.cohort = c.cohort AND k.person_no = c.person_no AND k.era_no = c.era_no
    GROUP BY c.cohort, c.person_no, c.era_no
),
both_step AS (
    SELECT n.cohort, CAST(4 + count(r.criterion) AS INTEGER) AS position
    FROM counted_cohort AS n
    LEFT JOIN criterion_rule AS r ON r.cohort = n.cohort
    WHERE n.also_entered IS NOT NULL
    GROUP BY n.cohort
),
remaining AS (
    SELECT r.cohort, 1 AS position, count(*) AS persons
    FROM counted_cohort AS r CROSS JOIN person AS p
    GROUP BY r.cohort
    UNION ALL
    SELECT r.cohort, 2 AS position, count(*) AS persons
    FROM counted_cohort AS r CROSS JOIN person_in_study AS p
    GROUP BY r.cohort
    UNION ALL
    SELECT f.cohort, 3 AS position, count(DISTINCT f.person_no) AS persons
    FROM first_failure AS f
    GROUP BY f.cohort
    UNION ALL
    SELECT f.cohort, 3 + r.position AS position, count(DISTINCT f.person_no) AS persons
    FROM first_failure AS f
    JOIN criterion_rule AS r ON r.cohort = f.cohort AND (f.failed_at IS NULL OR f.failed_at > r.position)
    GROUP BY f.cohort, r.position
    UNION ALL
    SELECT n.cohort, s.position, count(*) AS persons
    FROM cohort_entry AS n
    JOIN both_step AS s ON s.cohort = n.cohort
    GROUP BY n.cohort, s.position
),
step AS (
    SELECT r.cohort, 1 AS position, 'persons' AS step FROM counted_cohort AS r
    UNION ALL
    SELECT r.cohort, 2 AS position, 'registry_overlap' AS step
    FROM counted_cohort AS r JOIN study_rule AS s ON s.has_registry_overlap
    UNION ALL
    SELECT r.cohort, 3 AS position, 'exposed' AS step FROM counted_cohort AS r
    UNION ALL
    SELECT r.cohort, 3 + r.position AS position, r.criterion AS step
    FROM counted_cohort AS n JOIN criterion_rule AS r ON r.cohort = n.cohort
    UNION ALL
    SELECT s.cohort, s.position, 'entered_both' AS step FROM both_step AS s
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
