-- Purpose: Does a candidate meet each entry criterion? Every criterion looks at day 0 or before.
-- Reads: cohort_candidate, criterion_rule, person_in_study, observation, exposure_era
-- Writes: criterion_check
-- Grain: one row a cohort, person, candidate era and criterion
-- Binds: none
-- Days: both ends of a window count; age is in completed years, a birthday belongs to the older age
WITH asked AS (
    SELECT
        c.cohort, c.person_no, c.era_no, c.day_0, r.position, r.kind, r.at_least, r.at_most, r.of_exposure,
        c.day_0 + r.from_day AS window_start,
        c.day_0 + r.to_day AS window_end,
        p.birth_date,
        p.onset_date,
        p.diagnosis_date
    FROM cohort_candidate AS c
    JOIN criterion_rule AS r ON r.cohort = c.cohort
    JOIN person_in_study AS p ON p.person_no = c.person_no
),
observed AS (
    SELECT DISTINCT a.cohort, a.person_no, a.era_no, a.position
    FROM asked AS a
    JOIN observation AS o ON o.person_no = a.person_no
    WHERE a.kind = 'observation' AND o.observation_start <= a.window_start AND o.observation_end >= a.window_end
),
exposed AS (
    SELECT DISTINCT a.cohort, a.person_no, a.era_no, a.position
    FROM asked AS a
    JOIN exposure_era AS e ON e.person_no = a.person_no AND e.exposure = a.of_exposure
    WHERE
        a.kind = 'exposure'
        AND (e.exposure <> a.cohort OR e.era_no <> a.era_no)
        AND e.era_start <= a.window_end AND e.era_end >= a.window_start
),
aged AS (
    SELECT
        cohort, person_no, era_no, position,
        year(day_0) - year(birth_date) - CASE
            WHEN month(day_0) * 100 + day(day_0) >= month(birth_date) * 100 + day(birth_date) THEN 0
            WHEN month(birth_date) = 2 AND day(birth_date) = 29 AND month(day_0) = 2 AND day(day_0) = 28
                AND month(day_0 + 1) = 3 THEN 0
            ELSE 1
        END AS age
    FROM asked
)
SELECT
    a.cohort,
    a.person_no,
    a.era_no,
    a.position,
    CASE a.kind
        WHEN 'age' THEN coalesce(g.age >= a.at_least AND g.age <= a.at_most, false)
        WHEN 'observation' THEN o.person_no IS NOT NULL
        WHEN 'exposure' THEN e.person_no IS NULL
        WHEN 'onset_date' THEN coalesce(a.onset_date >= a.window_start AND a.onset_date <= a.window_end, false)
        ELSE coalesce(a.diagnosis_date >= a.window_start AND a.diagnosis_date <= a.window_end, false)
    END AS met
FROM asked AS a
JOIN aged AS g ON g.cohort = a.cohort AND g.person_no = a.person_no AND g.era_no = a.era_no AND g.position = a.position
LEFT JOIN observed AS o
    ON o.cohort = a.cohort AND o.person_no = a.person_no AND o.era_no = a.era_no AND o.position = a.position
LEFT JOIN exposed AS e
    ON e.cohort = a.cohort AND e.person_no = a.person_no AND e.era_no = a.era_no AND e.position = a.position
