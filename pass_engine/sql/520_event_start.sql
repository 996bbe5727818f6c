-- Purpose: First onset of each clinical event: a report within same_event_days of an event's first onset (or, where
--     reports are chained, of its latest report) belongs to that event; the next report after that begins another.
-- Reads: coded_report, outcome_rule
-- Writes: event_start
-- Grain: one row a person, outcome and event
-- Binds: none
-- Days: a report joins while onset - first onset is at most same_event_days
WITH RECURSIVE onset AS (
    SELECT DISTINCT person_no, outcome, onset_date
    FROM coded_report
),
previous AS (
    SELECT
        person_no,
        outcome,
        onset_date,
        lag(onset_date) OVER (PARTITION BY person_no, outcome ORDER BY onset_date) AS previous_onset
    FROM onset
),
next_start AS (
    SELECT
        a.person_no,
        a.outcome,
        a.onset_date,
        min(b.onset_date) AS next_onset
    FROM onset AS a
    JOIN outcome_rule AS r ON r.outcome = a.outcome AND NOT r.chain
    LEFT JOIN onset AS b
        ON b.person_no = a.person_no AND b.outcome = a.outcome AND b.onset_date > a.onset_date + r.same_event_days
    GROUP BY a.person_no, a.outcome, a.onset_date
),
walked AS (
    SELECT n.person_no, n.outcome, n.onset_date, n.next_onset
    FROM next_start AS n
    JOIN previous AS p ON p.person_no = n.person_no AND p.outcome = n.outcome AND p.onset_date = n.onset_date
    WHERE p.previous_onset IS NULL
    UNION ALL
    SELECT n.person_no, n.outcome, n.onset_date, n.next_onset
    FROM walked AS w
    JOIN next_start AS n
        ON n.person_no = w.person_no AND n.outcome = w.outcome AND n.onset_date = w.next_onset
)
SELECT person_no, outcome, onset_date AS first_onset
FROM walked
UNION ALL
SELECT p.person_no, p.outcome, p.onset_date AS first_onset
FROM previous AS p
JOIN outcome_rule AS r ON r.outcome = p.outcome AND r.chain
WHERE p.previous_onset IS NULL OR date_diff('day', p.previous_onset, p.onset_date) > r.same_event_days
