-- Purpose: Persons with time at risk for an outcome, and whether an earlier event takes them out of this analysis.
-- Reads: open_period, count_rule, history_event, cohort_entry
-- Writes: person_at_risk
-- Grain: one row a count and person
-- Binds: none
-- Days: an event before the first day at risk is prior; so is one in a lag or before collection of events began
WITH first_day_at_risk AS (
    SELECT window_no, person_no, min(period_start) AS first_day
    FROM open_period
    GROUP BY window_no, person_no
),
prior AS (
    SELECT
        c.count_no,
        f.person_no,
        max(CASE WHEN h.onset_date >= n.entry_date THEN 1 ELSE 0 END) AS after_entry
    FROM count_rule AS c
    JOIN first_day_at_risk AS f ON f.window_no = c.window_no
    JOIN cohort_entry AS n ON n.cohort = c.cohort AND n.person_no = f.person_no
    JOIN history_event AS h
        ON h.person_no = f.person_no AND h.outcome = c.outcome
        AND h.onset_date < f.first_day AND h.onset_date >= f.first_day - c.look_back_days
    WHERE c.exclude_prior
    GROUP BY c.count_no, f.person_no
)
SELECT
    c.count_no,
    f.person_no,
    p.person_no IS NOT NULL AS has_prior_event,
    coalesce(p.after_entry = 1, false) AS has_prior_event_after_entry
FROM count_rule AS c
JOIN first_day_at_risk AS f ON f.window_no = c.window_no
LEFT JOIN prior AS p ON p.count_no = c.count_no AND p.person_no = f.person_no
