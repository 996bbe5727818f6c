-- Purpose: Pieces split at the birthdays on which a person passes from one age band to the next.
-- Reads: since_piece, person_in_study, age_band, age_edge
-- Writes: band_piece
-- Grain: one row a window or count, person, piece and age band (band 0 below the first, -1 age unknown, NULL not split)
-- Binds: none
-- Days: both ends count; the birthday belongs to the older band; 29 February is kept on 28 February in common years
WITH aged AS (
    SELECT
        w.window_no, w.count_no, w.person_no, w.is_at_risk, w.first_event,
        w.by_age, w.by_calendar, w.by_since, w.interval_no, w.level_no, w.since_no,
        w.piece_start, w.piece_end, p.birth_date,
        year(w.piece_start) - year(p.birth_date) - CASE
            WHEN month(w.piece_start) * 100 + day(w.piece_start) >= month(p.birth_date) * 100 + day(p.birth_date) THEN 0
            WHEN month(p.birth_date) = 2 AND day(p.birth_date) = 29 AND month(w.piece_start) = 2
                AND day(w.piece_start) = 28 AND month(w.piece_start + 1) = 3 THEN 0
            ELSE 1
        END AS age_at_start,
        year(w.piece_end) - year(p.birth_date) - CASE
            WHEN month(w.piece_end) * 100 + day(w.piece_end) >= month(p.birth_date) * 100 + day(p.birth_date) THEN 0
            WHEN month(p.birth_date) = 2 AND day(p.birth_date) = 29 AND month(w.piece_end) = 2
                AND day(w.piece_end) = 28 AND month(w.piece_end + 1) = 3 THEN 0
            ELSE 1
        END AS age_at_end
    FROM since_piece AS w
    JOIN person_in_study AS p ON p.person_no = w.person_no
    WHERE w.by_age
),
banded AS (
    SELECT
        a.window_no, a.count_no, a.person_no, a.is_at_risk, a.first_event,
        a.by_age, a.by_calendar, a.by_since, a.interval_no, a.level_no, a.since_no,
        a.piece_start, a.piece_end, a.birth_date,
        CAST(unnest(range(
            CASE WHEN a.birth_date IS NULL THEN -1 ELSE coalesce(s.band_no, 0) END,
            CASE WHEN a.birth_date IS NULL THEN 0 ELSE coalesce(e.band_no, 0) + 1 END
        )) AS INTEGER) AS band_no
    FROM aged AS a
    LEFT JOIN age_band AS s ON s.age = a.age_at_start
    LEFT JOIN age_band AS e ON e.age = a.age_at_end
),
edged AS (
    SELECT
        b.window_no, b.count_no, b.person_no, b.is_at_risk, b.first_event,
        b.by_age, b.by_calendar, b.by_since, b.interval_no, b.level_no, b.since_no,
        b.band_no, b.piece_start, b.piece_end,
        make_date(CAST(year(b.birth_date) + g.age_from AS INTEGER), month(b.birth_date), least(day(b.birth_date), 28))
        + CAST(CASE
            WHEN month(b.birth_date) = 2 AND day(b.birth_date) = 29
                AND month(make_date(CAST(year(b.birth_date) + g.age_from AS INTEGER), 2, 28) + 1) = 3 THEN 0
            ELSE greatest(day(b.birth_date) - 28, 0)
        END AS INTEGER) AS band_start,
        make_date(CAST(year(b.birth_date) + g.age_to AS INTEGER), month(b.birth_date), least(day(b.birth_date), 28))
        + CAST(CASE
            WHEN month(b.birth_date) = 2 AND day(b.birth_date) = 29
                AND month(make_date(CAST(year(b.birth_date) + g.age_to AS INTEGER), 2, 28) + 1) = 3 THEN 0
            ELSE greatest(day(b.birth_date) - 28, 0)
        END AS INTEGER) AS next_band_start
    FROM banded AS b
    LEFT JOIN age_edge AS g ON g.band_no = b.band_no
)
SELECT
    window_no, count_no, person_no, is_at_risk, first_event,
        by_age, by_calendar, by_since, interval_no, level_no, since_no, band_no,
    greatest(piece_start, band_start) AS piece_start,
    least(piece_end, next_band_start - 1) AS piece_end
FROM edged
UNION ALL
SELECT
    window_no, count_no, person_no, is_at_risk, first_event,
        by_age, by_calendar, by_since, interval_no, level_no, since_no,
    CAST(NULL AS INTEGER) AS band_no, piece_start, piece_end
FROM since_piece
WHERE NOT by_age
