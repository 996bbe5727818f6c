-- Purpose: Cells of each way of splitting. A cell is one number, whose digits are the way, the age band + 1 (3 digits), the
--     band of time since start (3) and the calendar interval (4); 0 where the way does not split.
-- Reads: way, age_edge, since_band, shown_interval
-- Writes: cell
-- Grain: one row a cell
-- Binds: none
-- Days: none counted
WITH aged AS (
    SELECT way_no, window_no, by_age, by_since, by_calendar, way_no * 1000 AS digits, CAST(NULL AS INTEGER) AS band_no
    FROM way
    WHERE NOT by_age
    UNION ALL
    SELECT way_no, window_no, by_age, by_since, by_calendar, way_no * 1000 AS digits, -1 AS band_no
    FROM way
    WHERE by_age
    UNION ALL
    SELECT
        w.way_no, w.window_no, w.by_age, w.by_since, w.by_calendar, w.way_no * 1000 + g.band_no + 1 AS digits, g.band_no
    FROM way AS w
    JOIN age_edge AS g ON w.by_age
),
timed AS (
    SELECT
        a.way_no, a.window_no, a.by_age, a.by_since, a.by_calendar, a.band_no, s.since_no,
        CAST(a.digits AS BIGINT) * 1000 + coalesce(s.since_no, 0) AS digits
    FROM aged AS a
    LEFT JOIN since_band AS s ON a.by_since
),
shown AS (
    SELECT DISTINCT window_no, shown_no
    FROM shown_interval
)
SELECT
    t.digits * 10000 + coalesce(i.shown_no, 0) AS cell_no,
    t.way_no, t.window_no, t.by_age, t.by_since, t.by_calendar, t.band_no, t.since_no,
    i.shown_no AS interval_no
FROM timed AS t
LEFT JOIN shown AS i ON i.window_no = t.window_no AND t.by_calendar
