-- What counts. The first join answers for nearly all readings that nobody corrected them, from a table of a few rows;
-- only for the others `correction` is asked. Both are joined flat, so that whoever asks for a device and a time
-- reaches the index of the readings.

create view reading_counted as
select
    r.time,
    case when d.device_id is null then r.value else coalesce(
        (
            select case
                when q.kind = 'direction' then exact.value - 360 * floor(exact.value / 360)
                else exact.value
            end
            from correction c
            join quantity q using (quantity_id)
            cross join lateral (
                select (c.scale * coalesce(
                    (
                        select p.value from correction p
                        where p.device_id = r.device_id and p.kind = 'prefer' and p.revoked_at is null
                          and p.quantity_id = r.quantity_id and p.channel = r.channel
                          and r.time >= p.starts and r.time < p.ends
                        order by p.correction_id desc limit 1
                    ),
                    r.value
                ) + c.offset_)::numeric::double precision as value  -- to 15 digits: without blur
            ) exact
            where c.device_id = r.device_id and c.kind = 'recalibrate' and c.revoked_at is null
              and c.quantity_id = r.quantity_id and (c.channel is null or c.channel = r.channel)
              and (c.starts is null or r.time >= c.starts) and (c.ends is null or r.time < c.ends)
            order by c.correction_id desc limit 1
        ),
        (
            select p.value from correction p
            where p.device_id = r.device_id and p.kind = 'prefer' and p.revoked_at is null
              and p.quantity_id = r.quantity_id and p.channel = r.channel
              and r.time >= p.starts and r.time < p.ends
            order by p.correction_id desc limit 1
        ),
        r.value
    ) end as value,
    r.device_id,
    r.quantity_id,
    r.channel,
    r.quality
from reading r
left join corrected_device d on d.device_id = r.device_id and r.time >= d.starts and r.time < d.ends
where d.device_id is null or not exists (
    select from correction c
    where c.device_id = r.device_id and c.kind = 'annul' and c.revoked_at is null
      and (c.quantity_id is null or c.quantity_id = r.quantity_id)
      and (c.channel is null or c.channel = r.channel)
      and (c.starts is null or r.time >= c.starts) and (c.ends is null or r.time < c.ends)
);

comment on view reading_counted is
'有効な測定値。reading は測定されたままの値で、書き換えない。無効とされた値(annul)は除き、不一致のうち採用された値(prefer)に替え、補正(recalibrate: 値×scale+offset_、方位は0〜360度に戻す)を施す。同じ種類の訂正が重なるときは後のものが有効。無効は取り消されるまで無効。
What counts. reading stays as it was measured. Three questions, each with its own kind of correction: which of several values was measured (prefer), how it is to be read (recalibrate: value * scale + offset_, a direction brought back to 0-360), whether it counts at all (annul). Of several corrections of one kind the latest counts; what is annulled stays so until that is revoked, whatever comes later.';
