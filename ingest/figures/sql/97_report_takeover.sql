-- What the next operator of a project takes over: devices and networks, who may come in, where the data are. No secrets.

create function figure_takeover_device(project_code text)
returns table (
    device text, device_name text, network text, network_name text, technology text, gateway text, model text, serial text,
    profile text, dev_eui text, things_stack_id text, sparkplug_id text, client_id text, account text, interval_s integer,
    enabled boolean, published boolean, installed_on date, technical_conformity text, verification_until date,
    last_received_at timestamptz
)
language sql stable as $$
    select d.code, d.name, n.code, n.name, n.kind, g.code, d.model, d.serial, f.code, d.dev_eui, d.things_stack_id,
        d.sparkplug_id, d.client_id,
        case
            when n.kind = 'lpwa' and coalesce(d.dev_eui, d.things_stack_id) is not null then 'server'
            when d.sparkplug_id like '%/%/%' then 'node'
            else 'own'
        end,
        d.interval_s, d.enabled, d.published, d.installed_on, a.technical_conformity, a.verification_until, l.received_at
    from device d
    join project p using (project_id)
    join network n using (network_id)
    left join gateway g using (gateway_id)
    left join profile f using (profile_id)
    left join asset a on a.device_id = d.device_id and a.project_id = d.project_id and a.disposed_on is null
    left join rollup_last_uplink l on l.device_id = d.device_id
    where p.code = project_code
$$;

comment on function figure_takeover_device is
'引き継ぐ機器: 識別子と設定。account: ブローカーでの名乗り方。own 機器ごとのアカウント、server ネットワークサーバー経由、node Sparkplug のノード経由。鍵・パスワードはどこにも保存していない。last_received_at: 最後の受信。
The devices that are taken over: identities and settings. account: how it comes to the broker: by an account of its own, by the network server, or by its Sparkplug node. Keys and passwords are kept nowhere.';

create function figure_takeover_network(project_code text)
returns table (
    network text, network_name text, technology text, gateways bigint, devices bigint, through text,
    last_received_at timestamptz
)
language sql stable as $$
    select n.code, n.name, n.kind, (select count(*) from gateway g where g.network_id = n.network_id),
        count(d.device_id), string_agg(distinct case
            when d.things_stack_id is not null then 'The Things Stack'
            when d.sparkplug_id is not null then 'Sparkplug'
            when d.dev_eui is not null then 'LoRaWAN'
            when d.device_id is not null then 'MQTT'
        end, '、'), max(l.received_at)
    from network n
    join project p using (project_id)
    left join device d on d.network_id = n.network_id
    left join rollup_last_uplink l on l.device_id = d.device_id
    where p.code = project_code
    group by n.network_id
$$;

comment on function figure_takeover_network is
'引き継ぐ通信網: 基地局と機器の数、台帳の識別子から分かる接続の仕方(through)、最後の受信。
The networks that are taken over: gateways, devices, how they are connected as the identities of the registry tell, the last reception.';

create function figure_takeover_access(project_code text)
returns table (role text, reach text, people bigint, second_factor bigint)
language sql stable as $$
    select m.role, r.reach, count(distinct e.person_id),
        count(distinct e.person_id) filter (where e.totp_key is not null or e.issuer is not null)
    from membership m
    join person e on e.person_id = m.person_id and e.disabled_at is null
    join project p on p.code = project_code
    left join organisation o on o.code = p.organisation_code
    left join network n on n.network_id = m.network_id
    cross join lateral (
        select case
            when m.project_id = p.project_id then 'project'
            when m.organisation_id = o.organisation_id then 'organisation'
            when n.project_id = p.project_id then 'network'
            when num_nonnulls(m.project_id, m.organisation_id, m.network_id) = 0 then 'everything'
            when m.organisation_id in (select s.organisation_id from project_share s where s.project_id = p.project_id)
                then 'share'
        end as reach
    ) r
    where r.reach is not null
    group by m.role, r.reach
$$;

comment on function figure_takeover_access is
'事業に入れる利用者の数、役割と及ぶ範囲ごと。reach: project 事業、organisation 団体、network 通信網(設置者)、everything 全体、share 共有先の団体(役割は共有で下がることがある)。停止した人は含めない。second_factor: 二段階認証または外部の認証を使う人。
How many people may come in, by role and reach: the project, its organisation, one network, everything, or an organisation with which it is shared (there the role may be less). Without those who are disabled.';

