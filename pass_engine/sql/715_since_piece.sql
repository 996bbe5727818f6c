-- Purpose: Pieces split by time since start.
-- Reads: way_span, since_band
-- Writes: since_piece
-- Grain: one row a window or count, person, piece and band of time since start (NULL not split)
-- Binds: none
-- Days: both ends count; the origin is day 0 and a band [a, b) holds its days a to b - 1
SELECT
    w.window_no, w.count_no, w.person_no, w.is_at_risk, w.first_event, w.by_age, w.by_calendar, w.by_since,
    w.interval_no, w.level_no,
    b.since_no,
    greatest(w.piece_start, w.origin_date + b.from_day) AS piece_start,
    least(w.piece_end, w.origin_date + b.to_day - 1) AS piece_end
FROM way_span AS w
JOIN since_band AS b ON w.piece_start < w.origin_date + b.to_day AND w.piece_end >= w.origin_date + b.from_day
WHERE w.by_since
UNION ALL
SELECT
    window_no, count_no, person_no, is_at_risk, first_event, by_age, by_calendar, by_since, interval_no, level_no,
    CAST(NULL AS INTEGER) AS since_no, piece_start, piece_end
FROM way_span
WHERE NOT by_since
