-- Purpose: Events of the members of each count on the day they are counted on. One whose date is filled, and which may have
--     been on a day at risk or on another, straddles; it is placed on the first day at risk that it may have been on where
--     the protocol says so (filled_dates: inside, or prior_events.filled_dates: incident for one at the first day at risk).
-- Reads: outcome_event, count_rule, open_period, cohort_entry
-- Writes: placed_event
-- Grain: one row a count, person and onset day
-- Binds: none
-- Days: both ends count; an event that is moved ends no earlier than it begins, and on that day if it was of one day
WITH first_day_at_risk AS (
    SELECT window_no, person_no, min(period_start) AS first_day
    FROM open_period
    GROUP BY window_no, person_no
),
reached AS (
    SELECT
        c.count_no,
        e.person_no,
        e.onset_date,
        min(greatest(p.period_start, e.possible_from)) AS first_inside,
        sum(
            date_diff('day', greatest(p.period_start, e.possible_from), least(p.period_end, e.possible_to)) + 1
        ) AS days_inside,
        max(CASE WHEN e.onset_date >= p.period_start AND e.onset_date <= p.period_end THEN 1 ELSE 0 END) AS is_inside
    FROM outcome_event AS e
    JOIN count_rule AS c ON c.outcome = e.outcome
    JOIN open_period AS p
        ON p.window_no = c.window_no AND p.person_no = e.person_no
        AND p.period_start <= e.possible_to AND p.period_end >= e.possible_from
    WHERE e.possible_from < e.possible_to
    GROUP BY c.count_no, e.person_no, e.onset_date
),
placed AS (
    SELECT
        c.count_no,
        c.window_no,
        e.outcome,
        e.person_no,
        e.onset_date AS filled_date,
        e.end_date,
        CASE WHEN r.days_inside < date_diff('day', e.possible_from, e.possible_to) + 1 THEN 1 ELSE 0 END AS straddles,
        CASE
            WHEN r.is_inside = 0 AND (
                c.filled_inside
                OR (c.filled_prior = 'incident' AND e.possible_from < f.first_day AND e.possible_to >= f.first_day)
            ) THEN r.first_inside
            ELSE e.onset_date
        END AS placed_date
    FROM outcome_event AS e
    JOIN count_rule AS c ON c.outcome = e.outcome
    JOIN cohort_entry AS n ON n.cohort = c.cohort AND n.person_no = e.person_no
    LEFT JOIN reached AS r
        ON r.count_no = c.count_no AND r.person_no = e.person_no AND r.onset_date = e.onset_date
    LEFT JOIN first_day_at_risk AS f ON f.window_no = c.window_no AND f.person_no = e.person_no
)
SELECT
    count_no,
    window_no,
    outcome,
    person_no,
    placed_date AS onset_date,
    max(CASE WHEN end_date = filled_date THEN placed_date ELSE greatest(end_date, placed_date) END) AS end_date,
    max(straddles) = 1 AS straddles
FROM placed
GROUP BY count_no, window_no, outcome, person_no, placed_date
