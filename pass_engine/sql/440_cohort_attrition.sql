-- Purpose: Persons left after each step on the way into a cohort, in the order in which the steps are applied.
-- Reads: person_here, person_in_study, excluded_country, candidate_check, criterion_rule, cohort_rule, cohort_entry,
--     study_rule
-- Writes: cohort_attrition
-- Grain: one row a cohort and step
-- Binds: none
-- Days: none counted
WITH counted_cohort AS (
    SELECT c.cohort, c.also_entered, CASE WHEN s.excludes_faults THEN 1 ELSE 0 END AS shift
    FROM cohort_rule AS c
    CROSS JOIN study_rule AS s
    WHERE c.is_counted
),
furthest AS (
    SELECT
        k.cohort,
        k.person_no,
        max(CASE WHEN k.failed_at IS NULL THEN 1 ELSE 0 END) = 1 AS met_all,
        max(k.failed_at) AS failed_at
    FROM candidate_check AS k
    JOIN counted_cohort AS n ON n.cohort = k.cohort
    GROUP BY k.cohort, k.person_no
),
stopped AS (
    SELECT cohort, CASE WHEN NOT met_all THEN failed_at END AS failed_at, count(*) AS persons
    FROM furthest
    GROUP BY cohort, CASE WHEN NOT met_all THEN failed_at END
),
registered AS (
    SELECT 1 AS position, count(*) AS persons FROM person_here
    UNION ALL
    SELECT 2 AS position, count(*) AS persons
    FROM person_here AS p
    LEFT JOIN excluded_country AS x ON x.country = p.country
    WHERE x.country IS NULL
),
both_step AS (
    SELECT n.cohort, CAST(4 + n.shift + count(r.criterion) AS INTEGER) AS position
    FROM counted_cohort AS n
    LEFT JOIN criterion_rule AS r ON r.cohort = n.cohort
    WHERE n.also_entered IS NOT NULL
    GROUP BY n.cohort, n.shift
),
remaining AS (
    SELECT r.cohort, g.position, g.persons
    FROM counted_cohort AS r CROSS JOIN registered AS g
    UNION ALL
    SELECT r.cohort, 3 AS position, count(*) AS persons
    FROM counted_cohort AS r
    CROSS JOIN person_in_study AS p
    WHERE r.shift = 1
    GROUP BY r.cohort
    UNION ALL
    SELECT f.cohort, 3 + n.shift AS position, CAST(sum(f.persons) AS BIGINT) AS persons
    FROM stopped AS f
    JOIN counted_cohort AS n ON n.cohort = f.cohort
    GROUP BY f.cohort, n.shift
    UNION ALL
    SELECT f.cohort, 3 + n.shift + r.position AS position, CAST(sum(f.persons) AS BIGINT) AS persons
    FROM stopped AS f
    JOIN counted_cohort AS n ON n.cohort = f.cohort
    JOIN criterion_rule AS r ON r.cohort = f.cohort AND (f.failed_at IS NULL OR f.failed_at > r.position)
    GROUP BY f.cohort, n.shift, r.position
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
    SELECT r.cohort, 3 AS position, 'data_fault' AS step FROM counted_cohort AS r WHERE r.shift = 1
    UNION ALL
    SELECT r.cohort, 3 + r.shift AS position, 'exposed' AS step FROM counted_cohort AS r
    UNION ALL
    SELECT r.cohort, 3 + n.shift + r.position AS position, r.criterion AS step
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
