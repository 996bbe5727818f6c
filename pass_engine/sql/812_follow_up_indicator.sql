-- Purpose: How long persons are under observation, as a median and quartiles.
--   A quantile is the least number of days that so many of the persons do not exceed. It is counted times the persons,
--   so that the one division gives it back; and only where at least five persons lie on either side of it.
-- Reads: person_sight
-- Writes: follow_up_indicator
-- Grain: one row an indicator
-- Binds: none
-- Days: all days of a person under observation up to the data cut, both ends of a period counted
WITH placed AS (
    SELECT observed_days, row_number() OVER (ORDER BY observed_days) AS place
    FROM person_sight
    WHERE observed_days > 0
),
counted AS (
    SELECT count(*) AS persons FROM placed
),
quantile AS (
    SELECT
        c.persons,
        min(CASE WHEN 4 * p.place >= c.persons THEN p.observed_days END) AS lower_quartile,
        min(CASE WHEN 2 * p.place >= c.persons THEN p.observed_days END) AS median,
        min(CASE WHEN 4 * p.place >= 3 * c.persons THEN p.observed_days END) AS upper_quartile
    FROM counted AS c
    CROSS JOIN placed AS p
    GROUP BY c.persons
)
SELECT 'follow_up_lower_quartile' AS indicator, lower_quartile * persons AS numerator, persons AS denominator
FROM quantile WHERE persons >= 20
UNION ALL
SELECT 'follow_up_median' AS indicator, median * persons AS numerator, persons AS denominator
FROM quantile WHERE persons >= 10
UNION ALL
SELECT 'follow_up_upper_quartile' AS indicator, upper_quartile * persons AS numerator, persons AS denominator
FROM quantile WHERE persons >= 20
