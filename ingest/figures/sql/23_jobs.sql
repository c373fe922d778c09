-- The background jobs: when each ran, when it is due again, and whether somebody is there to run it. The runner reads
-- `due_at` here too, so that the page and the runner have one rule.

create view figure_job_lane as
select
    l.lane,
    -- The lock of a lane is not seen from a standby: then nobody knows.
    case when pg_is_in_recovery() then null else exists (
        select from pg_locks k
        where k.locktype = 'advisory' and k.granted and k.objsubid = 1 and k.classid = 0 and k.objid = l.lock::oid
          and k.database = (select d.oid from pg_database d where d.datname = current_database())
    ) end as held
from (values ('short', 1280266059), ('long', 1213158739), ('reports', 1380274255)) l (lane, lock);

comment on view figure_job_lane is
'定期処理の列(lane)。同じ列の処理は一つずつ順に、別の列の処理は並んで動く。held: その列を受け持つ取込サービスがつながっている(待機系のデータベースからは分からないので空)。
The lanes of the background jobs: jobs of one lane run one after the other, the lanes beside each other. held: a service that runs the jobs of this lane is connected (null on a standby, where this is not seen).';

create view figure_job as
with run as (
    select
        r.*,
        -- An older service notes success and failure, and no end of its own.
        greatest(r.ended_at, r.succeeded_at, r.failed_at) as last_end,
        coalesce(r.failed_at > coalesce(r.succeeded_at, '-infinity'), false) as failing
    from housekeeping_run r where r.retired_at is null
),
due as (
    select
        r.*,
        coalesce(r.started_at > coalesce(r.last_end, '-infinity'), false) as unfinished,
        case
            when r.started_at is null then null
            when r.started_at > coalesce(r.last_end, '-infinity')  -- cut off, unless it runs at this moment
                then r.started_at + least(r.every_s, 60) * interval '1 second'
            when r.failing then coalesce(r.retry_at, r.failed_at + least(r.every_s, 60) * interval '1 second')
            else r.started_at + r.every_s * interval '1 second'
        end as due_at
    from run r
)
select
    d.job, d.lane, d.title_ja, d.title_en, d.purpose_ja, d.purpose_en, d.every_s, d.started_at,
    d.last_end as ended_at, d.succeeded_at, d.seconds,
    case when d.failing then d.error end as error,
    case when d.failing then coalesce(d.failing_since, d.failed_at) end as failing_since,
    case when d.failing then greatest(d.failures, 1) else 0 end as failures,
    d.due_at,
    coalesce(d.due_at <= clock_timestamp(), true) as due,
    case
        when d.failing then 'failing'
        when d.started_at is null then 'never'
        when d.unfinished and l.held is not false then 'running'
        when d.due_at < clock_timestamp() - interval '15 minutes' then 'overdue'
        else 'well'
    end as state
from due d left join figure_job_lane l using (lane);

comment on view figure_job is
'定期処理ごとの現在の状態。started_at と ended_at: 最後の実行の開始と終了、seconds: かかった秒数、succeeded_at: 最後の成功。due_at: 次の予定(失敗の後は再試行の時刻、途中で切れたときは1分後。未実行なら空)。failing_since、failures、error: 失敗が続いているときだけ、その始まり・回数・最後の理由。state: failing(失敗)、never(未実行)、running(実行中)、overdue(予定を15分以上過ぎた)、well(正常)。
Each background job at this moment. started_at, ended_at: of its last run, seconds: how long that took, succeeded_at: the last success. due_at: when it runs next (after a failure the next attempt, after a run that was cut off a minute later; null if it never ran). failing_since, failures, error: only while it fails: since when, how often, the last reason. state: failing, never (has not run yet), running, overdue (by more than 15 minutes), well.';
