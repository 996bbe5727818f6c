-- Purpose: Onsets that count as history of an outcome, from the tables the protocol names; undated ones do not count.
-- Reads: outcome_event, comorbidity, outcome_code, outcome_rule, person_in_study
-- Writes: history_event
-- Grain: one row a person, outcome and onset day
-- Binds: none
-- Days: none counted
SELECT e.person_no, e.outcome, e.onset_date
FROM outcome_event AS e
JOIN outcome_rule AS o ON o.outcome = e.outcome AND o.prior_in_adverse_event
UNION
SELECT p.person_no, o.outcome, m.onset_date
FROM comorbidity AS m
JOIN person_in_study AS p ON p.person_id = m.person_id
JOIN outcome_code AS c
    ON (
        c.system = m.system
        AND (
            (c.match = 'exact' AND m.code = c.code_from)
            OR (c.match = 'descendants' AND substr(m.code, 1, length(c.code_from)) = c.code_from)
            OR (c.match = 'range' AND substr(m.code, 1, length(c.code_from)) >= c.code_from
                AND substr(m.code, 1, length(c.code_to)) <= c.code_to)
        )
    )
    OR (c.system = 'MedDRA PT' AND m.pt_code = c.code_from)
JOIN outcome_rule AS o ON o.outcome = c.outcome AND o.prior_in_comorbidity
WHERE m.onset_date IS NOT NULL
