-- Purpose: The last value in its window of what is measured again and again; of several on one day the highest number, or
--     the first text. What has no day holds on every day.
-- Reads: covariate_asked, visit, variable_value
-- Writes: covariate_last
-- Grain: one row a cohort, person and covariate, where there is a value
-- Binds: none
-- Days: both ends of the window count
WITH seen AS (
    SELECT a.cohort, a.person_no, a.covariate, v.visit_date AS value_date, CAST(NULL AS VARCHAR) AS text_value,
        v.edss AS number_value
    FROM covariate_asked AS a
    JOIN visit AS v
        ON v.person_id = a.person_id AND v.edss IS NOT NULL AND v.visit_date >= a.first_day AND v.visit_date <= a.last_day
    WHERE a.kind = 'edss'
    UNION ALL
    SELECT a.cohort, a.person_no, a.covariate, v.value_date, v.text_value, v.number_value
    FROM covariate_asked AS a
    JOIN variable_value AS v
        ON v.person_id = a.person_id AND v.variable = a.kind
        AND coalesce(v.value_date, a.last_day) >= a.first_day AND coalesce(v.value_date, a.last_day) <= a.last_day
),
ordered AS (
    SELECT
        cohort,
        person_no,
        covariate,
        text_value,
        number_value,
        row_number() OVER (
            PARTITION BY cohort, person_no, covariate ORDER BY value_date DESC, number_value DESC, text_value
        ) AS recency
    FROM seen
)
SELECT cohort, person_no, covariate, text_value, number_value
FROM ordered
WHERE recency = 1
