-- Purpose: Days since the origin on which a person is at risk in a life table, period by period, and what ends them: the
--     event, a competing one, or neither (censored). On one day the event comes before what competes.
-- Reads: curve_rule, count_rule, open_period, prior_person, counted_event, competing_event
-- Writes: life_span
-- Grain: one row an analysis, count, person and unbroken period
-- Binds: none
-- Days: both ends count; the origin is day 0, and the day of the event or competing event is the last one
WITH ended AS (
    SELECT
        r.analysis, r.count_no, p.person_no, p.origin_date, p.period_start, p.period_end,
        e.onset_date AS event_date,
        k.competing_date,
        least(
            p.period_end,
            coalesce(e.onset_date, p.period_end),
            coalesce(k.competing_date, p.period_end)
        ) AS last_date
    FROM curve_rule AS r
    JOIN count_rule AS c ON c.count_no = r.count_no
    JOIN open_period AS p ON p.window_no = c.window_no
    LEFT JOIN prior_person AS b ON b.count_no = r.count_no AND b.person_no = p.person_no
    LEFT JOIN counted_event AS e
        ON e.count_no = r.count_no AND e.person_no = p.person_no AND e.event_no = 1
    LEFT JOIN competing_event AS k
        ON k.analysis = r.analysis AND k.count_no = r.count_no AND k.person_no = p.person_no
    WHERE b.person_no IS NULL
)
SELECT
    analysis,
    count_no,
    person_no,
    date_diff('day', origin_date, period_start) AS from_day,
    date_diff('day', origin_date, last_date) AS to_day,
    coalesce(event_date = last_date, false) AS is_event,
    coalesce(competing_date = last_date, false) AND NOT coalesce(event_date = last_date, false) AS is_competing
FROM ended
WHERE period_start <= last_date
