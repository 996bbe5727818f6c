-- Purpose: Persons, events and days by the finest cells that margins need, for each count: all persons' windows, less those
--     of touched persons, plus what touched persons really contribute.
-- Reads: person_total, touched_person, count_rule
-- Writes: cell_part
-- Grain: one row a count, way of splitting, cell and part of the sum
-- Binds: none
-- Days: both ends count; window_days, person_days and first_event_days as in 740
WITH added AS (
    SELECT
        window_no, count_no, by_age, by_calendar, by_since, band_no, since_no, interval_no, level_no,
        count(CASE WHEN person_days > 0 THEN 1 END) AS persons,
        count(CASE WHEN events > 0 THEN 1 END) AS persons_with_event,
        sum(first_events) AS first_events,
        sum(events) AS events,
        sum(window_days) AS window_days,
        sum(person_days) AS person_days,
        sum(first_event_days) AS first_event_days,
        sum(events * events) AS sum_e2,
        sum(events * person_days) AS sum_et,
        sum(person_days * person_days) AS sum_t2,
        sum(first_events * window_days) AS sum_fw,
        sum(window_days * window_days) AS sum_w2
    FROM person_total
    GROUP BY window_no, count_no, by_age, by_calendar, by_since, band_no, since_no, interval_no, level_no
),
touched_window AS (
    SELECT
        t.count_no, p.by_age, p.by_calendar, p.by_since, p.band_no, p.since_no, p.interval_no, p.level_no,
        count(*) AS persons,
        sum(p.window_days) AS window_days,
        sum(p.window_days * p.window_days) AS sum_w2
    FROM touched_person AS t
    JOIN person_total AS p ON p.count_no = 0 AND p.window_no = t.window_no AND p.person_no = t.person_no
    GROUP BY t.count_no, p.by_age, p.by_calendar, p.by_since, p.band_no, p.since_no, p.interval_no, p.level_no
)
SELECT
    c.count_no, d.by_age, d.by_calendar, d.by_since, d.band_no, d.since_no, d.interval_no, d.level_no,
    d.persons, 0 AS persons_with_event, 0 AS first_events, 0 AS events, d.window_days, d.person_days,
    d.first_event_days, 0 AS sum_e2, 0 AS sum_et, d.sum_t2, 0 AS sum_fw, d.sum_w2
FROM added AS d
JOIN count_rule AS c ON c.window_no = d.window_no
WHERE d.count_no = 0
UNION ALL
SELECT
    count_no, by_age, by_calendar, by_since, band_no, since_no, interval_no, level_no,
    -persons AS persons, 0 AS persons_with_event, 0 AS first_events, 0 AS events, -window_days AS window_days,
    -window_days AS person_days, -window_days AS first_event_days, 0 AS sum_e2, 0 AS sum_et, -sum_w2 AS sum_t2,
    0 AS sum_fw, -sum_w2 AS sum_w2
FROM touched_window
UNION ALL
SELECT
    count_no, by_age, by_calendar, by_since, band_no, since_no, interval_no, level_no,
    persons, persons_with_event, first_events, events, window_days, person_days, first_event_days,
    sum_e2, sum_et, sum_t2, sum_fw, sum_w2
FROM added
WHERE count_no > 0
