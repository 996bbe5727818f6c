-- Purpose: What the records say of treatment with an exposure, row by row: episodes and doses, each with its last day. An
--     episode without a stop ends as the protocol says, or is dropped.
-- Reads: treatment, administration, exposure_rule, exposure_substance, registry_rule, person_in_study, drop_rule
-- Writes: supply
-- Grain: one row a person, exposure, substance and recorded row
-- Binds: none
-- Days: both ends count; without a stop an episode lasts at least its first day; a dose lasts its effect days
SELECT
    p.person_no,
    e.exposure,
    t.substance,
    t.start_date AS supply_start,
    coalesce(
        t.stop_date,
        CASE e.missing_stop
            WHEN 'last_contact' THEN greatest(t.start_date, least(p.last_contact_date, r.data_cut_date))
            WHEN 'fixed_days' THEN greatest(t.start_date, least(t.start_date + e.missing_stop_days - 1, r.data_cut_date))
            ELSE r.data_cut_date
        END
    ) AS supply_end
FROM treatment AS t
JOIN person_in_study AS p ON p.person_id = t.person_id
JOIN exposure_substance AS s ON s.substance = t.substance
JOIN exposure_rule AS e ON e.exposure = s.exposure AND e.source = 'treatment'
CROSS JOIN registry_rule AS r
CROSS JOIN drop_rule AS x
WHERE
    (t.stop_date IS NOT NULL OR e.missing_stop <> 'drop')
    AND NOT (x.treatment_before_birth AND coalesce(t.start_date < p.birth_date, false))
    AND NOT (x.treatment_after_death AND coalesce(t.start_date > p.recorded_death_date, false))
UNION ALL
SELECT
    p.person_no,
    e.exposure,
    a.substance,
    a.date AS supply_start,
    a.date + e.effect_days AS supply_end
FROM administration AS a
JOIN person_in_study AS p ON p.person_id = a.person_id
JOIN exposure_substance AS s ON s.substance = a.substance
JOIN exposure_rule AS e ON e.exposure = s.exposure AND e.source = 'administration'
CROSS JOIN drop_rule AS x
WHERE NOT (x.dose_after_death AND coalesce(a.date > p.recorded_death_date, false))
