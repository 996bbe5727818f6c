-- Purpose: Which of the codes that occur are on an outcome's code list. Each distinct code is compared once, whatever the
--     number of its reports.
-- Reads: event_report, comorbidity, outcome_term
-- Writes: matched_code
-- Grain: one row an outcome, system, code and preferred term
-- Binds: none
-- Days: none counted
WITH recorded AS (
    SELECT system, code, pt_code FROM event_report WHERE code IS NOT NULL
    UNION
    SELECT system, code, pt_code FROM comorbidity WHERE code IS NOT NULL
)
SELECT DISTINCT
    c.outcome,
    r.system,
    r.code,
    r.pt_code
FROM recorded AS r
JOIN outcome_term AS c
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
