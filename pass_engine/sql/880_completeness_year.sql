-- Purpose: Values missing in every column the registry supplies, by calendar year; years outside the study's in one.
-- Reads: person_completeness, event_completeness, visit_completeness, extra_completeness, column_tally,
--   study_year
-- Writes: completeness_year
-- Grain: one row a column and level: a year of the study, all before, all after, or unknown (rows without a date)
-- Binds: none
-- Days: none counted
WITH every AS (
    SELECT table_name, column_name, calendar_year, tested, present FROM person_completeness
    UNION ALL
    SELECT table_name, column_name, calendar_year, tested, present FROM event_completeness
    UNION ALL
    SELECT table_name, column_name, calendar_year, tested, present FROM visit_completeness
    UNION ALL
    SELECT table_name, column_name, calendar_year, tested, present FROM extra_completeness
),
levelled AS (
    SELECT
        e.table_name, e.column_name, e.tested, e.present,
        CASE
            WHEN e.calendar_year IS NULL THEN 'unknown'
            WHEN e.calendar_year < y.first_year THEN '<' || CAST(y.first_year AS VARCHAR)
            WHEN e.calendar_year > y.last_year THEN CAST(y.last_year + 1 AS VARCHAR) || '+'
            ELSE CAST(e.calendar_year AS VARCHAR)
        END AS calendar_year
    FROM every AS e
    CROSS JOIN study_year AS y
)
SELECT
    l.table_name,
    l.column_name,
    l.calendar_year,
    CAST(sum(l.tested) AS BIGINT) AS tested,
    CAST(sum(l.tested - l.present) AS BIGINT) AS failed
FROM levelled AS l
JOIN column_tally AS t ON t.table_name = l.table_name AND t.column_name = l.column_name
GROUP BY l.table_name, l.column_name, l.calendar_year
