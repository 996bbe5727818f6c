-- Purpose: Baseline characteristics: persons by category, and whole-number sums from which means follow.
-- Reads: person_at_entry, extra_at_entry, cohort_rule
-- Writes: baseline
-- Grain: one row a cohort, variable and level; a measured variable has one row with an empty level and its sums
-- Binds: none
-- Days: disease duration in days from onset to entry, onset day not counted
WITH described AS (
    SELECT
        cohort,
        person_no,
        sex,
        course,
        edss,
        relapses_12_months,
        prior_substances,
        year(entry_date) AS entry_year,
        year(entry_date) - year(birth_date) - CASE
            WHEN month(entry_date) * 100 + day(entry_date) >= month(birth_date) * 100 + day(birth_date) THEN 0
            WHEN month(birth_date) = 2 AND day(birth_date) = 29 AND month(entry_date) = 2 AND day(entry_date) = 28
                AND month(entry_date + 1) = 3 THEN 0
            ELSE 1
        END AS age,
        CASE WHEN disease_onset_date <= entry_date
            THEN date_diff('day', disease_onset_date, entry_date) END AS disease_days
    FROM person_at_entry
),
measured AS (
    SELECT cohort, person_no, 'persons' AS variable, '' AS level, CAST(NULL AS BIGINT) AS amount FROM described
    UNION ALL
    SELECT cohort, person_no, 'sex' AS variable, sex AS level, CAST(NULL AS BIGINT) AS amount FROM described
    UNION ALL
    SELECT cohort, person_no, 'age_years' AS variable,
        CASE WHEN age IS NULL THEN 'missing' ELSE '' END AS level, CAST(age AS BIGINT) AS amount
    FROM described
    UNION ALL
    SELECT cohort, person_no, 'age_group' AS variable,
        CASE
            WHEN age IS NULL THEN 'missing' WHEN age < 18 THEN '<18' WHEN age < 30 THEN '18-29'
            WHEN age < 40 THEN '30-39' WHEN age < 50 THEN '40-49' WHEN age < 60 THEN '50-59' ELSE '60+'
        END AS level, CAST(NULL AS BIGINT) AS amount
    FROM described
    UNION ALL
    SELECT cohort, person_no, 'entry_year' AS variable, CAST(entry_year AS VARCHAR) AS level,
        CAST(NULL AS BIGINT) AS amount
    FROM described
    UNION ALL
    SELECT cohort, person_no, 'course' AS variable, coalesce(course, 'missing') AS level, CAST(NULL AS BIGINT) AS amount
    FROM described
    UNION ALL
    SELECT cohort, person_no, 'disease_duration_days' AS variable,
        CASE WHEN disease_days IS NULL THEN 'missing' ELSE '' END AS level, CAST(disease_days AS BIGINT) AS amount
    FROM described
    UNION ALL
    SELECT cohort, person_no, 'edss' AS variable,
        CASE
            WHEN edss IS NULL THEN 'missing' WHEN edss < 2 THEN '0-1.5' WHEN edss < 4 THEN '2-3.5'
            WHEN edss < 6 THEN '4-5.5' ELSE '6-10'
        END AS level, CAST(NULL AS BIGINT) AS amount
    FROM described
    UNION ALL
    SELECT cohort, person_no, 'relapses_12_months' AS variable,
        CASE
            WHEN relapses_12_months IS NULL THEN 'missing' WHEN relapses_12_months >= 3 THEN '3+'
            ELSE CAST(relapses_12_months AS VARCHAR)
        END AS level, CAST(NULL AS BIGINT) AS amount
    FROM described
    UNION ALL
    SELECT cohort, person_no, 'prior_substances' AS variable,
        CASE
            WHEN prior_substances IS NULL THEN 'missing' WHEN prior_substances >= 3 THEN '3+'
            ELSE CAST(prior_substances AS VARCHAR)
        END AS level, CAST(NULL AS BIGINT) AS amount
    FROM described
    UNION ALL
    SELECT cohort, person_no, variable, level, CAST(NULL AS BIGINT) AS amount FROM extra_at_entry
),
counted AS (
    SELECT
        cohort,
        variable,
        level,
        count(*) AS persons,
        CAST(sum(amount) AS BIGINT) AS sum_value,
        CAST(sum(amount * amount) AS BIGINT) AS sum_square
    FROM measured
    GROUP BY cohort, variable, level
)
SELECT cohort, variable, level, persons, sum_value, sum_square
FROM counted
UNION ALL
SELECT r.cohort, 'persons' AS variable, '' AS level, 0 AS persons, NULL AS sum_value, NULL AS sum_square
FROM cohort_rule AS r
LEFT JOIN counted AS c ON c.cohort = r.cohort AND c.variable = 'persons'
WHERE c.cohort IS NULL AND r.is_counted
