-- Purpose: Indicators that hold the registry against figures from outside: how many persons there are, how they are spread
--   over sex and age, and how many rows an earlier extract had. Without such a figure there is nothing to count over.
-- Reads: person, person_sight, registry_rule, prevalence_figure, national_figure, earlier_row, table_tally
-- Writes: outside_indicator
-- Grain: one row an indicator
-- Binds: none
-- Days: none counted; age in completed years at the data cut
WITH alive AS (
    SELECT
        p.sex,
        year(r.data_cut_date) - year(p.birth_date) - CASE
            WHEN month(r.data_cut_date) * 100 + day(r.data_cut_date) >= month(p.birth_date) * 100 + day(p.birth_date) THEN 0
            WHEN month(p.birth_date) = 2 AND day(p.birth_date) = 29 AND month(r.data_cut_date) = 2
                AND day(r.data_cut_date) = 28 AND month(r.data_cut_date + 1) = 3 THEN 0
            ELSE 1
        END AS age
    FROM person AS p
    JOIN person_sight AS s ON s.person_id = p.person_id
    CROSS JOIN registry_rule AS r
    WHERE s.is_alive
),
here AS (
    SELECT count(*) AS persons FROM alive
),
stated AS (
    SELECT coalesce(max(persons), 0) AS persons FROM prevalence_figure
),
cell AS (
    SELECT n.sex, n.age_from, n.persons AS figure, count(a.sex) AS persons
    FROM national_figure AS n
    LEFT JOIN alive AS a ON a.sex = n.sex AND a.age >= n.age_from AND a.age <= n.age_to
    GROUP BY n.sex, n.age_from, n.persons
),
total AS (
    SELECT
        CAST(coalesce(sum(figure), 0) AS BIGINT) AS figures, CAST(coalesce(sum(persons), 0) AS BIGINT) AS persons
    FROM cell
),
difference AS (
    SELECT
        greatest(
            c.persons * t.figures - c.figure * t.persons, c.figure * t.persons - c.persons * t.figures
        ) AS amount
    FROM cell AS c
    CROSS JOIN total AS t
),
unlike AS (
    SELECT CAST(coalesce(sum(amount), 0) AS BIGINT) AS amount FROM difference
),
earlier AS (
    SELECT
        CAST(coalesce(sum(e.row_count), 0) AS BIGINT) AS all_rows,
        CAST(coalesce(sum(greatest(e.row_count - coalesce(t.source_rows, 0), 0)), 0) AS BIGINT) AS fewer
    FROM earlier_row AS e
    LEFT JOIN table_tally AS t ON t.table_name = e.table_name
)
SELECT 'prevalence_covered' AS indicator, CASE WHEN s.persons > 0 THEN h.persons ELSE 0 END AS numerator,
    s.persons AS denominator
FROM here AS h CROSS JOIN stated AS s
UNION ALL
SELECT 'age_sex_unlike_national' AS indicator, u.amount AS numerator, 2 * t.persons * t.figures AS denominator
FROM unlike AS u CROSS JOIN total AS t
UNION ALL
SELECT 'rows_fewer_than_before' AS indicator, fewer AS numerator, all_rows AS denominator FROM earlier
