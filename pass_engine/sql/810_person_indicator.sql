-- Purpose: Indicators of persons: what is known of them, whether they are followed, whether their age can be.
-- Reads: person, person_sight, disease, mapped_person, registry_rule
-- Writes: person_indicator
-- Grain: one row an indicator
-- Binds: none
-- Days: seen within n days: at most n days before the cut, whose day is not counted; 110 years are 40,178 days
WITH smoker AS (
    SELECT DISTINCT person_id
    FROM mapped_person
    WHERE smoking IN ('never', 'former', 'current')
),
known AS (
    SELECT
        person_id,
        max(diagnosis_date) AS diagnosis_date,
        max(onset_date) AS onset_date
    FROM disease
    GROUP BY person_id
),
described AS (
    SELECT
        p.birth_date, p.sex, p.death_date, p.cause_of_death, p.registry_entry_date, s.is_alive, s.observed_days,
        d.diagnosis_date, d.onset_date, r.data_cut_date,
        k.person_id IS NOT NULL AS smoking_known,
        coalesce(date_diff('day', s.last_seen_date, r.data_cut_date) <= 365, false) AS seen_in_a_year,
        coalesce(date_diff('day', s.last_seen_date, r.data_cut_date) <= 730, false) AS seen_in_two_years
    FROM person AS p
    JOIN person_sight AS s ON s.person_id = p.person_id
    CROSS JOIN registry_rule AS r
    LEFT JOIN known AS d ON d.person_id = p.person_id
    LEFT JOIN smoker AS k ON k.person_id = p.person_id
),
counted AS (
    SELECT
        count(*) AS persons,
        count(birth_date) AS born,
        count(CASE WHEN sex IN ('female', 'male', 'other') THEN 1 END) AS sexed,
        count(diagnosis_date) AS diagnosed,
        count(onset_date) AS first_felt,
        count(CASE WHEN smoking_known THEN 1 END) AS smoking,
        count(death_date) AS died,
        count(CASE WHEN death_date IS NOT NULL THEN cause_of_death END) AS died_of,
        count(CASE WHEN observed_days >= 365 THEN 1 END) AS observed,
        count(CASE WHEN is_alive THEN 1 END) AS alive,
        count(CASE WHEN is_alive AND seen_in_a_year THEN 1 END) AS seen,
        count(CASE WHEN is_alive AND seen_in_two_years THEN 1 END) AS seen_lately,
        count(CASE WHEN is_alive AND NOT seen_in_two_years THEN 1 END) AS lost,
        count(
            CASE WHEN birth_date > registry_entry_date
                OR (death_date IS NULL AND date_diff('day', birth_date, data_cut_date) > 40178) THEN 1 END
        ) AS too_old
    FROM described
)
SELECT 'birth_date_known' AS indicator, born AS numerator, persons AS denominator FROM counted
UNION ALL
SELECT 'sex_known' AS indicator, sexed AS numerator, persons AS denominator FROM counted
UNION ALL
SELECT 'diagnosis_date_known' AS indicator, diagnosed AS numerator, persons AS denominator FROM counted
UNION ALL
SELECT 'first_symptoms_known' AS indicator, first_felt AS numerator, persons AS denominator FROM counted
UNION ALL
SELECT 'smoking_known' AS indicator, smoking AS numerator, persons AS denominator FROM counted
UNION ALL
SELECT 'death_cause_known' AS indicator, died_of AS numerator, died AS denominator FROM counted
UNION ALL
SELECT 'observed_a_year' AS indicator, observed AS numerator, persons AS denominator FROM counted
UNION ALL
SELECT 'seen_in_12_months' AS indicator, seen AS numerator, alive AS denominator FROM counted
UNION ALL
SELECT 'seen_in_24_months' AS indicator, seen_lately AS numerator, alive AS denominator FROM counted
UNION ALL
SELECT 'lost_to_follow_up' AS indicator, lost AS numerator, alive AS denominator FROM counted
UNION ALL
SELECT 'birth_implausible' AS indicator, too_old AS numerator, born AS denominator FROM counted
