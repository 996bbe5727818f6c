-- Purpose: Confirmed changes of disability: the first visit at which the change is reached and from which every visit keeps
--     it up to one at least confirm_days later. Where the protocol asks for a relapse beside it, or for none, a first
--     change of the other kind is no event, and no later one is looked for.
-- Reads: disability_rule, disability_threshold, disability_visit, person_in_study, relapse
-- Writes: disability_event
-- Grain: one row an outcome and person
-- Binds: none
-- Days: the event is on the day of the first visit; a relapse is beside it from 90 days before to 30 days after, both ends
--     included
WITH reached AS (
    SELECT t.outcome, t.person_no, t.visit_date, t.threshold, r.confirm_days, r.relapse,
        CASE WHEN r.change = 'improvement' THEN -1 ELSE 1 END AS direction
    FROM disability_threshold AS t
    JOIN disability_rule AS r ON r.outcome = t.outcome
    WHERE CASE WHEN r.change = 'improvement' THEN t.half_points <= t.threshold ELSE t.half_points >= t.threshold END
),
lost AS (
    SELECT c.outcome, c.person_no, c.visit_date, min(v.visit_date) AS lost_on
    FROM reached AS c
    JOIN disability_visit AS v
        ON v.outcome = c.outcome AND v.person_no = c.person_no AND v.visit_date > c.visit_date
        AND c.direction * v.half_points < c.direction * c.threshold
    GROUP BY c.outcome, c.person_no, c.visit_date
),
confirmed AS (
    SELECT c.outcome, c.person_no, c.relapse, min(c.visit_date) AS onset_date
    FROM reached AS c
    LEFT JOIN lost AS l ON l.outcome = c.outcome AND l.person_no = c.person_no AND l.visit_date = c.visit_date
    JOIN disability_visit AS v
        ON v.outcome = c.outcome AND v.person_no = c.person_no AND v.visit_date >= c.visit_date + c.confirm_days
        AND v.visit_date < coalesce(l.lost_on, v.visit_date + 1)
    GROUP BY c.outcome, c.person_no, c.relapse
),
beside AS (
    SELECT DISTINCT c.outcome, c.person_no
    FROM confirmed AS c
    JOIN person_in_study AS p ON p.person_no = c.person_no
    JOIN relapse AS x
        ON x.person_id = p.person_id AND x.onset_date >= c.onset_date - 90 AND x.onset_date <= c.onset_date + 30
)
SELECT c.outcome, c.person_no, c.onset_date
FROM confirmed AS c
LEFT JOIN beside AS b ON b.outcome = c.outcome AND b.person_no = c.person_no
WHERE
    c.relapse = 'any'
    OR (c.relapse = 'with' AND b.person_no IS NOT NULL)
    OR (c.relapse = 'without' AND b.person_no IS NULL)
