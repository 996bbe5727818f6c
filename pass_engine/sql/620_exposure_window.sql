-- Purpose: Windows cut at a switch: the day another exposure begins ends the window the day before. Two that begin
--     on one day are a combination, in neither cohort, unless the protocol says which began first. Where overlapping days
--     are a category of their own, windows consist of the parts that are theirs.
-- Reads: laid_out_window, exposure_era, substance_start, at_risk_rule, switch_exposure, covered_substance, part_rule,
--     window_part
-- Writes: exposure_window
-- Grain: one row a cohort, time at risk, person and window
-- Binds: none
-- Days: both ends count; the switch day belongs to what comes next
WITH anchor AS (
    SELECT DISTINCT time_at_risk, cohort, person_no, era_no, switch_from, may_combine
    FROM laid_out_window
),
other_start AS (
    SELECT a.time_at_risk, a.cohort, a.person_no, a.era_no, e.era_start AS switch_date
    FROM anchor AS a
    JOIN switch_exposure AS x ON x.time_at_risk = a.time_at_risk AND x.cohort = a.cohort
    JOIN exposure_era AS e
        ON e.person_no = a.person_no AND e.exposure = x.switch_exposure AND e.era_start >= a.switch_from
    WHERE e.era_start > a.switch_from OR NOT x.begins_before OR NOT a.may_combine
    UNION ALL
    SELECT a.time_at_risk, a.cohort, a.person_no, a.era_no, s.start_date AS switch_date
    FROM anchor AS a
    JOIN at_risk_rule AS r
        ON r.time_at_risk = a.time_at_risk AND r.cohort = a.cohort AND r.any_other_substance
    JOIN substance_start AS s ON s.person_no = a.person_no AND s.start_date >= a.switch_from
    LEFT JOIN covered_substance AS k ON k.cohort = a.cohort AND k.substance = s.substance
    WHERE k.substance IS NULL
),
switch AS (
    SELECT time_at_risk, cohort, person_no, era_no, min(switch_date) AS switch_date
    FROM other_start
    GROUP BY time_at_risk, cohort, person_no, era_no
),
cut AS (
    SELECT
        w.time_at_risk,
        w.cohort,
        w.person_no,
        w.anchor_date,
        w.window_start,
        least(w.window_end, s.switch_date - 1) AS window_end,
        w.may_combine AND s.switch_date = w.switch_from AS is_combination
    FROM laid_out_window AS w
    LEFT JOIN part_rule AS r ON r.time_at_risk = w.time_at_risk AND r.cohort = w.cohort
    LEFT JOIN switch AS s
        ON s.time_at_risk = w.time_at_risk AND s.cohort = w.cohort AND s.person_no = w.person_no
        AND s.era_no = w.era_no
    WHERE r.cohort IS NULL
)
SELECT time_at_risk, cohort, person_no, anchor_date, window_start, window_end
FROM cut
WHERE window_start <= window_end AND NOT coalesce(is_combination, false)
UNION ALL
SELECT w.time_at_risk, p.cohort, w.person_no, w.anchor_date, p.part_start AS window_start, p.part_end AS window_end
FROM laid_out_window AS w
JOIN window_part AS p
    ON p.time_at_risk = w.time_at_risk AND p.person_no = w.person_no AND p.newer = w.cohort
    AND w.window_start <= p.part_start AND w.window_end >= p.part_end
