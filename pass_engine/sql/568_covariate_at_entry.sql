-- Purpose: The level of each covariate at entry, as a digit and in words; of a number without groups the number in whole
--     units (EDSS: half points). What is not known is missing, digit 0.
-- Reads: covariate_value, covariate_rule, covariate_level
-- Writes: covariate_at_entry
-- Grain: one row a cohort, person and covariate
-- Binds: none
-- Days: none counted
WITH catch_all AS (
    SELECT covariate, level_no, level
    FROM covariate_level
    WHERE text_value IS NULL AND at_least IS NULL
),
leveled AS (
    SELECT
        v.cohort,
        v.person_no,
        v.covariate,
        r.multiplier,
        CASE WHEN r.units > 0 AND v.number_value >= 0 THEN CAST(least(v.number_value * r.units, r.most) AS BIGINT)
        END AS amount,
        CASE WHEN v.text_value <> 'unknown' OR v.number_value IS NOT NULL THEN coalesce(l.level_no, o.level_no)
        END AS level_no,
        coalesce(l.level, o.level) AS level
    FROM covariate_value AS v
    JOIN covariate_rule AS r ON r.covariate = v.covariate
    LEFT JOIN covariate_level AS l
        ON l.covariate = v.covariate
        AND (l.text_value = v.text_value OR (v.number_value >= l.at_least AND v.number_value < l.below))
    LEFT JOIN catch_all AS o ON o.covariate = v.covariate
)
SELECT
    cohort,
    person_no,
    covariate,
    multiplier,
    amount,
    CASE WHEN amount IS NOT NULL THEN '' WHEN level_no IS NULL THEN 'missing' ELSE level END AS level,
    coalesce(amount + 1, level_no, 0) AS digit
FROM leveled
