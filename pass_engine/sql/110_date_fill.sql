-- Purpose: Every month and year there is, with the day that stands for it under the protocol's partial-date rules.
-- Reads: partial_date_rule
-- Writes: date_fill
-- Grain: one row a kind of date (birth, start, stop, event), precision and first day of the month or year
-- Binds: none
-- Days: the middle of a month is its 15th, the middle of a year its 1 July; none counted
WITH year_number AS (
    SELECT unnest(generate_series(1850, 2150)) AS calendar_year
),
month_number AS (
    SELECT unnest(generate_series(1, 12)) AS calendar_month
),
month_span AS (
    SELECT make_date(y.calendar_year, m.calendar_month, 1) AS first_day
    FROM year_number AS y
    CROSS JOIN month_number AS m
),
span AS (
    SELECT
        'month' AS precision_name,
        first_day,
        first_day + 14 AS middle_day,
        last_day(first_day) AS last_day
    FROM month_span
    UNION ALL
    SELECT
        'year' AS precision_name,
        make_date(calendar_year, 1, 1) AS first_day,
        make_date(calendar_year, 7, 1) AS middle_day,
        make_date(calendar_year, 12, 31) AS last_day
    FROM year_number
)
SELECT
    r.kind,
    s.precision_name,
    s.first_day,
    s.last_day,
    CASE r.rule WHEN 'first_day' THEN s.first_day WHEN 'last_day' THEN s.last_day ELSE s.middle_day END AS filled_day
FROM span AS s
CROSS JOIN partial_date_rule AS r
