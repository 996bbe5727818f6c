-- Purpose: Cohort entry: a person's first entry, from which values at entry and follow-up run. A category of
--     overlapping days has those members of the exposure that began later who entered the one that began earlier as well.
-- Reads: entry_era, cohort_rule
-- Writes: cohort_entry
-- Grain: one row a cohort and person
-- Binds: none
-- Days: none counted
SELECT
    n.cohort,
    n.person_no,
    n.era_no,
    n.entry_date
FROM entry_era AS n
JOIN cohort_rule AS r ON r.cohort = n.cohort
LEFT JOIN entry_era AS o ON o.cohort = r.also_entered AND o.person_no = n.person_no AND o.entry_no = 1
WHERE n.entry_no = 1 AND (r.also_entered IS NULL OR o.person_no IS NOT NULL)
