-- Purpose: Pieces of the ways that split by the calendar, with the numbers of their first and last interval. What they are
--     split into is laid out where it is summed, since most of it is whole intervals.
-- Reads: since_piece, way, calendar_month
-- Writes: calendar_piece
-- Grain: one row a window or count, way, person and piece
-- Binds: none
-- Days: both ends count; an interval is found by the month of a day, counted from year 0
SELECT
    s.window_no,
    s.count_no,
    s.person_no,
    s.level_no,
    s.is_at_risk,
    s.first_event,
    ((CAST(w.way_no AS BIGINT) * 1000 + s.band_no + 1) * 1000 + s.since_no) * 10000 AS way_cell_no,
    a.interval_no AS first_interval,
    b.interval_no AS last_interval,
    s.piece_start,
    s.piece_end,
    s.shares_start,
    s.shares_end
FROM since_piece AS s
JOIN way AS w ON w.window_no = s.window_no AND w.by_age = s.by_age AND w.by_since = s.by_since AND w.by_calendar
JOIN calendar_month AS a ON a.month_no = year(s.piece_start) * 12 + month(s.piece_start) - 1
JOIN calendar_month AS b ON b.month_no = year(s.piece_end) * 12 + month(s.piece_end) - 1
