-- Purpose: Spans as often as there are ways of splitting them: by age or not, by calendar or not. Only what a margin asks
--     for is split, since most of the work is in the splitting.
-- Reads: time_span, count_rule, analysis_rule, margin_rule
-- Writes: way_span
-- Grain: one row a window or count, person, span, way of splitting and calendar year (where it splits by calendar)
-- Binds: none
-- Days: both ends count
WITH way AS (
    SELECT DISTINCT c.window_no, m.by_age, m.by_calendar
    FROM count_rule AS c
    JOIN analysis_rule AS a ON a.count_no = c.count_no
    JOIN margin_rule AS m ON m.analysis = a.analysis
),
split AS (
    SELECT
        t.window_no, t.count_no, t.person_no, t.is_at_risk, t.first_event, t.span_start, t.span_end,
        w.by_age, w.by_calendar,
        CAST(unnest(range(
            CASE WHEN w.by_calendar THEN year(t.span_start) ELSE 0 END,
            CASE WHEN w.by_calendar THEN year(t.span_end) + 1 ELSE 1 END
        )) AS INTEGER) AS calendar_year
    FROM time_span AS t
    JOIN way AS w ON w.window_no = t.window_no
)
SELECT
    window_no, count_no, person_no, is_at_risk, first_event, by_age, by_calendar, calendar_year,
    CASE WHEN by_calendar THEN greatest(span_start, make_date(calendar_year, 1, 1)) ELSE span_start END AS piece_start,
    CASE WHEN by_calendar THEN least(span_end, make_date(calendar_year, 12, 31)) ELSE span_end END AS piece_end
FROM split
