-- Purpose: Clinical events of each outcome that is recorded: reports collapsed, then the seriousness filter; deaths, of
--     any cause or of the causes on the outcome's code list; and confirmed changes of disability.
-- Reads: coded_report, event_start, outcome_rule, outcome_code, person_in_study, disability_event
-- Writes: component_event
-- Grain: one row a person, outcome and onset day
-- Binds: none
-- Days: both ends of an event count; it runs from its earliest onset to its latest end. Its onset may have been on the days
--     that all reports of its first onset allow
WITH assigned AS (
    SELECT
        r.person_no,
        r.outcome,
        r.end_date,
        r.serious,
        r.onset_date,
        r.possible_from,
        r.possible_to,
        max(s.first_onset) AS first_onset
    FROM coded_report AS r
    JOIN event_start AS s
        ON s.person_no = r.person_no AND s.outcome = r.outcome AND s.first_onset <= r.onset_date
    GROUP BY r.person_no, r.outcome, r.onset_date, r.end_date, r.serious, r.possible_from, r.possible_to
),
collapsed AS (
    SELECT
        person_no,
        outcome,
        first_onset,
        max(end_date) AS last_end,
        max(CASE WHEN onset_date = first_onset THEN possible_from END) AS possible_from,
        min(CASE WHEN onset_date = first_onset THEN possible_to END) AS possible_to,
        max(CASE WHEN serious = 'yes' THEN 1 ELSE 0 END) AS is_serious
    FROM assigned
    GROUP BY person_no, outcome, first_onset
),
death_of_cause AS (
    SELECT DISTINCT p.person_no, c.outcome
    FROM person_in_study AS p
    JOIN outcome_code AS c
        ON c.system = 'ICD-10' AND (
            (c.match = 'exact' AND p.cause_of_death = c.code_from)
            OR (c.match = 'descendants' AND substr(p.cause_of_death, 1, length(c.code_from)) = c.code_from)
            OR (c.match = 'range' AND substr(p.cause_of_death, 1, length(c.code_from)) >= c.code_from
                AND substr(p.cause_of_death, 1, length(c.code_to)) <= c.code_to)
        )
    WHERE p.death_date IS NOT NULL
)
SELECT
    c.person_no,
    c.outcome,
    c.first_onset AS onset_date,
    c.last_end AS end_date,
    c.possible_from,
    c.possible_to
FROM collapsed AS c
JOIN outcome_rule AS o ON o.outcome = c.outcome
WHERE c.is_serious = 1 OR NOT o.serious_only
UNION ALL
SELECT
    p.person_no,
    o.outcome,
    p.death_date AS onset_date,
    p.death_date AS end_date,
    p.death_date AS possible_from,
    p.death_date AS possible_to
FROM person_in_study AS p
JOIN outcome_rule AS o ON o.source = 'death' AND o.is_recorded
LEFT JOIN death_of_cause AS d ON d.person_no = p.person_no AND d.outcome = o.outcome
WHERE p.death_date IS NOT NULL AND (d.person_no IS NOT NULL OR NOT o.has_codes)
UNION ALL
SELECT
    person_no,
    outcome,
    onset_date,
    onset_date AS end_date,
    onset_date AS possible_from,
    onset_date AS possible_to
FROM disability_event
