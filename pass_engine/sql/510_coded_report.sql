-- Purpose: Reports whose code is on an outcome's code list; relapses and beginnings of courses, of outcomes made from them.
-- Reads: event_report, matched_code, outcome_rule, person_in_study, drop_rule, relapse, course, outcome_course
-- Writes: coded_report
-- Grain: one row a person, outcome and distinct report
-- Binds: none
-- Days: none counted
SELECT DISTINCT
    p.person_no,
    c.outcome,
    r.onset_date,
    r.end_date,
    r.serious,
    r.possible_from,
    r.possible_to
FROM event_report AS r
JOIN person_in_study AS p ON p.person_id = r.person_id
JOIN matched_code AS c
    ON c.system = r.system AND c.code = r.code AND c.pt_code IS NOT DISTINCT FROM r.pt_code
JOIN outcome_rule AS o ON o.outcome = c.outcome AND o.source = 'adverse_event' AND o.is_recorded
CROSS JOIN drop_rule AS x
WHERE
    NOT (x.event_before_birth AND coalesce(r.onset_date < p.birth_date, false))
    AND NOT (x.event_after_death AND coalesce(r.onset_date > p.recorded_death_date, false))
UNION
SELECT
    p.person_no,
    o.outcome,
    x.onset_date,
    x.onset_date AS end_date,
    'unknown' AS serious,
    x.possible_from,
    x.possible_to
FROM relapse AS x
JOIN person_in_study AS p ON p.person_id = x.person_id
JOIN outcome_rule AS o ON o.recorded_in = 'relapse'
UNION
SELECT
    p.person_no,
    o.outcome,
    c.start_date AS onset_date,
    c.start_date AS end_date,
    'unknown' AS serious,
    c.possible_from,
    c.possible_to
FROM course AS c
JOIN person_in_study AS p ON p.person_id = c.person_id
JOIN outcome_course AS o ON o.course = c.course
