-- Purpose: Spans as often as there are ways of splitting them: by age, calendar and time since start, or not. Only what a
--     margin asks for is split, since most of the work is in the splitting. Split here: the calendar.
-- Reads: time_span, count_rule, analysis_rule, margin_rule, calendar_month, shown_interval
-- Writes: way_span
-- Grain: one row a window or count, person, span, way of splitting and calendar interval (where it splits by calendar)
-- Binds: none
-- Days: both ends count; an interval is found by the month of a day, counted from year 0
WITH way AS (
    SELECT DISTINCT c.window_no, m.by_age, m.by_calendar, m.by_since
    FROM count_rule AS c
    JOIN analysis_rule AS a ON a.count_no = c.count_no
    JOIN margin_rule AS m
        ON m.analysis = a.analysis AND m.by_exposure_duration = a.by_exposure_duration
        AND m.by_cumulative_doses = a.by_cumulative_doses
),
numbered AS (
    SELECT
        t.window_no, t.count_no, t.person_no, t.is_at_risk, t.first_event, t.origin_date, t.level_no,
        t.span_start, t.span_end,
        w.by_age, w.by_calendar, w.by_since,
        CASE WHEN w.by_calendar THEN a.interval_no ELSE 0 END AS first_interval,
        CASE WHEN w.by_calendar THEN b.interval_no ELSE 0 END AS last_interval
    FROM time_span AS t
    JOIN way AS w ON w.window_no = t.window_no
    JOIN calendar_month AS a ON a.month_no = year(t.span_start) * 12 + month(t.span_start) - 1
    JOIN calendar_month AS b ON b.month_no = year(t.span_end) * 12 + month(t.span_end) - 1
),
split AS (
    SELECT
        window_no, count_no, person_no, is_at_risk, first_event, origin_date, level_no, span_start, span_end,
        by_age, by_calendar, by_since,
        CAST(unnest(range(first_interval, last_interval + 1)) AS INTEGER) AS interval_no
    FROM numbered
)
SELECT
    s.window_no, s.count_no, s.person_no, s.is_at_risk, s.first_event, s.origin_date, s.level_no,
    s.by_age, s.by_calendar, s.by_since, i.shown_no AS interval_no,
    greatest(s.span_start, i.interval_start) AS piece_start,
    least(s.span_end, i.interval_end) AS piece_end
FROM split AS s
LEFT JOIN shown_interval AS i ON i.window_no = s.window_no AND i.interval_no = s.interval_no
