-- Purpose: Onsets that count as history of an outcome, from the tables the protocol names; undated ones do not count.
-- Reads: outcome_event, comorbidity, matched_code, outcome_rule, person_in_study
-- Writes: history_event
-- Grain: one row a person, outcome, onset day and days on which it may have been
-- Binds: none
-- Days: none counted
SELECT e.person_no, e.outcome, e.onset_date, e.possible_from, e.possible_to
FROM outcome_event AS e
JOIN outcome_rule AS o ON o.outcome = e.outcome AND o.prior_in_adverse_event
UNION
SELECT p.person_no, o.outcome, m.onset_date, m.possible_from, m.possible_to
FROM comorbidity AS m
JOIN person_in_study AS p ON p.person_id = m.person_id
JOIN matched_code AS c
    ON c.system = m.system AND c.code = m.code AND c.pt_code IS NOT DISTINCT FROM m.pt_code
JOIN outcome_rule AS o ON o.outcome = c.outcome AND o.prior_in_comorbidity
WHERE m.onset_date IS NOT NULL
