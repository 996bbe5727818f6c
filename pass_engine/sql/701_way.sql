-- Purpose: Ways of splitting a window's days that its margins ask for. Only what a margin asks for is split, since most of
--     the work is in the splitting.
-- Reads: count_rule, analysis_rule, margin_rule
-- Writes: way
-- Grain: one row a window and set of stratifiers that change with time
-- Binds: none
-- Days: none counted
WITH asked AS (
    SELECT DISTINCT c.window_no, m.by_age, m.by_since, m.by_calendar
    FROM count_rule AS c
    JOIN analysis_rule AS a ON a.count_no = c.count_no
    JOIN margin_rule AS m
        ON m.analysis = a.analysis AND m.by_exposure_duration = a.by_exposure_duration
        AND m.by_cumulative_doses = a.by_cumulative_doses
)
SELECT
    CAST(row_number() OVER (ORDER BY window_no, by_age, by_since, by_calendar) AS INTEGER) AS way_no,
    window_no,
    by_age,
    by_since,
    by_calendar
FROM asked
