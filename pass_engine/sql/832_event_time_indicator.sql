-- Purpose: How soon adverse events are entered, as quartiles and 90th percentile; whether two sources of a death agree.
--   A quantile is the least number of days that so many of the reports do not exceed. It is counted times the reports, so
--   that the one division gives it back; and only where at least five reports lie on either side of it.
-- Reads: event_lag, event_report, person
-- Writes: event_time_indicator
-- Grain: one row an indicator
-- Binds: none
-- Days: from onset to entry, the day of onset not counted; between the end of a fatal report and the death, either way
WITH placed AS (
    SELECT lag_days, row_number() OVER (ORDER BY lag_days) AS place
    FROM event_lag
    WHERE lag_days >= 0
),
counted AS (
    SELECT count(*) AS reports FROM placed
),
quantile AS (
    SELECT
        c.reports,
        min(CASE WHEN 4 * p.place >= c.reports THEN p.lag_days END) AS lower_quartile,
        min(CASE WHEN 2 * p.place >= c.reports THEN p.lag_days END) AS median,
        min(CASE WHEN 4 * p.place >= 3 * c.reports THEN p.lag_days END) AS upper_quartile,
        min(CASE WHEN 10 * p.place >= 9 * c.reports THEN p.lag_days END) AS p90
    FROM counted AS c
    CROSS JOIN placed AS p
    GROUP BY c.reports
),
fatal AS (
    SELECT person_id, max(end_date) AS end_date
    FROM event_report
    WHERE outcome = 'fatal'
    GROUP BY person_id
),
deadly AS (
    SELECT
        count(*) AS persons,
        count(CASE WHEN date_diff('day', f.end_date, p.death_date) BETWEEN -30 AND 30 THEN 1 END) AS agreeing
    FROM fatal AS f
    JOIN person AS p ON p.person_id = f.person_id
    WHERE p.death_date IS NOT NULL
)
SELECT 'entry_lag_lower_quartile' AS indicator, lower_quartile * reports AS numerator, reports AS denominator
FROM quantile WHERE reports >= 20
UNION ALL
SELECT 'entry_lag_median' AS indicator, median * reports AS numerator, reports AS denominator
FROM quantile WHERE reports >= 10
UNION ALL
SELECT 'entry_lag_upper_quartile' AS indicator, upper_quartile * reports AS numerator, reports AS denominator
FROM quantile WHERE reports >= 20
UNION ALL
SELECT 'entry_lag_p90' AS indicator, p90 * reports AS numerator, reports AS denominator
FROM quantile WHERE reports >= 50
UNION ALL
SELECT 'fatal_and_death_agree' AS indicator, agreeing AS numerator, persons AS denominator FROM deadly
