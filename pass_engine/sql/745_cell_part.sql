-- Purpose: Persons, events and days by the finest cells that margins need, for each count: all persons' windows, less those
--     of touched persons, plus what touched persons really contribute.
-- Reads: window_cell, touched_total, count_rule, cell
-- Writes: cell_part
-- Grain: one row a count, cell, level at entry and part of the sum
-- Binds: none
-- Days: both ends count; window_days, person_days and first_event_days as in 742
SELECT
    k.count_no, w.cell_no, w.level_no,
    w.persons, 0 AS persons_with_event, 0 AS first_events, 0 AS events, w.window_days, w.window_days AS person_days,
    w.window_days AS first_event_days, 0 AS sum_e2, 0 AS sum_et, w.sum_w2 AS sum_t2, 0 AS sum_fw, w.sum_w2
FROM window_cell AS w
JOIN cell AS c ON c.cell_no = w.cell_no
JOIN count_rule AS k ON k.window_no = c.window_no
UNION ALL
SELECT
    count_no, cell_no, level_no,
    -count(*) AS persons, 0 AS persons_with_event, 0 AS first_events, 0 AS events, -sum(window_days) AS window_days,
    -sum(window_days) AS person_days, -sum(window_days) AS first_event_days, 0 AS sum_e2, 0 AS sum_et,
    -sum(window_days * window_days) AS sum_t2, 0 AS sum_fw, -sum(window_days * window_days) AS sum_w2
FROM touched_total
WHERE window_days > 0
GROUP BY count_no, cell_no, level_no
UNION ALL
SELECT
    count_no, cell_no, level_no,
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
FROM touched_total
WHERE NOT is_left_out
GROUP BY count_no, cell_no, level_no
