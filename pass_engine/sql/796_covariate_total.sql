-- Purpose: Covariates at cohort entry: persons by level, and whole-number sums of those that are numbers.
-- Reads: covariate_at_entry
-- Writes: covariate_total
-- Grain: one row a cohort, covariate and level
-- Binds: none
-- Days: none counted
SELECT
    cohort,
    'covariate.' || covariate AS variable,
    level,
    count(*) AS persons,
    CAST(sum(amount) AS BIGINT) AS sum_value,
    CAST(sum(amount * amount) AS BIGINT) AS sum_square
FROM covariate_at_entry
GROUP BY cohort, covariate, level
