-- Purpose: Life tables: persons who come under risk and leave it, by day since the origin. At risk on a day are those who
--     came up to that day, less those who left before it.
-- Reads: life_span, curve_rule
-- Writes: life_table
-- Grain: one row an analysis, count and day on which anyone comes or leaves; day 0 is always there
-- Binds: none
-- Days: whoever comes on a day is at risk on it, and so is whoever leaves on it; persons come once, entered counts periods
WITH numbered AS (
    SELECT
        analysis, count_no, from_day, to_day, is_event, is_competing,
        row_number() OVER (PARTITION BY analysis, count_no, person_no ORDER BY from_day) AS period_no
    FROM life_span
),
passage AS (
    SELECT
        analysis, count_no, 0 AS day, 0 AS persons, 0 AS entered, 0 AS events, 0 AS competing, 0 AS censored
    FROM curve_rule
    UNION ALL
    SELECT
        analysis, count_no, from_day AS day,
        CASE WHEN period_no = 1 THEN 1 ELSE 0 END AS persons,
        1 AS entered, 0 AS events, 0 AS competing, 0 AS censored
    FROM numbered
    UNION ALL
    SELECT
        analysis, count_no, to_day AS day, 0 AS persons, 0 AS entered,
        CASE WHEN is_event THEN 1 ELSE 0 END AS events,
        CASE WHEN is_competing THEN 1 ELSE 0 END AS competing,
        CASE WHEN is_event OR is_competing THEN 0 ELSE 1 END AS censored
    FROM numbered
)
SELECT
    analysis,
    count_no,
    CAST(day AS BIGINT) AS day,
    CAST(sum(persons) AS BIGINT) AS persons,
    CAST(sum(entered) AS BIGINT) AS entered,
    CAST(sum(events) AS BIGINT) AS events,
    CAST(sum(competing) AS BIGINT) AS competing,
    CAST(sum(censored) AS BIGINT) AS censored
FROM passage
GROUP BY analysis, count_no, day
