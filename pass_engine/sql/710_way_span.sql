-- Purpose: Spans as often as there are ways of splitting them: by age, calendar and time since start, or not. Only what a
--     margin asks for is split, since most of the work is in the splitting. Split here: the calendar.
-- Reads: time_span, count_rule, analysis_rule, margin_rule, study_rule
-- Writes: way_span
-- Grain: one row a window or count, person, span, way of splitting and calendar interval (where it splits by calendar)
-- Binds: none
-- Days: both ends count; an interval is numbered from year 0 by its months
WITH way AS (
    SELECT DISTINCT c.window_no, m.by_age, m.by_calendar, m.by_since
    FROM count_rule AS c
    JOIN analysis_rule AS a ON a.count_no = c.count_no
    JOIN margin_rule AS m ON m.analysis = a.analysis
),
split AS (
    SELECT
        t.window_no, t.count_no, t.person_no, t.is_at_risk, t.first_event, t.origin_date, t.span_start, t.span_end,
        w.by_age, w.by_calendar, w.by_since,
        s.months_per_interval AS months,
        CAST(unnest(range(
            CASE WHEN w.by_calendar
                THEN CAST(floor((year(t.span_start) * 12 + month(t.span_start) - 1) / s.months_per_interval) AS BIGINT)
                ELSE 0
            END,
            CASE WHEN w.by_calendar
                THEN CAST(floor((year(t.span_end) * 12 + month(t.span_end) - 1) / s.months_per_interval) AS BIGINT) + 1
                ELSE 1
            END
        )) AS INTEGER) AS interval_no
    FROM time_span AS t
    JOIN way AS w ON w.window_no = t.window_no
    CROSS JOIN study_rule AS s
)
SELECT
    window_no, count_no, person_no, is_at_risk, first_event, origin_date, by_age, by_calendar, by_since, interval_no,
    CASE WHEN by_calendar THEN
        greatest(span_start, make_date(
            CAST(floor(interval_no * months / 12) AS INTEGER), CAST(interval_no * months % 12 + 1 AS INTEGER), 1))
        ELSE span_start
    END AS piece_start,
    CASE WHEN by_calendar THEN
        least(span_end, make_date(
            CAST(floor((interval_no + 1) * months / 12) AS INTEGER), CAST((interval_no + 1) * months % 12 + 1 AS INTEGER), 1) - 1)
        ELSE span_end
    END AS piece_end
FROM split
