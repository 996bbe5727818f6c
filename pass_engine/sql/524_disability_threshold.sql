-- Purpose: For each visit after baseline, the EDSS that counts as the change from what it is compared with. Under roving, an
--     improvement held from a visit to one at least confirm_days later lowers what later visits are compared with, to the
--     highest EDSS in between.
-- Reads: disability_rule, disability_baseline, disability_visit
-- Writes: disability_threshold
-- Grain: one row an outcome, person and visit after baseline from which the change could be reached
-- Binds: none
-- Days: a lower reference holds from the day after the confirming visit; EDSS in half points: from 0 three make a step, from
--     half_step_from on one, else two
WITH lower_visit AS (
    SELECT v.outcome, v.person_no, v.visit_date, b.baseline, min(k.visit_date) AS confirmed_on
    FROM disability_visit AS v
    JOIN disability_baseline AS b
        ON b.outcome = v.outcome AND b.person_no = v.person_no
        AND v.visit_date > b.baseline_date AND v.half_points < b.baseline
    JOIN disability_rule AS r ON r.outcome = v.outcome AND r.is_roving
    JOIN disability_visit AS k
        ON k.outcome = v.outcome AND k.person_no = v.person_no AND k.visit_date >= v.visit_date + r.confirm_days
    GROUP BY v.outcome, v.person_no, v.visit_date, b.baseline
),
lowered AS (
    SELECT l.outcome, l.person_no, l.confirmed_on, max(m.half_points) AS level
    FROM lower_visit AS l
    JOIN disability_visit AS m
        ON m.outcome = l.outcome AND m.person_no = l.person_no
        AND m.visit_date >= l.visit_date AND m.visit_date <= l.confirmed_on
    GROUP BY l.outcome, l.person_no, l.visit_date, l.confirmed_on, l.baseline
    HAVING max(m.half_points) < l.baseline
),
compared AS (
    SELECT
        v.outcome,
        v.person_no,
        v.visit_date,
        v.half_points,
        least(b.baseline, min(l.level)) AS reference
    FROM disability_visit AS v
    JOIN disability_baseline AS b ON b.outcome = v.outcome AND b.person_no = v.person_no AND v.visit_date > b.baseline_date
    LEFT JOIN lowered AS l
        ON l.outcome = v.outcome AND l.person_no = v.person_no AND l.confirmed_on < v.visit_date
    GROUP BY v.outcome, v.person_no, v.visit_date, v.half_points, b.baseline
)
SELECT
    c.outcome,
    c.person_no,
    c.visit_date,
    c.half_points,
    CASE
        WHEN r.reach IS NOT NULL THEN r.reach
        WHEN r.change = 'improvement' THEN c.reference - CASE WHEN c.reference >= r.half_step_from THEN 1 ELSE 2 END
        ELSE c.reference + CASE WHEN c.reference = 0 THEN 3 WHEN c.reference >= r.half_step_from THEN 1 ELSE 2 END
    END AS threshold
FROM compared AS c
JOIN disability_rule AS r ON r.outcome = c.outcome
