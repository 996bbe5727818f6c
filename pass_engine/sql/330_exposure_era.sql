-- Purpose: Eras of every exposure, and of the states that lie between them: not yet begun, and past. A category of
--     overlapping days has the eras of the exposure that began later.
-- Reads: era_span, exposure_rule, observation, registry_rule
-- Writes: exposure_era
-- Grain: one row a person, exposure and era
-- Binds: none
-- Days: both ends count; waiting runs from the first day of observation to the day before the awaited era, a past state
--     from the day after an era (and the days after it that the protocol keeps apart) to the day before the next one
WITH treated AS (
    SELECT
        person_no,
        exposure,
        era_no,
        min(span_start) AS era_start,
        max(span_end) AS era_end
    FROM era_span
    GROUP BY person_no, exposure, era_no
),
first_observed AS (
    SELECT
        person_no,
        min(observation_start) AS era_start
    FROM observation
    GROUP BY person_no
),
first_treated AS (
    SELECT
        person_no,
        exposure,
        min(era_start) AS awaited_start
    FROM treated
    GROUP BY person_no, exposure
),
waiting AS (
    SELECT
        o.person_no,
        e.exposure,
        CAST(1 AS BIGINT) AS era_no,
        o.era_start,
        coalesce(t.awaited_start - 1, r.data_cut_date) AS era_end
    FROM first_observed AS o
    CROSS JOIN registry_rule AS r
    JOIN exposure_rule AS e ON e.kind = 'not_yet'
    LEFT JOIN first_treated AS t ON t.person_no = o.person_no AND t.exposure = e.state_of
),
after_era AS (
    SELECT
        t.person_no,
        e.exposure,
        t.era_end + 1 + e.after_days AS era_start,
        coalesce(
            lead(t.era_start) OVER (PARTITION BY t.person_no, e.exposure ORDER BY t.era_start) - 1, r.data_cut_date
        ) AS era_end
    FROM treated AS t
    JOIN exposure_rule AS e ON e.kind = 'past' AND e.state_of = t.exposure
    CROSS JOIN registry_rule AS r
)
SELECT
    person_no,
    exposure,
    era_no,
    era_start,
    era_end
FROM treated
UNION ALL
SELECT
    person_no,
    exposure,
    era_no,
    era_start,
    era_end
FROM waiting
WHERE era_start <= era_end
UNION ALL
SELECT
    person_no,
    exposure,
    row_number() OVER (PARTITION BY person_no, exposure ORDER BY era_start) AS era_no,
    era_start,
    era_end
FROM after_era
WHERE era_start <= era_end
UNION ALL
SELECT
    t.person_no,
    e.exposure,
    t.era_no,
    t.era_start,
    t.era_end
FROM treated AS t
JOIN exposure_rule AS e ON e.kind = 'overlap_of' AND e.state_of = t.exposure
