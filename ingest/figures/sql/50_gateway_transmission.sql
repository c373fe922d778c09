-- What gateways sent themselves (下り), as far as their network server tells how long it was.

create view figure_gateway_transmission as
select
    a.gateway_id, a.time, (said.frame ->> 'airtime_ms')::double precision as airtime_ms,
    (said.frame ->> 'frequency_hz')::bigint as frequency_hz, (said.frame ->> 'spreading_factor')::integer as spreading_factor,
    (said.frame ->> 'bytes')::integer as bytes
from gateway_event a
cross join lateral (
    select min(s.place)::integer as place
    from jsonb_array_elements_text(a.more -> 'status') with ordinality s (status, place) where s.status = 'OK'
) took
left join lateral (
    select c.more -> 'items' -> (took.place - 1) as frame
    from gateway_event c
    where c.gateway_id = a.gateway_id and c.kind = 4 and c.more ->> 'downlink_id' = a.more ->> 'downlink_id'
      and c.time >= a.time - interval '1 hour' and c.time <= a.time + interval '1 hour'
    order by greatest(c.time - a.time, a.time - c.time), c.time, c.message_id limit 1
) said on true
where a.kind = 3 and took.place is not null and not exists (
    select from gateway_event b
    where b.gateway_id = a.gateway_id and b.kind = 3 and b.more ->> 'downlink_id' = a.more ->> 'downlink_id'
      and b.time >= a.time - interval '1 hour' and (b.time, b.message_id) < (a.time, a.message_id)
      and b.more -> 'status' ? 'OK'
);

comment on view figure_gateway_transmission is
'基地局が実際に送ったフレーム(下り)1件ごと。基地局の返事(event/ack)に OK があるもの。time: その返事を受けた時刻(実際の送信とは数秒以内)。airtime_ms: 通信サーバーの指示(command/down)のうち OK となった候補の送信時間。指示が届いていない、または変調の分からないものは値なし(0ではない)。同じ番号の返事が1時間以内に再び来ても1件。返事のない指示は、送ったとは言えないため数えない。指示によらない送信(クラスBのビーコンなど)は含まない。
One row for each frame that a gateway did send (downlink): its answer (event/ack) has an OK. time: when that answer came (within seconds of the emission). airtime_ms: of the alternative of the command (command/down) that was taken; null (never 0) where the command did not come in, or its modulation is not known. An answer of the same number that comes again within an hour is the same frame. A command without an answer is not counted: nobody says that it was sent. What no command tells to send (beacons of class B) is not in it.';
