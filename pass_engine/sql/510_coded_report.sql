-- Purpose: Reports whose code is on an outcome's code list. Each code of the data is looked up once.
-- Reads: event_report, outcome_code, outcome_rule, person_in_study, drop_rule
-- Writes: coded_report
-- Grain: one row a person, outcome and distinct report
-- Binds: none
-- Days: none counted
WITH recorded AS (
    SELECT DISTINCT system, code, pt_code
    FROM event_report
),
listed AS (
    SELECT DISTINCT c.outcome, r.system, r.code, r.pt_code
    FROM recorded AS r
    JOIN outcome_code AS c
        ON (
            c.system = r.system
            AND (
                (c.match = 'exact' AND r.code = c.code_from)
                OR (c.match = 'descendants' AND substr(r.code, 1, length(c.code_from)) = c.code_from)
                OR (c.match = 'range' AND substr(r.code, 1, length(c.code_from)) >= c.code_from
                    AND substr(r.code, 1, length(c.code_to)) <= c.code_to)
            )
        )
        OR (c.system = 'MedDRA PT' AND r.pt_code = c.code_from)
    JOIN outcome_rule AS o ON o.outcome = c.outcome AND o.source = 'adverse_event' AND o.is_recorded
)
SELECT DISTINCT
    p.person_no,
    c.outcome,
    r.onset_date,
    r.end_date,
    r.serious
FROM event_report AS r
JOIN listed AS c
    ON c.code IS NOT DISTINCT FROM r.code AND c.system IS NOT DISTINCT FROM r.system
    AND c.pt_code IS NOT DISTINCT FROM r.pt_code
JOIN person_in_study AS p ON p.person_id = r.person_id
CROSS JOIN drop_rule AS x
WHERE
    NOT (x.event_before_birth AND coalesce(r.onset_date < p.birth_date, false))
    AND NOT (x.event_after_death AND coalesce(r.onset_date > p.death_date, false))
