-- Purpose: Persons of an OMOP model: birth as far as year, month and day are there, and death.
-- Reads: cdm_person, cdm_death, source_code
-- Writes: raw_person
-- Grain: one row a person and record of death
-- Binds: none
-- Days: none counted; dates are texts as the source has them
SELECT
    p.person_id,
    p.gender_concept_id,
    CASE
        WHEN p.month_of_birth IS NULL THEN p.year_of_birth
        WHEN p.day_of_birth IS NULL THEN p.year_of_birth || '-' || lpad(p.month_of_birth, 2, '0')
        ELSE p.year_of_birth || '-' || lpad(p.month_of_birth, 2, '0') || '-' || lpad(p.day_of_birth, 2, '0')
    END AS birth,
    p.care_site_id,
    d.death_date,
    CASE WHEN s.code_system = 'ICD-10' THEN s.code END AS cause_of_death
FROM cdm_person AS p
LEFT JOIN cdm_death AS d ON d.person_id = p.person_id
LEFT JOIN source_code AS s ON s.concept_id = d.cause_source_concept_id
