-- Purpose: Events of each outcome as it is counted: its own, or for a composite those of its components; where the protocol
--     asks for the n-th event, that one alone.
-- Reads: component_event, outcome_component, outcome_rule
-- Writes: outcome_event
-- Grain: one row a person, outcome and onset day
-- Binds: none
-- Days: both ends of an event count; events of several components on one day are one
WITH gathered AS (
    SELECT
        e.person_no,
        c.outcome,
        e.onset_date,
        max(e.end_date) AS end_date,
        max(e.possible_from) AS possible_from,
        min(e.possible_to) AS possible_to
    FROM component_event AS e
    JOIN outcome_component AS c ON c.component = e.outcome
    GROUP BY e.person_no, c.outcome, e.onset_date
),
numbered AS (
    SELECT
        person_no,
        outcome,
        onset_date,
        end_date,
        possible_from,
        possible_to,
        row_number() OVER (PARTITION BY person_no, outcome ORDER BY onset_date) AS event_no
    FROM gathered
)
SELECT
    n.person_no,
    n.outcome,
    n.onset_date,
    n.end_date,
    n.possible_from,
    n.possible_to
FROM numbered AS n
JOIN outcome_rule AS o ON o.outcome = n.outcome
WHERE o.nth = 1 OR n.event_no = o.nth
