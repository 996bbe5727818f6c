-- Purpose: Criteria applied to candidates in the order written: the first one that a candidate fails. An exposure criterion
--     is met when no other era of that exposure touches its window.
-- Reads: cohort_candidate, criterion_rule, person_in_study, observation, exposure_era
-- Writes: candidate_check
-- Grain: one row a candidate
-- Binds: none
-- Days: both ends of a criterion's window count; age in completed years, 29 February kept on 28 February in common years
WITH of_person AS (
    SELECT
        c.cohort, c.person_no, c.era_no, r.position,
        CASE r.kind
            WHEN 'age' THEN
                year(c.day_0) - year(p.birth_date) - CASE
                    WHEN month(c.day_0) * 100 + day(c.day_0) >= month(p.birth_date) * 100 + day(p.birth_date) THEN 0
                    WHEN month(p.birth_date) = 2 AND day(p.birth_date) = 29 AND month(c.day_0) = 2
                        AND day(c.day_0) = 28 AND month(c.day_0 + 1) = 3 THEN 0
                    ELSE 1
                END BETWEEN r.at_least AND r.at_most
            WHEN 'onset_date' THEN p.onset_date >= c.day_0 + r.from_day AND p.onset_date <= c.day_0 + r.to_day
            ELSE p.diagnosis_date >= c.day_0 + r.from_day AND p.diagnosis_date <= c.day_0 + r.to_day
        END AS met
    FROM cohort_candidate AS c
    JOIN criterion_rule AS r ON r.cohort = c.cohort AND r.kind NOT IN ('observation', 'exposure')
    JOIN person_in_study AS p ON p.person_no = c.person_no
),
failure AS (
    SELECT cohort, person_no, era_no, position
    FROM of_person
    WHERE NOT coalesce(met, false)
    UNION ALL
    SELECT c.cohort, c.person_no, c.era_no, r.position
    FROM cohort_candidate AS c
    JOIN criterion_rule AS r ON r.cohort = c.cohort AND r.kind = 'observation'
    LEFT JOIN observation AS o
        ON o.person_no = c.person_no AND o.observation_start <= c.day_0 + r.from_day
        AND o.observation_end >= c.day_0 + r.to_day
    WHERE o.person_no IS NULL
    UNION ALL
    SELECT c.cohort, c.person_no, c.era_no, r.position
    FROM cohort_candidate AS c
    JOIN criterion_rule AS r ON r.cohort = c.cohort AND r.kind = 'exposure'
    JOIN exposure_era AS e
        ON e.person_no = c.person_no AND e.exposure = r.of_exposure
        AND e.era_start <= c.day_0 + r.to_day AND e.era_end >= c.day_0 + r.from_day
    WHERE e.exposure <> c.cohort OR e.era_no <> c.era_no
),
first_failure AS (
    SELECT cohort, person_no, era_no, min(position) AS failed_at
    FROM failure
    GROUP BY cohort, person_no, era_no
)
SELECT
    c.cohort,
    c.person_no,
    c.era_no,
    c.day_0,
    c.candidate_no,
    f.failed_at
FROM cohort_candidate AS c
LEFT JOIN first_failure AS f ON f.cohort = c.cohort AND f.person_no = c.person_no AND f.era_no = c.era_no
