-- Purpose: How many there were in the window: days on which a relapse began, substances begun, diagnoses of a code list,
--     medicines taken. An undated diagnosis or medicine does not count; a medicine counts that was taken on one of the days.
-- Reads: covariate_asked, relapse, treatment, covariate_substance, drop_rule, person_in_study, comorbidity, matched_code,
--     comedication, covariate_atc
-- Writes: covariate_count
-- Grain: one row a cohort, person and covariate, where there was one
-- Binds: none
-- Days: both ends of the window count
WITH found AS (
    SELECT a.cohort, a.person_no, a.covariate, count(DISTINCT r.onset_date) AS times
    FROM covariate_asked AS a
    JOIN relapse AS r
        ON r.person_id = a.person_id AND r.onset_date >= a.first_day AND r.onset_date <= a.last_day
    WHERE a.kind = 'relapses'
    GROUP BY a.cohort, a.person_no, a.covariate
    UNION ALL
    SELECT a.cohort, a.person_no, a.covariate, count(DISTINCT t.substance) AS times
    FROM covariate_asked AS a
    JOIN treatment AS t
        ON t.person_id = a.person_id AND t.start_date >= a.first_day AND t.start_date <= a.last_day
    JOIN person_in_study AS p ON p.person_no = a.person_no
    CROSS JOIN drop_rule AS x
    LEFT JOIN covariate_substance AS s ON s.covariate = a.covariate AND s.substance = t.substance
    WHERE
        a.kind = 'prior_treatments' AND (NOT a.by_class OR s.substance IS NOT NULL)
        AND NOT (x.treatment_before_birth AND coalesce(t.start_date < p.birth_date, false))
        AND NOT (x.treatment_after_death AND coalesce(t.start_date > p.recorded_death_date, false))
    GROUP BY a.cohort, a.person_no, a.covariate
    UNION ALL
    SELECT a.cohort, a.person_no, a.covariate, count(DISTINCT m.onset_date) AS times
    FROM covariate_asked AS a
    JOIN comorbidity AS m
        ON m.person_id = a.person_id AND m.onset_date >= a.first_day AND m.onset_date <= a.last_day
    JOIN matched_code AS c
        ON c.outcome = a.code_key AND c.system = m.system AND c.code = m.code AND c.pt_code IS NOT DISTINCT FROM m.pt_code
    WHERE a.kind = 'comorbidity'
    GROUP BY a.cohort, a.person_no, a.covariate
    UNION ALL
    SELECT a.cohort, a.person_no, a.covariate, count(DISTINCT m.start_date) AS times
    FROM covariate_asked AS a
    JOIN comedication AS m
        ON m.person_id = a.person_id AND m.start_date <= a.last_day
        AND coalesce(m.stop_date, a.last_day) >= a.first_day
    JOIN covariate_atc AS c ON c.covariate = a.covariate AND substr(m.atc, 1, length(c.atc)) = c.atc
    GROUP BY a.cohort, a.person_no, a.covariate
)
SELECT cohort, person_no, covariate, CAST(times AS BIGINT) AS times
FROM found
