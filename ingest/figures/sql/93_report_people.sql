-- Who may use a project, by department, and what the audit log says of its security. For those who may read it.

create function figure_report_people(project_code text)
returns table (department text, people bigint, second_factor bigint)
language sql stable as $$
    select e.department, count(*), count(*) filter (where e.totp_key is not null or e.issuer is not null)
    from person e
    where e.disabled_at is null and exists (
        select from membership m
        join project p on p.code = project_code
        left join organisation o on o.code = p.organisation_code
        where m.person_id = e.person_id and m.network_id is null
          and (m.project_id = p.project_id or m.organisation_id = o.organisation_id)
    )
    group by e.department
$$;

comment on function figure_report_people is
'事業またはその団体の権限を持つ利用者の数、所属(課)ごと。停止した人、設置業者、全体の管理者は含めない。second_factor: 二段階認証または外部の認証を使う人。
People with a role in the project or its organisation by department; without those who are disabled, installers, and administrators of everything. second_factor: those with a second factor or who sign in elsewhere.';

create function figure_report_audit(project_code text, from_ timestamptz, to_ timestamptz)
returns table (action text, entries bigint, last_at timestamptz)
language sql stable as $$
    select e.action, count(*), max(e.at)
    from audit_entry e
    join project p on p.code = project_code
    where e.at >= from_ and e.at < to_
      and (e.project = p.code or e.project is null and e.organisation = p.organisation_code)
    group by e.action
$$;

comment on function figure_report_audit is
'監査ログの件数、種類(action)ごと: この事業についてのもの、および事業を特定しない、その団体についてのもの。
Entries of the audit log by kind: about the project, and about its organisation where no project is named.';
