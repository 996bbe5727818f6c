-- Purpose: Persons whom an earlier event takes out of an analysis; where a change of disability is measured, those without a
--     baseline from which it can be reached.
-- Reads: open_period, count_rule, history_event, cohort_entry, outcome_component, disability_rule, disability_baseline
-- Writes: prior_person
-- Grain: one row a count and person left out
-- Binds: none
-- Days: both ends of the look-back count; an event before the first day at risk is prior, also one in a lag or before
--     collection of events began. One that may have been before that day or later (a filled date) is prior or not as
--     the protocol declares, and by its filled day where it declares nothing
WITH history AS (
    SELECT c.count_no, c.window_no, c.cohort, c.look_back_days, c.filled_prior, h.person_no, h.onset_date, h.possible_from,
        h.possible_to
    FROM count_rule AS c
    JOIN history_event AS h ON h.outcome = c.outcome
    WHERE c.exclude_prior
),
first_day_at_risk AS (
    SELECT o.window_no, o.person_no, min(o.period_start) AS first_day
    FROM open_period AS o
    GROUP BY o.window_no, o.person_no
),
measured AS (
    SELECT c.count_no, c.window_no, r.outcome
    FROM count_rule AS c
    JOIN outcome_component AS o ON o.outcome = c.outcome
    JOIN disability_rule AS r ON r.outcome = o.component
),
found AS (
    SELECT
        h.count_no,
        h.person_no,
        h.onset_date >= n.entry_date AS is_after_entry
    FROM history AS h
    JOIN first_day_at_risk AS f ON f.window_no = h.window_no AND f.person_no = h.person_no
    JOIN cohort_entry AS n ON n.cohort = h.cohort AND n.person_no = h.person_no
    WHERE CASE
        WHEN h.filled_prior <> 'as_filled' AND h.possible_from < f.first_day AND h.possible_to >= f.first_day
            THEN h.filled_prior = 'prior'
        ELSE h.onset_date < f.first_day AND h.onset_date >= f.first_day - h.look_back_days
    END
    UNION ALL
    SELECT m.count_no, f.person_no, false AS is_after_entry
    FROM measured AS m
    JOIN first_day_at_risk AS f ON f.window_no = m.window_no
    LEFT JOIN disability_baseline AS b ON b.outcome = m.outcome AND b.person_no = f.person_no
    WHERE b.person_no IS NULL
)
SELECT
    count_no,
    person_no,
    max(CASE WHEN is_after_entry THEN 1 ELSE 0 END) = 1 AS is_after_entry
FROM found
GROUP BY count_no, person_no
