-- Purpose: Spans split at the birthdays on which a person passes from one age band to the next, where a way splits by age.
-- Reads: time_span, way, person_in_study, age_band, age_edge
-- Writes: age_piece
-- Grain: one row a window or count, person, span and age band (band 0 below the first; -1 age unknown, or not split);
--     shares_start, shares_end: an earlier span of the person may have days in the cell of the first day, a later one in
--     that of the last; no other day, since age and calendar only go on
-- Binds: none
-- Days: both ends count; the birthday belongs to the older band; 29 February is kept on 28 February in common years
WITH asked AS (
    SELECT DISTINCT window_no, by_age
    FROM way
),
aged AS (
    SELECT
        t.window_no, t.count_no, t.person_no, t.level_no, t.is_at_risk, t.first_event, t.origin_date,
        t.span_start, t.span_end, t.has_earlier, t.has_later, w.by_age,
        CASE WHEN w.by_age THEN p.birth_date END AS birth_date
    FROM time_span AS t
    JOIN asked AS w ON w.window_no = t.window_no
    JOIN person_in_study AS p ON p.person_no = t.person_no
),
banded AS (
    SELECT
        a.window_no, a.count_no, a.person_no, a.level_no, a.is_at_risk, a.first_event, a.origin_date,
        a.span_start, a.span_end, a.has_earlier, a.has_later, a.by_age, a.birth_date,
        CAST(unnest(range(
            CASE WHEN a.birth_date IS NULL THEN -1 ELSE coalesce(s.band_no, 0) END,
            CASE WHEN a.birth_date IS NULL THEN 0 ELSE coalesce(e.band_no, 0) + 1 END
        )) AS INTEGER) AS band_no
    FROM aged AS a
    LEFT JOIN age_band AS s ON s.age = year(a.span_start) - year(a.birth_date) - 1
    LEFT JOIN age_band AS e ON e.age = year(a.span_end) - year(a.birth_date)
),
edged AS (
    SELECT
        b.window_no, b.count_no, b.person_no, b.level_no, b.is_at_risk, b.first_event, b.origin_date,
        b.by_age, b.band_no, b.span_start, b.span_end, b.has_earlier, b.has_later,
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
),
cut AS (
    SELECT
        window_no, count_no, person_no, level_no, is_at_risk, first_event, origin_date, by_age, band_no,
        greatest(span_start, band_start) AS piece_start,
        least(span_end, next_band_start - 1) AS piece_end,
        has_earlier AND span_start >= coalesce(band_start, span_start) AS shares_start,
        has_later AND span_end < coalesce(next_band_start, span_end + 1) AS shares_end
    FROM edged
)
SELECT
    window_no, count_no, person_no, level_no, is_at_risk, first_event, origin_date, by_age, band_no, piece_start, piece_end,
    shares_start, shares_end
FROM cut
WHERE piece_start <= piece_end
