-- Purpose: Events of other outcomes that stop a time at risk: a person's first one on or after cohort entry.
-- Reads: window_rule, stop_outcome, cohort_entry, outcome_event
-- Writes: stop_event
-- Grain: one row a kind of window (not cut at bands) and person
-- Binds: none
-- Days: the day of the stopping event is still at risk; one before entry stops nothing
SELECT
    w.window_no,
    e.person_no,
    min(e.onset_date) AS stop_date
FROM window_rule AS w
JOIN stop_outcome AS s ON s.time_at_risk = w.time_at_risk
JOIN outcome_event AS e ON e.outcome = s.outcome
JOIN cohort_entry AS n ON n.cohort = w.cohort AND n.person_no = e.person_no AND n.entry_date <= e.onset_date
WHERE w.window_no = w.base_window_no
GROUP BY w.window_no, e.person_no
