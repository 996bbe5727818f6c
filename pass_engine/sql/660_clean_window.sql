-- Purpose: Days after an event on which a recurrent outcome is not counted afresh; windows that overlap or touch are one.
-- Reads: placed_event, outcome_rule
-- Writes: clean_window
-- Grain: one row a count, person and unbroken window
-- Binds: none
-- Days: both ends count; from the day after onset through the event's end + clean_window_days
WITH laid_out AS (
    SELECT
        e.count_no,
        e.person_no,
        e.onset_date + 1 AS window_start,
        e.end_date + o.clean_window_days AS window_end
    FROM placed_event AS e
    JOIN outcome_rule AS o ON o.outcome = e.outcome
    WHERE o.counting = 'recurrent' AND e.onset_date < e.end_date + o.clean_window_days
),
ordered AS (
    SELECT
        count_no,
        person_no,
        window_start,
        window_end,
        max(window_end) OVER (
            PARTITION BY count_no, person_no ORDER BY window_start, window_end
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS covered_until
    FROM laid_out
),
numbered AS (
    SELECT
        count_no,
        person_no,
        window_start,
        window_end,
        sum(CASE WHEN window_start <= covered_until + 1 THEN 0 ELSE 1 END) OVER (
            PARTITION BY count_no, person_no ORDER BY window_start, window_end
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS clean_window_no
    FROM ordered
)
SELECT
    count_no,
    person_no,
    min(window_start) AS window_start,
    max(window_end) AS window_end
FROM numbered
GROUP BY count_no, person_no, clean_window_no
