-- What a change of the completeness is split among.

create function figure_plan_unit(
    project_code text, first_day date, until_day date, now_ timestamptz, scope jsonb default null
)
returns table (
    network text, network_name text, device text, device_name text, expected bigint, sent bigint, arrived bigint,
    valid bigint
)
language sql stable as $$
    select d.network, d.network_name, d.device, d.device_name, sum(d.expected)::bigint, sum(d.sent)::bigint,
        sum(d.arrived)::bigint, sum(d.valid)::bigint
    from figure_plan_device(project_code, first_day, until_day, now_, scope) d
    group by d.network, d.network_name, d.device, d.device_name
    having sum(d.expected) > 0
$$;

comment on function figure_plan_unit is
'要因分析の単位: 通信網の中の1機器ごとの 期待受信数・送信・到着・有効(figure_plan_device の合計)。期間の途中で通信網を移った機器は、通信網ごとに1行。期待受信数のない機器の行はない。
What a change of the completeness is split among: expected, sent, arrived and valid of one device in one network (sums of figure_plan_device). A device that was moved has a row in each network. None of a device of which nothing was expected.';
