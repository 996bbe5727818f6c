-- Purpose: First onset of each clinical event: a report within same_event_days of an event's first onset (or, where
--     reports are chained, of its latest report) belongs to that event; the next report after that begins another.
--     One that follows its neighbour at more than that begins an event in any case; what is left is walked.
-- Reads: coded_report, outcome_rule
-- Writes: event_start
-- Grain: one row a person, outcome and event
-- Binds: none
-- Days: a report joins while onset - first onset is at most same_event_days; the day of the
--     first onset is not counted
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
marked AS (
    SELECT
        p.person_no,
        p.outcome,
        p.onset_date,
        r.same_event_days,
        r.chain,
        coalesce(date_diff('day', p.previous_onset, p.onset_date) > r.same_event_days, true) AS begins
    FROM previous AS p
    JOIN outcome_rule AS r ON r.outcome = p.outcome
),
crowded AS (
    SELECT DISTINCT person_no, outcome
    FROM marked
    WHERE NOT begins AND NOT chain
),
near AS (
    SELECT m.person_no, m.outcome, m.onset_date, m.begins, m.same_event_days
    FROM marked AS m
    JOIN crowded AS c ON c.person_no = m.person_no AND c.outcome = m.outcome
),
next_start AS (
    SELECT a.person_no, a.outcome, a.onset_date, a.begins, min(b.onset_date) AS next_onset
    FROM near AS a
    LEFT JOIN near AS b
        ON b.person_no = a.person_no AND b.outcome = a.outcome AND b.onset_date > a.onset_date + a.same_event_days
    GROUP BY a.person_no, a.outcome, a.onset_date, a.begins
),
walked AS (
    SELECT person_no, outcome, onset_date, next_onset
    FROM next_start
    WHERE begins
    UNION ALL
    SELECT n.person_no, n.outcome, n.onset_date, n.next_onset
    FROM walked AS w
    JOIN next_start AS n
        ON n.person_no = w.person_no AND n.outcome = w.outcome AND n.onset_date = w.next_onset AND NOT n.begins
)
SELECT person_no, outcome, onset_date AS first_onset
FROM marked
WHERE begins
UNION
SELECT person_no, outcome, onset_date AS first_onset
FROM walked