create function figure_takeover_token(project_code text)
returns table (
    name text, made_by text, scopes text[], created_at timestamptz, expires_at timestamptz, last_used_at timestamptz,
    maker_disabled boolean
)
language sql stable as $$
    select t.name, e.name, t.scopes, t.created_at, t.expires_at, t.last_used_at, e.disabled_at is not null
    from api_token t
    join person e using (person_id)
    join project p on p.code = project_code
    left join organisation o on o.code = p.organisation_code
    where t.revoked_at is null and p.project_id = any(coalesce(t.projects, array[p.project_id]))
      and exists (
          select from membership m
          where m.person_id = t.person_id and (
              m.project_id = p.project_id or m.organisation_id = o.organisation_id
              or num_nonnulls(m.project_id, m.organisation_id, m.network_id) = 0
              or m.organisation_id in (select s.organisation_id from project_share s where s.project_id = p.project_id)
          )
      )
$$;

comment on function figure_takeover_token is
'事業のデータに届く API トークン(取り消していないもの、期限切れも含む)。値そのものは保存していない。maker_disabled: 作った人が停止されている。
The tokens that reach data of the project and were not revoked, expired ones too. The secret itself is kept nowhere. maker_disabled: its maker is disabled.';

create function figure_takeover_export(project_code text)
returns table (at timestamptz, actor text, "to" text, from_day text, to_day text, rows bigint)
language sql stable as $$
    select e.at, e.actor, e.after::jsonb ->> 'to', e.after::jsonb ->> 'from_day', e.after::jsonb ->> 'to_day',
        (e.after::jsonb ->> 'rows')::bigint
    from audit_entry e
    where e.action = 'export_made' and e.project = project_code and e.subject = project_code
    order by e.entry_id desc limit 1
$$;

comment on function figure_takeover_export is
'最後に書き出したデータ一式(noroshi export): 時刻、書き出した人、書き出し先、期間、行数。監査ログによる。
The last hand-over of the project that was written (noroshi export), as the audit log has it.';

create function figure_takeover_store(project_code text)
returns table (what text, rows bigint, first_day date, last_day date)
language sql stable as $$
    with p as (select p.project_id from project p where p.code = project_code)
    select 'readings', coalesce(sum(u.readings), 0)::bigint, min(u.day) filter (where u.readings > 0),
        max(u.day) filter (where u.readings > 0)
    from rollup_usage_day u join device d using (device_id) where d.project_id = (select project_id from p)
    union all
    select 'quarantine', count(*), min(rollup_day_of(q.received_at)), max(rollup_day_of(q.received_at))
    from quarantine q where q.project_id = (select project_id from p) and q.replayed_at is null
    union all
    select 'correction', count(*), min(rollup_day_of(c.made_at)), max(rollup_day_of(c.made_at))
    from correction c join device d using (device_id) where d.project_id = (select project_id from p)
    union all
    select 'plan_version', count(*), min(rollup_day_of(v.entered_at)), max(rollup_day_of(v.entered_at))
    from plan_version v where v.project_id = (select project_id from p)
    union all
    select 'plan_snapshot', count(*), min(s.first_day), max(s.until_day - 1)
    from plan_snapshot s where s.project_id = (select project_id from p)
    union all
    select 'work_entry', count(*), min(rollup_day_of(w.starts)), max(rollup_day_of(w.starts))
    from work_entry w where w.project_id = (select project_id from p)
    union all
    select 'outage', count(*), min(rollup_day_of(o.starts)), max(rollup_day_of(o.starts))
    from outage o where o.project_id = (select project_id from p) and o.withdrawn_at is null
    union all
    select 'asset', count(*), min(a.acquired_on), max(a.acquired_on)
    from asset a where a.project_id = (select project_id from p)
    union all
    select 'report', count(*), min(r.first_day), max(r.last_day)
    from report r where r.project_id = (select project_id from p) and r.state = 'frozen'
$$;

comment on function figure_takeover_store is
'データベースにある事業の記録の件数と期間。readings 測定値(日ごとに集計済みの分)、quarantine 隔離中、correction 訂正、plan_version 計画の版、plan_snapshot 確定した実績、work_entry 作業記録、outage 停止、asset 資産、report 提出版の報告書。
What the database holds of a project: rows and days. readings: those that are summed up by day.';
