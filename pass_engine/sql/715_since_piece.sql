-- Purpose: Pieces split by time since start, where a way splits by it.
-- Reads: age_piece, way, since_band, study_rule
-- Writes: since_piece
-- Grain: one row a window or count, person, piece and band of time since start (0 not split); shares_start, shares_end as
--     in 710, and always where time since start begins anew with each period
-- Binds: none
-- Days: both ends count; the origin is day 0 and a band [a, b) holds its days a to b - 1
WITH asked AS (
    SELECT DISTINCT window_no, by_age, by_since
    FROM way
),
band AS (
    SELECT true AS by_since, since_no, from_day, to_day
    FROM since_band
    UNION ALL
    SELECT false AS by_since, 0 AS since_no, -100000 AS from_day, 100000 AS to_day
),
cut AS (
    SELECT
        p.window_no, p.count_no, p.person_no, p.level_no, p.is_at_risk, p.first_event,
        p.by_age, w.by_since, p.band_no, b.since_no,
        greatest(p.piece_start, p.origin_date + b.from_day) AS piece_start,
        least(p.piece_end, p.origin_date + b.to_day - 1) AS piece_end,
        p.shares_start AND p.piece_start >= p.origin_date + b.from_day AS shares_start,
        p.shares_end AND p.piece_end < p.origin_date + b.to_day AS shares_end,
        w.by_since AND s.since_origin = 'period' AS begins_anew
    FROM age_piece AS p
    JOIN asked AS w ON w.window_no = p.window_no AND w.by_age = p.by_age
    JOIN band AS b ON b.by_since = w.by_since
    CROSS JOIN study_rule AS s
)
SELECT
    window_no, count_no, person_no, level_no, is_at_risk, first_event, by_age, by_since, band_no, since_no,
    piece_start, piece_end,
    shares_start OR begins_anew AS shares_start,
    shares_end OR begins_anew AS shares_end
FROM cut
WHERE piece_start <= piece_end
