-- How much the pages are used (利用実績): counts by month, organisation, project and department; never single persons.

create function figure_use(from_ timestamptz, to_ timestamptz, least_people integer)
returns table (
    level text, month date, organisation text, project text, department text,
    people bigint, sign_ins bigint, page_views bigint, downloads bigint, reports bigint, programs bigint
)
language sql stable as $$
    with entry as (
        select l.level, date_trunc('month', e.at at time zone 'Asia/Tokyo')::date as month, e.organisation,
            case l.level when 'project' then e.project end as project, e.department, e.actor, e.action,
            e.actor like 'token:%' as is_program,
            e.actor <> '' and e.actor <> 'service' and e.actor not like 'token:%' and e.actor not like 'command:%'
                as is_person
        from audit_entry e cross join (values ('organisation'), ('project')) l (level)
        where e.at >= from_ and e.at < to_ and (l.level = 'organisation' or e.project is not null)
          and e.action in ('signed_in', 'page_seen', 'data_downloaded', 'export_made', 'report_made')
    ),
    size as (
        select e.level, e.month, e.organisation, e.project, e.department,
            count(distinct e.actor) filter (where e.is_person) as people
        from entry e group by 1, 2, 3, 4, 5
        having count(*) filter (where e.is_person) > 0
    ),
    ranked as (                  -- the smallest first: with them is put so much that the others are enough people
        select s.*, min(s.people) over whole as fewest,
            coalesce(sum(s.people) over (whole order by s.people, s.department rows between unbounded preceding and 1 preceding), 0)
                as people_before
        from size s
        window whole as (partition by s.level, s.month, s.organisation, s.project)
    ),
    named as (
        select r.level, r.month, r.organisation, r.project, r.department
        from ranked r
        where r.fewest >= least_people or (r.people >= least_people and r.people_before >= least_people)
    ),
    placed as (                  -- a department without people, of programs or commands alone, is among the others too
        select e.*, case when n.level is not null or least_people <= 1 then e.department else 'その他' end as place
        from entry e
        left join named n on n.level = e.level and n.month = e.month and n.department = e.department
          and n.organisation is not distinct from e.organisation and n.project is not distinct from e.project
    )
    select p.level, p.month, p.organisation, p.project, p.place,
        count(distinct p.actor) filter (where p.is_person),
        count(*) filter (where p.action = 'signed_in' and p.is_person),
        count(*) filter (where p.action = 'page_seen' and p.is_person),
        count(*) filter (where p.action in ('data_downloaded', 'export_made') and not p.is_program),
        count(*) filter (where p.action = 'report_made' and not p.is_program),
        count(distinct p.actor) filter (where p.is_program)
    from placed p
    group by grouping sets ((p.level, p.month, p.organisation, p.project), (p.level, p.month, p.organisation, p.project, p.place))
$$;

comment on function figure_use is
'利用実績: from_ から to_ までの利用を、監査ログから日本の暦月ごとに数える。level: organisation(団体ごと、project は空)か project(事業ごと)。department が空の行はその全体、ほかは所属(課)ごと。people: 利用した人数(同じ人は一度だけ)、sign_ins: サインイン、page_views: 画面の閲覧(一人・画面の種類・1時間につき一回)、downloads: データのダウンロードと書き出し、reports: 報告書の作成、programs: API を使ったプログラム(トークン)の数。コマンドと自動処理は人に数えず、コマンドの書き出しと報告書は件数に数える。人数が least_people 未満の所属は「その他」にまとめ、それでも least_people 人に満たなければ次に少ない所属も加える(1以下ならまとめない)。個人は示さない。
How much is used from from_ to to_, counted from the audit log by calendar month of Japan. level: organisation (project is null) or project. A row without department is about the whole, the others about one department. people: distinct people; sign_ins; page_views (one per person, kind of page and hour); downloads: downloads and exports; reports: reports made; programs: distinct tokens that used the API. Commands and the service are no people; exports and reports made by commands are counted. Departments with fewer people than least_people are put together as その他, with the next smallest department where that is still too few (1 or less: none is). Single persons are never shown.';
